/**
 * What `dhip set siren` and `dhip set warning-light` do.
 *
 * @module
 */

import type { Deterrent } from "../camera/mod.ts";
import { DhipError } from "../errors.ts";
import type { Context } from "./context.ts";
import { serviceOf } from "./devices.ts";
import { settingCommand, type SettingValues, switchView } from "./settings.ts";

/** Shows or switches one of them. */
export function deterrentCommand(
  context: Context,
  what: Deterrent,
  value: "on" | "off" | undefined,
  options: SettingValues,
): Promise<number> {
  return settingCommand(context, options, {
    async read(device, channel, signal) {
      const state = await serviceOf(device, "deterrent").state(channel, { signal });
      if (state.has?.includes(what) ?? state[what] !== null) return { on: state[what] };
      throw new DhipError("DHIP_NOT_SUPPORTED", `The device has no ${what} on channel ${channel}`, {
        host: device.host,
      });
    },
    plan: value === undefined
      ? undefined
      : (device, channel, limits) =>
        serviceOf(device, "deterrent").plan(channel, what, value === "on", limits),
    view: switchView(what === "siren" ? "Siren" : "Warning light"),
  });
}

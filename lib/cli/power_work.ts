/**
 * What `dhip reboot` and `dhip shutdown` do on one device.
 *
 * @module
 */

import type { PowerOutcome, RebootOutcome } from "../camera/mod.ts";
import { DhipError } from "../errors.ts";
import { lengthText } from "./amounts.ts";
import type { Context, DeviceWork } from "./context.ts";
import { serviceOf } from "./devices.ts";
import type { View } from "./view.ts";

const STEPS = {
  "going-down": "waiting until it goes down",
  down: "waiting until it is back",
  up: "it is back",
} as const;

/** Restarts; `wait` is the longest wait in milliseconds, undefined for none. */
export function rebootWork(
  { log, signal }: Context,
  wait: number | undefined,
): DeviceWork<RebootOutcome> {
  return async (device, { name }) => {
    const onStep = (step: keyof typeof STEPS) => log.notice(`${name}: ${STEPS[step]}`);
    return await serviceOf(device, "power").reboot({ wait, onStep, signal });
  };
}

/** Switches off. */
export function shutdownWork({ signal }: Context): DeviceWork<PowerOutcome> {
  return async (device) => await serviceOf(device, "power").shutdown({ signal });
}

/** The error of an order that the device may not have heard. A restart that was seen was heard. */
export function unheardError(
  { confirmed, back = null }: PowerOutcome & Partial<RebootOutcome>,
): DhipError | undefined {
  if (confirmed || back !== null) return undefined;
  return new DhipError("DHIP_TIMEOUT", "The device did not answer, and can still be reached", {
    hint: "It may do what it was told, or not. Look at it before telling it again.",
  });
}

/** How an order looks; `state` is what the device now is. */
export function powerView(state: string): View<PowerOutcome> {
  return {
    table: ({ confirmed }) => ({
      head: ["Device"],
      rows: [[confirmed ? state : `${state}?`]],
      record: true,
    }),
  };
}

/** How a restart looks. */
export const rebootView: View<RebootOutcome> = {
  table({ confirmed, back }, several) {
    if (back === null) return powerView("restarting").table({ confirmed }, several);
    return { head: ["Device"], rows: [[`back after ${lengthText(back / 1000)}`]], record: true };
  },
};

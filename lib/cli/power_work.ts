/**
 * What `dhip reboot` and `dhip shutdown` do on one device.
 *
 * @module
 */

import type { PowerOutcome, RebootOutcome } from "../camera/mod.ts";
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
    const outcome = await serviceOf(device, "power").reboot({ wait, onStep, signal });
    if (!outcome.confirmed && wait === undefined) {
      log.warning(`${name}: the device did not answer and kept the connection; it may not restart`);
    }
    return outcome;
  };
}

/** Switches off. */
export function shutdownWork({ log, signal }: Context): DeviceWork<PowerOutcome> {
  return async (device, { name }) => {
    const outcome = await serviceOf(device, "power").shutdown({ signal });
    if (!outcome.confirmed) {
      log.warning(`${name}: the device did not answer and kept the connection; it may stay on`);
    }
    return outcome;
  };
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

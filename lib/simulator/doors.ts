/**
 * The door of a door station.
 *
 * @module
 */

import type { DeviceState } from "./state.ts";

/** Seconds that a door stays open when the configuration does not say. */
const HOLD = 2;

/** When each door was last opened, by device. */
const openings = new WeakMap<DeviceState, number>();

/** Opens the door for as long as the table `AccessControl` says. */
export function openDoor(state: DeviceState, user: unknown): void {
  openings.set(state, state.clock.now());
  state.note("Access.Open", { UserID: user ?? null });
}

/** Whether the door is open now. */
export function doorStatus(state: DeviceState): "Open" | "Close" {
  const opened = openings.get(state);
  const [rule] = (state.config.get("AccessControl") ?? []) as { UnlockHoldInterval?: unknown }[];
  const hold = typeof rule?.UnlockHoldInterval === "number" ? rule.UnlockHoldInterval : HOLD;
  return opened !== undefined && state.clock.now() - opened < hold * 1000 ? "Open" : "Close";
}

/**
 * The door of a door station.
 *
 * @module
 */

import type { DeviceState } from "./state.ts";

/** Seconds that a door stays open when the configuration does not say. */
const HOLD = 2;

/** One opening of the door, as the device tells it. */
export interface DoorRecord {
  /** Seconds since 1970. */
  readonly CreateTime: number;
  /** Number of the door, 0-based. */
  readonly Door: number;
  /** 5: opened from afar. */
  readonly Method: number;
  /** Running number. */
  readonly RecNo: number;
  /** 1: it was opened. */
  readonly Status: number;
  /** Who asked for it, as far as that was said. */
  readonly UserID: string;
}

/** Type of the entries in the log. */
const OPENED = "Access.Open";

/** When the door was last opened, by device and the clock that never jumps. */
const openings = new WeakMap<DeviceState, number>();

/** Opens the door for as long as the table `AccessControl` says. */
export function openDoor(state: DeviceState, user: unknown): void {
  openings.set(state, state.clock.now());
  state.note(OPENED, { UserID: typeof user === "string" ? user : "" });
}

/** Whether the door is open now. */
export function doorStatus(state: DeviceState): "Open" | "Close" {
  const opened = openings.get(state);
  const [rule] = (state.config.get("AccessControl") ?? []) as { UnlockHoldInterval?: unknown }[];
  const hold = typeof rule?.UnlockHoldInterval === "number" ? rule.UnlockHoldInterval : HOLD;
  return opened !== undefined && state.clock.now() - opened < hold * 1000 ? "Open" : "Close";
}

/** Every opening that the log still knows, oldest first. */
export function doorRecords(state: DeviceState): DoorRecord[] {
  return state.log.entries().filter(({ type }) => type === OPENED).map((
    { number, time, detail },
  ) => ({
    CreateTime: Math.floor(time / 1000),
    Door: 0,
    Method: 5,
    RecNo: number,
    Status: 1,
    UserID: (detail as { UserID: string }).UserID,
  }));
}

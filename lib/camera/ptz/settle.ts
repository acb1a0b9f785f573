/**
 * Waiting until a camera stands still.
 *
 * @module
 */

import type { Clock } from "../../net/clock.ts";
import { sleep } from "../../net/deadline.ts";
import { DhipError } from "../../errors.ts";
import type { Aim, Arrival, PtzPosition, PtzStatus, SettleOptions } from "./ptz.ts";

/** Time between two looks, in milliseconds. */
const PERIOD = 250;
/** A camera that is elsewhere has to stand still for this long: it may not have begun to move. */
const REST = 1_500;
/** Greatest difference of zoom factors. */
const ZOOM_TOLERANCE = 0.5;

/** What the wait looks at. */
export interface Watched {
  readonly host: string;
  readonly clock: Clock;
  status(): Promise<PtzStatus>;
  isMoving(): Promise<boolean | null>;
}

/** See `PtzService.settle`. */
export async function settle(watched: Watched, options: SettleOptions): Promise<Arrival> {
  const { aim, preset, tolerance = 1, limit = 60_000, signal } = options;
  if (!(tolerance > 0)) throw new RangeError(`No tolerance of ${tolerance}; it is above 0`);
  const { clock, host } = watched;
  const end = clock.now() + limit;
  let restsSince: number | undefined;
  for (;;) {
    const status = await watched.status();
    const moving = await isBusy(status, watched);
    if (moving === null) {
      throw new DhipError("DHIP_NOT_SUPPORTED", "The camera does not tell whether it moves", {
        host,
        hint: "Run the command again without --verify.",
      });
    }
    const now = clock.now();
    restsSince = moving ? undefined : restsSince ?? now;
    const arrived = compare(status, aim, preset, tolerance);
    const rests = restsSince !== undefined && (arrived === true || now - restsSince >= REST);
    if (rests || now >= end) {
      const { position, preset } = status;
      return { position, preset, moving, arrived: moving && arrived === true ? false : arrived };
    }
    await sleep(PERIOD, signal, clock);
  }
}

/** The status tells of both motors, or a question of its own does. */
async function isBusy({ moving, zooming }: PtzStatus, watched: Watched): Promise<boolean | null> {
  if (moving === null) return await watched.isMoving() ?? zooming;
  return moving || zooming === true;
}

/** Whether it is where it should be; null when that cannot be told. */
function compare(
  { position, preset: present }: PtzStatus,
  aim: Aim | undefined,
  preset: number | undefined,
  tolerance: number,
): boolean | null {
  if (preset !== undefined) return present === null ? null : present === preset;
  return aim === undefined || position === null ? null : isAt(position, aim, tolerance);
}

/** True within the tolerance; pan is a circle. A zoom that is not told is not compared. */
export function isAt(position: PtzPosition, { pan, tilt, zoom }: Aim, tolerance: number): boolean {
  const turn = pan === undefined ? 0 : Math.abs(position.pan - pan) % 360;
  const near = Math.min(turn, 360 - turn) <= tolerance &&
    (tilt === undefined || Math.abs(position.tilt - tilt) <= tolerance);
  const zoomed = !zoom || position.zoom === null ||
    Math.abs(position.zoom - zoom) <= ZOOM_TOLERANCE;
  return near && zoomed;
}

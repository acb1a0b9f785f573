/**
 * How PTZ results look.
 *
 * @module
 */

import type {
  Arrival,
  PtzCapabilities,
  PtzPosition,
  PtzStatus,
  Remembered,
} from "../../camera/mod.ts";
import { DhipError } from "../../errors.ts";
import type { Cell, Grid, View } from "../view.ts";

/** What an order was, and how it ended. */
export interface Done {
  /** The order, as on the command line: `left`, `preset go`. */
  readonly order: string;
  /** Channel, 1 is the first. */
  readonly channel: number;
  /** What belongs to it: a speed, a number, a position. */
  readonly [detail: string]: unknown;
  /** Where the camera stands, with `--verify`. */
  readonly arrival?: Arrival;
}

/** An order and its end. A line of python-dhip has no result. */
export const doneView: View<Done | undefined> = {
  table: (done) => done === undefined ? "" : doneGrid(done),
};

function doneGrid({ order, channel, arrival, ...details }: Done): Grid {
  const cells: [string, Cell][] = [["Order", order], ["Channel", channel]];
  for (const [name, value] of Object.entries(details)) {
    if (value === null || value === undefined) continue;
    if (name === "duration") cells.push(["Seconds", Number(value) / 1000]);
    else cells.push([capital(name), value as Cell]);
  }
  if (arrival !== undefined) {
    const { position, preset, moving, arrived } = arrival;
    cells.push(["At pan", position?.pan ?? null], ["At tilt", position?.tilt ?? null]);
    cells.push(["At zoom", position?.zoom ?? null], ["At preset", preset]);
    cells.push(["Moving", moving], ["Arrived", arrived]);
  }
  return { head: cells.map(([head]) => head), rows: [cells.map(([, cell]) => cell)] };
}

/** The error of a camera that stands elsewhere, or still moves. */
export function stoppedElsewhere(done: Done | undefined): DhipError | undefined {
  const { arrival } = done ?? {};
  if (arrival === undefined || (arrival.arrived !== false && !arrival.moving)) return undefined;
  if (arrival.moving) {
    return new DhipError("DHIP_NOT_HELD", "The camera still moves at the end of the wait", {
      hint: "Give it longer with --within.",
    });
  }
  const { position, preset } = arrival;
  const where = position === null
    ? `at preset ${preset}`
    : `at pan ${position.pan}, tilt ${position.tilt}` +
      (position.zoom === null ? "" : `, zoom ${position.zoom}`);
  return new DhipError("DHIP_NOT_HELD", `The camera stands elsewhere: ${where}`, {
    hint: "It may have been moved meanwhile, or cannot reach that; see --tolerance.",
  });
}

/** Looks of a status. */
export const statusView: View<PtzStatus> = {
  table: ({ position, raw, ...rest }) => ({
    head: ["Pan", "Tilt", "Zoom", "Raw", "Moving", "Zooming", "Preset", "Action"],
    rows: [[
      ...positionCells(position),
      raw?.join(" ") ?? null,
      rest.moving,
      rest.zooming,
      rest.preset,
      rest.action,
    ]],
    record: true,
  }),
};

/** Looks of a position: degrees, or the device's own numbers. */
export const positionView: View<PtzPosition | readonly number[] | null> = {
  table: (position) =>
    Array.isArray(position)
      ? { head: position.map((_, axis) => AXES[axis] ?? `Axis ${axis + 1}`), rows: [position] }
      : { head: AXES, rows: [positionCells(position as PtzPosition | null)] },
};

const AXES = ["Pan", "Tilt", "Zoom"];

function positionCells(position: PtzPosition | null): Cell[] {
  return [position?.pan ?? null, position?.tilt ?? null, position?.zoom ?? null];
}

/** Looks of presets, tours and patterns. */
export const rememberedView: View<readonly Remembered[]> = {
  table: (all) => ({
    head: ["Number", "Name"],
    rows: all.map(({ number, name }) => [number, name]),
  }),
};

/** Looks of what a camera can do. */
export const capabilitiesView: View<PtzCapabilities> = {
  table: (capabilities) => {
    const cells = Object.entries(capabilities).map(([name, value]): [string, Cell] => [
      capital(name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)),
      cellOf(value),
    ]);
    return {
      head: cells.map(([head]) => head),
      rows: [cells.map(([, cell]) => cell)],
      record: true,
    };
  },
};

function cellOf(value: PtzCapabilities[keyof PtzCapabilities]): Cell {
  if (value === null || typeof value !== "object") return value;
  if ("min" in value) {
    return value.min === null && value.max === null
      ? null
      : `${value.min ?? "?"} to ${value.max ?? "?"}`;
  }
  return value.join(", ") || null;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

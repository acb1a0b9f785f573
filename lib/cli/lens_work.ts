/**
 * Sends lenses somewhere, and how it looks.
 *
 * @module
 */

import type { LensService, LensState } from "../camera/mod.ts";
import { DhipError } from "../errors.ts";
import { channelOf } from "./channel_option.ts";
import type { Context } from "./context.ts";
import { serviceOf } from "./devices.ts";
import type { View } from "./view.ts";

/** Which channel, and whether and how long to wait. */
export interface LensChoice {
  readonly channel: number | string;
  readonly verify: boolean;
  /** In milliseconds. */
  readonly within: number;
}

/** An order and how it ended. */
export interface LensDone {
  readonly order: string;
  /** 1 is the first. */
  readonly channel: number;
  /** Where it was sent; null for autofocus. */
  readonly aim: { readonly focus: number; readonly zoom: number } | null;
  /** Where it stands, with `--verify`. */
  readonly arrival?: LensState;
}

/** How far from where it was sent a lens may rest: motors have steps. */
const TOLERANCE = 0.01;

/** Looks of a state. */
export const lensView: View<LensState> = {
  table: ({ focus, zoom, busy, status }) => ({
    head: ["Focus", "Zoom", "Busy", "Status"],
    rows: [[focus, zoom, busy === null ? null : busy ? "yes" : "no", status]],
  }),
};

const doneView: View<LensDone> = {
  table: ({ order, channel, aim, arrival }) => ({
    head: ["Order", "Channel", "Focus", "Zoom", "Status"],
    rows: [[
      order,
      channel,
      arrival?.focus ?? aim?.focus ?? null,
      arrival?.zoom ?? aim?.zoom ?? null,
      arrival?.status ?? null,
    ]],
  }),
};

/** Gives an order to every lens, and waits for its end where that was asked for. */
export async function orderLens(
  context: Context,
  order: string,
  choice: LensChoice,
  work: (
    lens: LensService,
    channel: number,
    signal: AbortSignal,
  ) => Promise<LensDone["aim"]>,
): Promise<number> {
  const { signal } = context;
  return await context.each(async (device): Promise<LensDone> => {
    const lens = serviceOf(device, "lens");
    const channel = await channelOf(device, choice.channel, signal);
    const done = { order, channel, aim: await work(lens, channel, signal) };
    if (!choice.verify) return done;
    return { ...done, arrival: await lens.settle(channel, { signal, limit: choice.within }) };
  }, { view: doneView, verdict: stoppedElsewhere });
}

function stoppedElsewhere({ aim, arrival }: LensDone): DhipError | undefined {
  if (arrival === undefined) return undefined;
  if (arrival.busy) {
    return new DhipError("DHIP_NOT_HELD", "The lens still moves at the end of the wait", {
      hint: "Give it longer with --within.",
    });
  }
  if (aim === null) return undefined;
  const { focus, zoom } = arrival;
  const isAt = (place: number | null, wanted: number) =>
    place === null || Math.abs(place - wanted) <= TOLERANCE;
  if (isAt(focus, aim.focus) && isAt(zoom, aim.zoom)) return undefined;
  return new DhipError("DHIP_NOT_HELD", `The lens stands elsewhere: focus ${focus}, zoom ${zoom}`, {
    hint: "Its own autofocus may have moved it.",
  });
}

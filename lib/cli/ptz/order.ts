/**
 * Gives an order to every device and shows what became of it.
 *
 * @module
 */

import type { Aim, PtzOptions, Remembered } from "../../camera/mod.ts";
import { DhipError } from "../../errors.ts";
import { channelOf } from "../channel_option.ts";
import type { Context } from "../context.ts";
import { type PtzAccess, serviceOf } from "../devices.ts";
import type { View } from "../view.ts";
import { type Done, doneView, stoppedElsewhere } from "./views.ts";

/** Which channel. */
export interface ChannelChoice {
  readonly channel: number | string;
}

/** Which channel and how long, with what else is worth showing. */
export interface MoveChoice extends ChannelChoice {
  /** In milliseconds. */
  readonly duration: number;
  readonly [detail: string]: unknown;
}

/** Whether and how long to wait for the end of the order. */
export interface VerifyChoice {
  readonly verify: boolean;
  readonly within: number;
  readonly tolerance?: number;
}

/** What to wait for: the position or the preset that was ordered. */
export interface Expected {
  readonly aim?: Aim;
  readonly preset?: number;
}

/** Work on the head of one device. */
export type PtzWork<T> = (
  ptz: PtzAccess,
  options: Required<Pick<PtzOptions, "channel">> & {
    readonly signal: AbortSignal;
  },
) => Promise<T>;

/** Asks every device. */
export async function askPtz<T>(
  context: Context,
  { channel }: ChannelChoice,
  view: View<T>,
  work: PtzWork<T>,
): Promise<number> {
  const { signal } = context;
  return await context.each(async (device) => {
    const ptz = serviceOf(device, "ptz");
    return await work(ptz, { channel: await channelOf(device, channel, signal), signal });
  }, { view });
}

/** Gives an order that the camera ends by itself. `expected` is what `--verify` compares. */
export async function orderPtz(
  context: Context,
  order: string,
  choice: ChannelChoice & Partial<VerifyChoice>,
  work: PtzWork<{ readonly details?: Readonly<Record<string, unknown>> } & Expected>,
): Promise<number> {
  const { signal } = context;
  return await context.each(async (device) => {
    const ptz = serviceOf(device, "ptz");
    const channel = await channelOf(device, choice.channel, signal);
    const { details, ...expected } = await work(ptz, { channel, signal });
    if (context.python) return sayDone(context);
    const done: Done = { order, channel, ...details };
    if (!choice.verify) return done;
    const { within: limit, tolerance } = choice;
    const arrival = await ptz.settle({ ...expected, channel, signal, limit, tolerance });
    const asked = expected.aim !== undefined || expected.preset !== undefined;
    if (asked && arrival.arrived === null) {
      context.log.notice(`${device.host}: the camera does not tell whether it arrived`);
    }
    return { ...done, arrival };
  }, { view: doneView, verdict: stoppedElsewhere });
}

/** Moves for a time. The camera is stopped however this ends, and that is waited for. */
export async function movePtz(
  context: Context,
  order: string,
  { channel, duration, ...details }: MoveChoice,
  work: (ptz: PtzAccess, options: PtzOptions) => Promise<void>,
): Promise<number> {
  const { signal, log, io } = context;
  io.heedHangUp();
  // Only the second Ctrl-C may leave a camera in motion, and only knowingly.
  const warn = () =>
    log.warning("The camera has not confirmed the stop yet; Ctrl-C again gives up on it");
  let timer: ReturnType<typeof setTimeout> | undefined;
  const onAbort = () => void (timer = setTimeout(warn, 1_000));
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await context.each(async (device) => {
      const number = await channelOf(device, channel, signal);
      await work(serviceOf(device, "ptz"), { channel: number, signal });
      if (context.python) return sayMoved(context, order, duration);
      return { order, channel: number, duration, ...details };
    }, { view: doneView, finishes: true });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

/** The details of something that was found by number or name. */
export function named({ number, name }: Remembered): Readonly<Record<string, unknown>> {
  return { number, name };
}

/** python-dhip says how an order went on standard error, and nothing on standard output. */
function sayDone({ log }: Context): undefined {
  log.notice("[+] True");
}

/** The same of a movement; for those of the lens it says nothing. */
function sayMoved({ log }: Context, order: string, duration: number): undefined {
  if (order.includes(" ")) return;
  const code = order.replace(/(?:^|-)(\w)/g, (_, letter) => letter.toUpperCase());
  const seconds = duration / 1000;
  log.notice(`[+] PTZ ${code} for ${Number.isInteger(seconds) ? `${seconds}.0` : seconds}s`);
}

/**
 * A call that only Dahua's protocol has.
 *
 * @throws {DhipError} `DHIP_NOT_SUPPORTED`
 */
export function ownCall<K extends "runCode" | "rawStatus">(
  ptz: PtzAccess,
  name: K,
): NonNullable<PtzAccess[K]> {
  const call = ptz[name];
  if (call !== undefined) return call.bind(ptz) as NonNullable<PtzAccess[K]>;
  throw new DhipError("DHIP_NOT_SUPPORTED", "This device's protocol has no codes for its head");
}

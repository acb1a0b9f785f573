/**
 * What became of downloads, and how it is shown.
 *
 * @module
 */

import type { RemoteFile } from "../../camera/mod.ts";
import { DhipError } from "../../errors.ts";
import { lengthText, sizeText, timeText } from "../amounts.ts";
import { envelopeOf } from "../failure.ts";
import type { Cell, Grid, View } from "../view.ts";

/**
 * `fetched`: it came. `there`: it was there, whole. `incomplete`: a part came. `failed`: nothing
 * did. `left`: not tried, because of an earlier failure.
 */
export type DownloadState = "fetched" | "there" | "incomplete" | "failed" | "left";

/** What became of one recording. */
export interface DownloadResult {
  readonly state: DownloadState;
  /** The file on this computer; `-` is standard output. */
  readonly file: string;
  /** Its length, or what there is of it. */
  readonly bytes: number | null;
  /** Bytes of it that an earlier run had fetched. */
  readonly resumed: number;
  /** Seconds of pictures and sound that came; null when nothing tells. */
  readonly mediaSeconds: number | null;
  /** 1 is the first. */
  readonly channel: number | null;
  readonly start: Temporal.PlainDateTime | null;
  readonly end: Temporal.PlainDateTime | null;
  /** Where it lies on the device. */
  readonly path: string | null;
  /** Why it is not whole. */
  readonly error: DhipError | null;
}

/** The facts of a recording in a result. */
export function factsOf(
  { channel, start, end, path }: RemoteFile,
): Pick<DownloadResult, "channel" | "start" | "end" | "path"> {
  return { channel: channel ?? null, start: start ?? null, end: end ?? null, path };
}

/** What is wrong with the downloads of one target; undefined when nothing is. */
export function verdictOf(results: readonly DownloadResult[]): DhipError | undefined {
  const errors = results.flatMap(({ error }) => error ?? []);
  const [first] = errors;
  if (first === undefined || results.length === 1) return first;
  const all = errors.length === results.length && errors.every(({ code }) => code === first.code);
  const whole = results.length - results.filter(isWrong).length;
  return new DhipError(
    all ? first.code : "DHIP_INCOMPLETE",
    `${results.length - whole} of ${results.length} recordings are not whole: ${first.message}`,
    { host: first.host, retryable: errors.every((error) => error.retryable), hint: first.hint },
  );
}

/** True when the file is not whole. */
export function isWrong({ state }: DownloadResult): boolean {
  return state !== "fetched" && state !== "there";
}

/** Downloads as tables and as JSON. */
export const downloadView: View<readonly DownloadResult[]> = {
  table(results) {
    if (results.length === 0) return "No recordings.\n";
    return {
      head: ["Channel", "Start", "Length", "Size", "File", "State"],
      rows: results.map((one): Cell[] => [
        one.channel,
        timeText(one.start),
        lengthText(secondsOf(one)),
        sizeText(one.bytes),
        one.file,
        one.error === null ? one.state : `${one.state}: ${one.error.message}`,
      ]),
    };
  },
  json: (results) =>
    results.map(({ error, ...rest }) =>
      error === null ? rest : { ...rest, error: envelopeOf(error) }
    ),
  csv: (results): Grid => ({
    head: ["channel", "start", "end", "bytes", "resumed", "file", "state", "path", "error"],
    rows: results.map((one) => [
      one.channel,
      timeText(one.start),
      timeText(one.end),
      one.bytes,
      one.resumed,
      one.file,
      one.state,
      one.path,
      one.error?.message ?? null,
    ]),
  }),
};

function secondsOf({ start, end, mediaSeconds }: DownloadResult): number | null {
  return start !== null && end !== null ? start.until(end).total("seconds") : mediaSeconds;
}

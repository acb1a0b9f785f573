/** Finds where in a long recording a time begins, so that not all of it has to be fetched. */

import { dhavDate, DhavDecoder } from "../../media/dhav.ts";
import type { Recording } from "../recordings.ts";
import type { DownloadService } from "../download/download.ts";

/** Recordings below this are fetched from their beginning, in bytes. */
const WORTH = 8 * 1024 * 1024;
/** Most looks into a recording. */
const LOOKS = 5;
/** Bytes that are read for a key picture. */
const MAX_LOOK = 16 * 1024 * 1024;
/** Seconds before the wanted time that are fetched too: to know the clock of the frames. */
const MARGIN = 3;

/**
 * A place, in bytes, with a key picture shortly behind it that is before the wanted time; 0 for the
 * beginning, also where the device cannot begin elsewhere.
 *
 * @throws {DhipError} `DHIP_INTERRUPTED`; other failures are left to whoever fetches the recording
 */
export async function placeBefore(
  service: DownloadService,
  recording: Recording,
  wanted: Temporal.PlainDateTime,
  signal: AbortSignal | undefined,
): Promise<number> {
  const { start, end, bytes, path } = recording;
  if (start === null || end === null || bytes === null || path === null || bytes < WORTH) return 0;
  const target = wanted.subtract({ seconds: MARGIN });
  const length = start.until(end).total("seconds");
  const share = start.until(target).total("seconds") / Math.max(1, length);
  if (share <= 0) return 0;
  let step = Math.max(WORTH / 2, bytes * 0.02);
  let place = Math.floor(Math.min(0.98, share) * bytes - step);
  for (let look = 0; look < LOOKS && place > 0; look++) {
    const seen = await lookAt(service, recording, place, signal).catch(() => undefined);
    signal?.throwIfAborted();
    if (seen === undefined) return 0;
    if (Temporal.PlainDateTime.compare(seen, target) <= 0) return place;
    place = Math.floor(place - step);
    step *= 3;
  }
  return 0;
}

/** The device's clock at the first key picture behind a place. */
async function lookAt(
  service: DownloadService,
  recording: Recording,
  place: number,
  signal: AbortSignal | undefined,
): Promise<Temporal.PlainDateTime | undefined> {
  await using download = await service.open(recording, { from: place, signal });
  if (download.offset !== place) return undefined;
  const decoder = new DhavDecoder();
  let read = 0;
  for await (const piece of download.bytes) {
    for (const frame of decoder.push(piece)) {
      if (frame.kind === "video_key") return dhavDate(frame.date);
    }
    read += piece.length;
    if (read > MAX_LOOK) break;
  }
  return undefined;
}

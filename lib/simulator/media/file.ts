/**
 * Recordings as files: any size, any offset, the same bytes each time, made while they are read.
 *
 * @module
 */

import { dhavPrefix, dhavSize, type DhavTrack, LEAST_FILLER, PREFIX, writeDhav } from "./dhav.ts";
import { loadProgram, type MediaPacket, packetsBetween, type ProgramInfo } from "./program.ts";
import { picturesBetween, tally } from "./tally.ts";
import type { Warp } from "./warp.ts";

/** A stretch of a recording with one codec and one size. Times are whole seconds, in ms. */
export interface Part {
  /** Beginning. */
  readonly from: number;
  /** End. */
  readonly to: number;
  /** What it consists of. */
  readonly program: ProgramInfo;
}

/** What a file holds. */
export interface FileFacts {
  /** Channel, 0-based. */
  readonly channel: number;
  /** Its stretches, one behind the other. */
  readonly parts: readonly Part[];
  /** Its size in bytes. */
  readonly length: number;
}

/** Bytes handed on at once. */
const PIECE = 512 * 1024;

/** Bytes of a frame without payload that is neither picture nor sound. */
const EMPTY = dhavSize("aux", false, undefined, 0);

/** The size that a recording of these stretches has when nobody wants another. */
export function naturalLength(parts: readonly Part[]): number {
  // The last frame is empty; it takes up what does not divide evenly in a file of another size.
  return parts.reduce((sum, { program, from, to }) => sum + tally(program, from, to), PREFIX) +
    EMPTY;
}

/** The track that a stretch belongs to. */
export function trackOf(channel: number, { video, sound }: ProgramInfo): DhavTrack {
  return { channel, video, sound };
}

/**
 * The bytes of a file from an offset on, up to another. The memory of a piece is used again for
 * the next. A file that is to be larger than its pictures has filler data with each of them, a
 * smaller one ends early.
 */
export function* fileBytes(
  facts: FileFacts,
  from: number,
  to: number,
  warp: Warp,
): Generator<Uint8Array, void, void> {
  const { channel, parts, length } = facts;
  const spare = Math.max(0, length - naturalLength(parts));
  const pictures = parts.reduce((sum, part) => sum + picturesBetween(part.from, part.to), 0);
  const share = pictures === 0 ? 0 : Math.floor(spare / pictures);
  const filler = share < LEAST_FILLER ? 0 : share;
  const writer = new Pieces(from, Math.min(to, length));
  if (!writer.skips(PREFIX)) writer.append(dhavPrefix());
  const start = parts[0]?.from ?? 0;
  for (const { program: info, from: begin, to: end } of parts) {
    const track = trackOf(channel, info);
    const bytesUpTo = (time: number) =>
      tally(info, begin, time) + filler * picturesBetween(begin, time);
    if (writer.skips(bytesUpTo(end))) continue;
    const first = secondAt(begin, end, writer.toSkip, bytesUpTo);
    writer.skips(bytesUpTo(first));
    const program = loadProgram(info);
    for (const packet of packetsBetween(program, first, end)) {
      const more = packet.kind === "video" ? filler : 0;
      const size = dhavSize(packet.kind, packet.key, track.sound, packet.bytes.length) + more;
      if (!writer.fits(size)) {
        yield writer.take();
        if (writer.done) return;
      }
      writer.put(size, (into, at) => {
        if (packet.kind === "aux" && warp.garbage(into, at, size, packet.number)) return;
        writeDhav(into, at, packet, track, warp.time(packet.time, start), more);
      });
    }
    yield writer.take();
    if (writer.done) return;
  }
  if (writer.done || parts.length === 0) return;
  const { program, to: end } = parts.at(-1)!;
  const track = trackOf(channel, program);
  const rest = new Uint8Array(spare - filler * pictures);
  const last: MediaPacket = {
    kind: "aux",
    key: false,
    number: 0,
    time: end,
    bytes: rest,
    units: [],
  };
  const frame = new Uint8Array(EMPTY + rest.length);
  writeDhav(frame, 0, last, track, warp.time(end, start));
  writer.append(frame);
  yield writer.take();
}

/** The last whole second that begins at or before an offset. */
function secondAt(
  begin: number,
  end: number,
  offset: number,
  bytesUpTo: (time: number) => number,
): number {
  let [low, high] = [0, (end - begin) / 1000];
  while (low + 1 < high) {
    const middle = Math.floor((low + high) / 2);
    if (bytesUpTo(begin + middle * 1000) <= offset) low = middle;
    else high = middle;
  }
  return begin + low * 1000;
}

/** Gathers frames into pieces, without what lies before the first wanted byte and behind the last. */
class Pieces {
  #buffer = new Uint8Array(PIECE);
  #used = 0;
  /** Bytes that still have to pass before the first wanted one. */
  toSkip: number;
  #left: number;

  constructor(from: number, to: number) {
    this.toSkip = from;
    this.#left = Math.max(0, to - from);
  }

  /** True when the last wanted byte has been taken. */
  get done(): boolean {
    return this.#left === 0;
  }

  /** Passes over bytes that nobody wants; false when somebody wants one of them. */
  skips(bytes: number): boolean {
    if (bytes > this.toSkip) return false;
    this.toSkip -= bytes;
    return true;
  }

  fits(size: number): boolean {
    return this.#used === 0 || this.#used + size <= this.#buffer.length;
  }

  put(size: number, write: (into: Uint8Array, at: number) => void): void {
    if (this.#used + size > this.#buffer.length) {
      const grown = new Uint8Array(this.#used + size);
      grown.set(this.#buffer.subarray(0, this.#used));
      this.#buffer = grown;
    }
    write(this.#buffer, this.#used);
    this.#used += size;
  }

  append(bytes: Uint8Array): void {
    this.put(bytes.length, (into, at) => into.set(bytes, at));
  }

  /** What was gathered. */
  take(): Uint8Array {
    const skip = Math.min(this.toSkip, this.#used);
    const piece = this.#buffer.subarray(skip, Math.min(this.#used, skip + this.#left));
    this.toSkip -= skip;
    this.#left -= piece.length;
    this.#used = 0;
    return piece;
  }
}

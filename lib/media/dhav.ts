/**
 * Takes a DHAV stream apart, from any cuts, and finds its way again after garbage.
 *
 * @module
 */

import { checksumOf, DHAV_HEADER, DHAV_TRAILER, type DhavFrame } from "./dhav_frame.ts";
import { isTrailer, readFrame, u32 } from "./dhav_frame.ts";

export type {
  DhavAudio,
  DhavAudioCodec,
  DhavExtension,
  DhavFrame,
  DhavKind,
  DhavVideo,
  DhavVideoCodec,
} from "./dhav_frame.ts";
export { dhavDate, extensionsOf } from "./dhav_frame.ts";

/** Bounds of a {@linkcode DhavDecoder}. */
export interface DhavLimits {
  /** Longest frame in bytes; a longer one counts as garbage. Default 16 MiB. */
  readonly maxFrame?: number | undefined;
}

/** How a stream ended. */
export interface DhavEnd {
  /** `truncated` when it stopped inside a frame. */
  readonly state: "complete" | "truncated";
  /** Bytes of the frame that is not whole. */
  readonly remaining: number;
  /** Bytes that belonged to no frame, over the whole stream. */
  readonly skipped: number;
}

/** Recordings of some devices begin with `DAHUA`, filled up to this length. */
const PREFIX_LENGTH = 0x400;
const PREFIX = [0x44, 0x41, 0x48, 0x55, 0x41];
const MAGIC = [0x44, 0x48, 0x41, 0x56];
const EMPTY: Uint8Array = new Uint8Array(0);

/**
 * An incremental demuxer. A frame that lies within one chunk is a view of that chunk; a frame over
 * several chunks is copied once.
 *
 * A header is believed when its length is possible and either its checksum is right or a trailer
 * stands where it says. So neither a damaged header nor a false `DHAV` inside garbage costs more than
 * itself.
 */
export class DhavDecoder {
  readonly #maxFrame: number;
  /** Bytes that wait for the ones behind them stand between start and end. */
  #buffer = EMPTY;
  #start = 0;
  #end = 0;
  /** Stream position of the first byte that is not dealt with. */
  #offset = 0;
  #started = false;
  #inPrefix = 0;
  #skipped = 0;
  #skippedNow = 0;

  /** Makes a decoder for one stream. */
  constructor(limits: DhavLimits = {}) {
    this.#maxFrame = limits.maxFrame ?? 16 * 1024 * 1024;
    if (!(this.#maxFrame >= DHAV_HEADER + DHAV_TRAILER)) {
      throw new RangeError("The longest frame must be 32 bytes or more");
    }
  }

  /** Bytes that belonged to no frame so far. */
  get skipped(): number {
    return this.#skipped;
  }

  /**
   * Takes the next bytes and gives the frames that are whole. Never throws: what is no frame is
   * skipped and counted. The chunk must stay as it is while its frames are in use.
   */
  *push(chunk: Uint8Array): Generator<DhavFrame, void, void> {
    let rest = chunk;
    while (this.#end > this.#start) {
      const missing = this.#missing();
      if (missing > 0) {
        if (rest.length === 0) return;
        const taken = rest.subarray(0, missing);
        this.#append(taken);
        rest = rest.subarray(taken.length);
      } else {
        this.#start += yield* this.#consume(this.#buffer.subarray(this.#start, this.#end), false);
        if (this.#start === this.#end) this.#release();
      }
    }
    const consumed = yield* this.#consume(rest, false);
    if (consumed < rest.length) this.#append(rest.subarray(consumed));
  }

  /** Ends the stream: gives a last frame that nothing follows, and says how it ended. */
  *end(): Generator<DhavFrame, DhavEnd, void> {
    const held = this.#buffer.subarray(this.#start, this.#end);
    this.#release();
    const remaining = held.length - (yield* this.#consume(held, true));
    const state = remaining === 0 ? "complete" : "truncated";
    return { state, remaining, skipped: this.#skipped };
  }

  /** Reads what is whole; returns how many bytes are dealt with. */
  *#consume(bytes: Uint8Array, ending: boolean): Generator<DhavFrame, number, void> {
    let at = 0;
    if (!this.#started) {
      if (bytes.length < PREFIX.length && !ending && startsLike(bytes, 0, PREFIX)) return 0;
      this.#started = true;
      if (bytes.length >= PREFIX.length && startsLike(bytes, 0, PREFIX)) {
        this.#inPrefix = PREFIX_LENGTH;
      }
    }
    if (this.#inPrefix > 0) {
      at = Math.min(this.#inPrefix, bytes.length);
      this.#inPrefix -= at;
      this.#offset += at;
    }
    while (at < bytes.length) {
      const next = findMagic(bytes, at);
      this.#skip(next - at);
      at = next;
      if (bytes.length - at < DHAV_HEADER) {
        // Too little to judge. At the end it is either the start of a frame or nothing.
        if (ending && bytes.length - at < MAGIC.length) {
          this.#skip(bytes.length - at);
          return bytes.length;
        }
        return at;
      }
      const length = u32(bytes, at + 12);
      if (!this.#isPossible(length)) {
        this.#skip(MAGIC.length);
        at += MAGIC.length;
        continue;
      }
      if (bytes.length - at < length) {
        const other = ending ? findWholeFrame(bytes, at + MAGIC.length, this.#maxFrame) : undefined;
        if (other === undefined) return at;
        this.#skip(other - at);
        at = other;
        continue;
      }
      const verdict = believe(bytes, at, length, ending);
      if (verdict === undefined) return at; // the next bytes decide
      if (!verdict) {
        this.#skip(MAGIC.length);
        at += MAGIC.length;
        continue;
      }
      const place = { offset: this.#offset, skipped: this.#skippedNow };
      this.#skippedNow = 0;
      this.#offset += length;
      const frame = readFrame(bytes, at, length, place);
      at += length;
      yield frame;
    }
    return at;
  }

  /** Bytes that are missing until what waits can be judged. */
  #missing(): number {
    const have = this.#end - this.#start;
    if (!this.#started) return Math.max(0, PREFIX.length - have);
    if (have < DHAV_HEADER) return DHAV_HEADER - have;
    const length = u32(this.#buffer, this.#start + 12);
    if (!this.#isPossible(length)) return 0;
    if (have < length) return length - have;
    const bytes = this.#buffer.subarray(this.#start, this.#end);
    return believe(bytes, 0, length, false) === undefined ? length + MAGIC.length - have : 0;
  }

  #isPossible(length: number): boolean {
    return length >= DHAV_HEADER + DHAV_TRAILER && length <= this.#maxFrame;
  }

  #append(bytes: Uint8Array): void {
    const have = this.#end - this.#start;
    if (this.#end + bytes.length > this.#buffer.length) {
      // What a header announces is a claim: room grows with what arrived. It at least doubles, so
      // that no cuts and no garbage make the same bytes move again and again.
      const room = new Uint8Array(Math.max(2 * (have + bytes.length), 64 * 1024));
      room.set(this.#buffer.subarray(this.#start, this.#end));
      this.#buffer = room; // frames that were read from the old one keep it
      this.#start = 0;
      this.#end = have;
    }
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Forgets the buffer: frames may still look into it. */
  #release(): void {
    this.#buffer = EMPTY;
    this.#start = 0;
    this.#end = 0;
  }

  #skip(count: number): void {
    this.#skipped += count;
    this.#skippedNow += count;
    this.#offset += count;
  }
}

/**
 * Whether a header that fits is that of a frame; undefined when the bytes behind it must be seen
 * first.
 */
function believe(
  bytes: Uint8Array,
  at: number,
  length: number,
  ending: boolean,
): boolean | undefined {
  const end = at + length;
  if (isTrailer(bytes, end - DHAV_TRAILER)) return true;
  if (checksumOf(bytes, at) !== bytes[at + 23]) return false;
  // The header is whole and the trailer is not: a frame that was cut short, unless another one
  // follows just where it should end.
  if (bytes.length - end >= MAGIC.length) return startsLike(bytes, end, MAGIC);
  if (!startsLike(bytes, end, MAGIC)) return false;
  return ending ? end === bytes.length : undefined;
}

/** Where the next frame begins that lies whole in `bytes`; undefined when there is none. */
function findWholeFrame(bytes: Uint8Array, from: number, maxFrame: number): number | undefined {
  for (let at = findMagic(bytes, from); at + DHAV_HEADER <= bytes.length;) {
    const length = u32(bytes, at + 12);
    const fits = length >= DHAV_HEADER + DHAV_TRAILER && length <= maxFrame &&
      at + length <= bytes.length;
    if (fits && believe(bytes, at, length, true)) return at;
    at = findMagic(bytes, at + MAGIC.length);
  }
  return undefined;
}

/** Where the next `DHAV` begins, or could begin with the bytes to come. */
function findMagic(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0x44, from); at >= 0; at = bytes.indexOf(0x44, at + 1)) {
    if (startsLike(bytes, at, MAGIC)) return at;
  }
  return bytes.length;
}

/** True when what there is of `bytes` from `at` on agrees with `pattern`. */
function startsLike(bytes: Uint8Array, at: number, pattern: readonly number[]): boolean {
  const length = Math.min(pattern.length, bytes.length - at);
  for (let index = 0; index < length; index++) {
    if (bytes[at + index] !== pattern[index]) return false;
  }
  return true;
}

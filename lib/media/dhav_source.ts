/**
 * A DHAV recording, read from its bytes to its units.
 *
 * @module
 */

import { dhavDate, DhavDecoder, type DhavEnd, type DhavFrame } from "./dhav.ts";
import type { DhavTimeEvent } from "./dhav_clock.ts";
import { type DhavUnitCounts, DhavUnits } from "./dhav_units.ts";
import type { MediaUnit } from "./unit.ts";

/** How a recording is read. */
export interface DhavSourceOptions {
  /** Channel from 1, when the recording holds several. Default: that of the first picture. */
  readonly channel?: number | undefined;
  /** Gets each frame before its units. */
  readonly onFrame?: ((frame: DhavFrame) => void) | undefined;
}

/** What was odd about the time, and where. */
export interface DhavTimeNote {
  /** Seconds of media time. */
  readonly at: number;
  /** `clock-set`: the device's clock jumped. `restart`: clock and counter did. */
  readonly kind: DhavTimeEvent["kind"];
  /** Seconds by which the clock jumped. */
  readonly by: number;
}

/** Notes that are kept. */
const MAX_NOTES = 100;

/** Units of a stream of bytes. Iterate it once. */
export class DhavSource implements AsyncIterable<MediaUnit> {
  readonly #chunks: AsyncIterable<Uint8Array>;
  readonly #options: DhavSourceOptions;
  readonly #units: DhavUnits;
  readonly #notes: DhavTimeNote[] = [];
  #bytes = 0;
  #frames = 0;
  #started: Temporal.PlainDateTime | undefined;
  #end: DhavEnd | undefined;

  /** Reads chunks, which must stay as they are while their units are in use. */
  constructor(chunks: AsyncIterable<Uint8Array>, options: DhavSourceOptions = {}) {
    this.#chunks = chunks;
    this.#options = options;
    const { channel } = options;
    this.#units = new DhavUnits({
      channel: channel === undefined ? undefined : channel - 1,
      onTime: ({ kind, by }, at) => {
        if (this.#notes.length < MAX_NOTES) this.#notes.push({ at, kind, by: by / 1000 });
      },
    });
  }

  /** Bytes read so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Frames of any kind so far. */
  get frames(): number {
    return this.#frames;
  }

  /** The device's clock at the first frame; undefined when it tells no date. */
  get started(): Temporal.PlainDateTime | undefined {
    return this.#started;
  }

  /** How it ended; undefined before that. */
  get end(): DhavEnd | undefined {
    return this.#end;
  }

  /** What became of the frames. Channels are those of the wire, from 0. */
  get counts(): DhavUnitCounts {
    return this.#units.counts;
  }

  /** The first 100 oddities of the time. */
  get notes(): readonly DhavTimeNote[] {
    return this.#notes;
  }

  /** Units until the end. */
  async *[Symbol.asyncIterator](): AsyncGenerator<MediaUnit, void, void> {
    const decoder = new DhavDecoder();
    for await (const chunk of this.#chunks) {
      this.#bytes += chunk.length;
      for (const frame of decoder.push(chunk)) yield* this.#take(frame);
    }
    const ending = decoder.end();
    for (;;) {
      const { done, value } = ending.next();
      if (done) {
        this.#end = value;
        return;
      }
      yield* this.#take(value);
    }
  }

  *#take(frame: DhavFrame): Generator<MediaUnit, void, void> {
    if (this.#frames++ === 0) this.#started = dhavDate(frame.date);
    this.#options.onFrame?.(frame);
    yield* this.#units.push(frame);
  }
}

/**
 * What becomes of the bytes of a live stream: they are kept as they are, or written into a container.
 *
 * @module
 */

import { DhipError } from "../../errors.ts";
import { DhavDecoder, type DhavFrame } from "../../media/dhav.ts";
import { DhavCut } from "../../media/dhav_cut.ts";
import { DhavUnits } from "../../media/dhav_units.ts";
import type { AudioMode, Container } from "../../media/recorder/container.ts";
import { Recorder } from "../../media/recorder/recorder.ts";
import type { RecordingResult } from "../../media/recorder/recording.ts";
import type { RecordingSink } from "../../media/recorder/sink.ts";
import type { Destination } from "../../camera/mod.ts";

/** What was written. */
export interface Written {
  readonly bytes: number;
  /** Number of pictures. */
  readonly frames: number;
  /** Seconds of pictures and sound. */
  readonly seconds: number;
  /** Bytes of the stream that belonged to no frame. */
  readonly skipped: number;
  /** Times without pictures, in seconds since the first one; null when they are not looked for. */
  readonly gaps: RecordingResult["gaps"] | null;
}

/** Takes the bytes of one stream. Disposing it before it is whole gives up what is no use. */
export interface StreamWriter extends AsyncDisposable {
  /** How far it is. */
  readonly progress: Pick<Written, "bytes" | "seconds">;
  /** Takes the next bytes, which must stay as they are; false when the time that was wanted is over. */
  write(bytes: Uint8Array): Promise<boolean>;
  /** Makes the file whole. */
  finish(): Promise<Written>;
}

/** Bytes without a frame after which a stream is no DHAV. */
const FOREIGN = 1024 * 1024;

/** Keeps the stream as it is, up to the end of its last whole frame. */
export class RawWriter implements StreamWriter {
  readonly #to: Destination & AsyncDisposable;
  readonly #cut = new DhavCut();
  readonly #times = new MediaTime();
  readonly #limit: number;
  #bytes = 0;
  #frames = 0;

  /**
   * Writes to an empty destination.
   *
   * @param limit most seconds of pictures
   */
  constructor(to: Destination & AsyncDisposable, limit = Infinity) {
    this.#to = to;
    this.#limit = limit;
  }

  get progress(): Pick<Written, "bytes" | "seconds"> {
    return { bytes: this.#bytes, seconds: this.#times.seconds };
  }

  async write(bytes: Uint8Array): Promise<boolean> {
    let isOver = false;
    const whole = this.#cut.push(bytes, (frame) => {
      isOver = this.#times.see(frame) >= this.#limit;
      if (!isOver && isPicture(frame)) this.#frames++;
      return !isOver;
    });
    if (whole.length > 0) {
      await this.#to.put(this.#bytes, whole);
      this.#bytes += whole.length;
    } else if (this.#bytes === 0 && this.#cut.held > FOREIGN) throw foreign();
    return !isOver;
  }

  async finish(): Promise<Written> {
    if (this.#frames === 0) {
      throw new DhipError("DHIP_INCOMPLETE", "The stream brought no whole picture");
    }
    await this.#to.finish(this.#bytes);
    const { skipped } = this.#cut;
    return { ...this.progress, frames: this.#frames, skipped, gaps: null };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.#to[Symbol.asyncDispose]());
  }
}

/** Writes the stream into files that play anywhere. */
export class RecorderWriter implements StreamWriter {
  readonly #recorder: Recorder;
  readonly #decoder = new DhavDecoder();
  readonly #units = new DhavUnits();
  readonly #limit: number;
  #first: number | undefined;

  /** Writes to the sinks that `open` opens; more than one when the picture changes. */
  constructor(options: {
    readonly container: Container;
    readonly audio: AudioMode | undefined;
    /** Most seconds of pictures. */
    readonly limit?: number | undefined;
    readonly open: (number: number) => Promise<RecordingSink>;
    readonly onNotice: (text: string) => void;
  }) {
    const { container, audio, limit = Infinity, open, onNotice } = options;
    this.#limit = limit;
    this.#recorder = new Recorder({
      container,
      audio,
      onNotice,
      fragmented: true,
      open: ({ number }) => open(number),
    });
  }

  get progress(): Pick<Written, "bytes" | "seconds"> {
    const { bytes, duration } = this.#recorder.progress;
    return { bytes, seconds: duration };
  }

  async write(bytes: Uint8Array): Promise<boolean> {
    for (const frame of this.#decoder.push(bytes)) {
      for (const unit of this.#units.push(frame)) {
        const isPicture = unit.track.kind === "video";
        if (isPicture && unit.key) this.#first ??= unit.time;
        if (isPicture && unit.time - (this.#first ?? Infinity) >= this.#limit) return false;
        await this.#recorder.push(unit);
      }
    }
    return true;
  }

  async finish(): Promise<Written> {
    const { bytes, frames, duration, gaps } = await this.#recorder.finish();
    return { bytes, frames, seconds: duration, skipped: this.#decoder.skipped, gaps };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#recorder.abandon();
  }
}

/** How long the frames of a stream last, by the counter of milliseconds in them. */
class MediaTime {
  #last: number | undefined;
  #milliseconds = 0;

  /** Sees the next frame; tells the seconds from the first one to it. */
  see(frame: DhavFrame): number {
    const { timestamp } = frame;
    if (timestamp === undefined || !isPicture(frame)) return this.seconds;
    // Forward on the counter's circle; a jump of half of it is one of the clock.
    const step = this.#last === undefined ? 0 : (timestamp - this.#last) & 0xffff;
    if (step < 0x8000) this.#milliseconds += step;
    this.#last = timestamp;
    return this.seconds;
  }

  /** Seconds so far. */
  get seconds(): number {
    return this.#milliseconds / 1000;
  }
}

function isPicture({ kind }: DhavFrame): boolean {
  return kind === "video_key" || kind === "video_inter";
}

function foreign(): DhipError {
  return new DhipError("DHIP_BAD_REPLY", "What the device sends is no DHAV stream");
}

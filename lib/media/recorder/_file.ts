/** One file of a recording: packets of pictures and sound on a time line of its own. */

import type { NalCodec } from "../annexb.ts";
import { type DecoderConfig, lengthPrefixed } from "../decoder_config.ts";
import type { MediaTrack, MediaUnit } from "../unit.ts";
import { type FileMux, Mux } from "./_mux.ts";
import { type SoundPacket, type SoundWriter, soundWriter } from "./_sound.ts";
import { TsFile } from "./_ts_file.ts";
import type { Container, SoundForm } from "./container.ts";
import type { RecordingSink } from "./sink.ts";

/** What a file begins with. */
export interface FileStart {
  readonly sink: RecordingSink;
  readonly container: Container;
  readonly fragmented: boolean;
  readonly codec: NalCodec;
  readonly config: DecoderConfig;
  readonly sound: { readonly track: MediaTrack; readonly form: SoundForm } | undefined;
  /** Seconds on the source's time line. */
  readonly origin: number;
  /** Seconds that pictures are thought to be apart. */
  readonly interval: number;
}

/** A file that is being written. */
export class OpenFile {
  readonly start: FileStart;
  readonly #mux: FileMux;
  readonly #sound: SoundWriter | undefined;
  #frames = 0;
  #bytes = 0;
  #last = -1;
  #newest = 0;
  /** Pictures of a group may be shown in another order, but none before the group in front of it. */
  #floor = 0;
  #interval: number;

  private constructor(start: FileStart, mux: FileMux, sound: SoundWriter | undefined) {
    this.start = start;
    this.#mux = mux;
    this.#sound = sound;
    this.#interval = start.interval;
  }

  /** Begins a file. */
  static async open(start: FileStart): Promise<OpenFile> {
    const { sink, container, fragmented, codec, config, sound } = start;
    const writer = sound === undefined ? undefined : await soundWriter(sound.track, sound.form);
    const parts = { video: { codec, config }, sound: writer?.track };
    const mux = container === "ts"
      ? new TsFile(sink, parts)
      : await Mux.start(sink, { ...parts, container, fragmented });
    return new OpenFile(start, mux, writer);
  }

  /** Pictures so far. */
  get frames(): number {
    return this.#frames;
  }

  /** Bytes of pictures and sound so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Seconds from the first picture to the end of the last one. */
  get duration(): number {
    return this.#frames === 0 ? 0 : this.#newest + this.#interval;
  }

  /** Seconds between pictures, as they came of late. */
  get interval(): number {
    return this.#interval;
  }

  /** Adds a picture. */
  async video({ data, time, key }: MediaUnit): Promise<void> {
    const place = this.#place(time - this.start.origin, key);
    const packet = lengthPrefixed(this.start.codec, data);
    if (packet.length === 0) return;
    this.#frames++;
    this.#bytes += packet.length;
    await this.#mux.video(packet, place, this.#interval, key);
  }

  /** Adds sound. */
  async sound({ data, time, damaged }: MediaUnit): Promise<void> {
    if (this.#sound === undefined) return;
    await this.#write(await this.#sound.push(data, time - this.start.origin, damaged));
  }

  /** Fills in silence up to a time, when sound stays away while pictures come. */
  async silence(until: number): Promise<void> {
    if (this.#sound === undefined) return;
    await this.#write(await this.#sound.silence(until - this.start.origin));
  }

  /** Ends the file and gives it its name. */
  async finish(): Promise<void> {
    if (this.#sound !== undefined) {
      if (this.#sound.end === undefined) await this.silence(this.start.origin + this.duration);
      await this.#write(await this.#sound.finish());
    }
    await this.#mux.finish();
    await this.start.sink.commit();
  }

  /** Gives it up. */
  async abandon(): Promise<void> {
    await this.#sound?.cancel().catch(() => {});
    await this.#mux.cancel();
    // Plain MP4 and MOV have their index at the end: without it nothing plays.
    const { container, fragmented, sink } = this.start;
    await sink.abandon(fragmented || container === "mkv" || container === "ts");
  }

  #place(time: number, key: boolean): number {
    if (this.#frames === 0) this.#newest = time; // before 0: what is not shown
    if (key) this.#floor = this.#newest;
    const step = time - this.#newest;
    // Pictures at one and the same time, or before the group: a millisecond each.
    const place = time === this.#last || (this.#frames > 0 && time < this.#floor)
      ? Math.max(this.#last, this.#floor) + 0.001
      : time;
    if (this.#frames === 1 && step > 0) this.#interval = step;
    else if (this.#frames > 1 && step > 0 && step <= Math.max(1, 3 * this.#interval)) {
      this.#interval += (step - this.#interval) / 4;
    }
    this.#last = place;
    this.#newest = Math.max(this.#newest, place);
    return place;
  }

  async #write(packets: Iterable<SoundPacket>): Promise<void> {
    for (const { data, time, duration } of packets) {
      // A file begins with its first picture.
      if (time < 0) continue;
      this.#bytes += data.length;
      await this.#mux.sound(data, time, duration);
    }
  }
}

/** A transport stream that is being written: each picture is out before the next one comes. */

import { adtsHeader } from "../adts.ts";
import { TsMuxer } from "../mpeg_ts.ts";
import type { FileMux, MuxOptions } from "./_mux.ts";
import type { RecordingSink } from "./sink.ts";

const START_CODE = Uint8Array.of(0, 0, 0, 1);

/** Writes packets to a sink. */
export class TsFile implements FileMux {
  readonly #sink: RecordingSink;
  readonly #muxer: TsMuxer;
  readonly #sets: readonly Uint8Array[];
  readonly #config: Uint8Array | undefined;
  #at = 0;

  /** Begins a file. */
  constructor(sink: RecordingSink, { video, sound }: Pick<MuxOptions, "video" | "sound">) {
    this.#sink = sink;
    this.#config = sound?.config;
    this.#muxer = new TsMuxer({ video: video.codec, audio: this.#config !== undefined });
    const { vps, sps, pps } = video.config.sets;
    this.#sets = [...vps, ...sps, ...pps].flatMap((set) => [START_CODE, set]);
  }

  /** See {@linkcode FileMux.video}. */
  async video(data: Uint8Array, time: number, _duration: number, key: boolean): Promise<void> {
    // In place: the lengths have just the room of start codes.
    for (let at = 0; at < data.length;) {
      const length = new DataView(data.buffer, data.byteOffset + at).getUint32(0);
      data.set(START_CODE, at);
      at += 4 + length;
    }
    await this.#write(this.#muxer.video(key ? [...this.#sets, data] : [data], time, key));
  }

  /** See {@linkcode FileMux.sound}. */
  async sound(data: Uint8Array, time: number): Promise<void> {
    if (this.#config === undefined) return;
    const frame = new Uint8Array(7 + data.length);
    frame.set(adtsHeader(this.#config, data.length));
    frame.set(data, 7);
    await this.#write(this.#muxer.audio(frame, time));
  }

  /** Nothing is written at the end of a transport stream. */
  finish(): Promise<void> {
    return Promise.resolve();
  }

  /** Nothing is left to do. */
  cancel(): Promise<void> {
    return Promise.resolve();
  }

  async #write(packets: Uint8Array): Promise<void> {
    await this.#sink.write(packets, this.#at);
    this.#at += packets.length;
  }
}

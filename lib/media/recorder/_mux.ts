/** One file of mediabunny, or a fragmented one made of several of them. */

import type { EncodedAudioPacketSource, EncodedVideoPacketSource, Output } from "mediabunny";
import type { NalCodec } from "../annexb.ts";
import type { DecoderConfig } from "../decoder_config.ts";
import type { Container } from "./container.ts";
import type { RecordingSink } from "./sink.ts";

/** Sound as the file holds it. */
export interface SoundTrack {
  readonly codec: "aac" | "pcm-s16" | "alaw" | "ulaw";
  /** Hertz. */
  readonly sampleRate: number;
  readonly channels: number;
  /** AudioSpecificConfig. */
  readonly config?: Uint8Array | undefined;
}

/** Writes the packets of one file. Times in seconds from its start. */
export interface FileMux {
  /** Adds a picture: length-prefixed units, which may be changed. */
  video(data: Uint8Array, time: number, duration: number, key: boolean): Promise<void>;
  /** Adds sound. */
  sound(data: Uint8Array, time: number, duration: number): Promise<void>;
  /** Ends the file. The sink is not committed. */
  finish(): Promise<void>;
  /** Ends it without writing more. */
  cancel(): Promise<void>;
}

/** What a file is made of. */
export interface MuxOptions {
  readonly container: Exclude<Container, "ts">;
  /** Playable at any time, even when nobody ends it. */
  readonly fragmented: boolean;
  readonly video: { readonly codec: NalCodec; readonly config: DecoderConfig };
  readonly sound: SoundTrack | undefined;
}

/** Packets after which the muxer is made anew: it remembers each packet of a fragmented file. */
const RENEWAL = 20_000;

type Bunny = typeof import("mediabunny");

/** Writes packets to a sink. Times in seconds from the start of the file. */
export class Mux implements FileMux {
  readonly #media: Bunny;
  readonly #sink: RecordingSink;
  readonly #options: MuxOptions;
  readonly #boxes: Boxes | undefined;
  #part: Part;

  private constructor(media: Bunny, sink: RecordingSink, options: MuxOptions) {
    this.#media = media;
    this.#sink = sink;
    this.#options = options;
    const { container, fragmented } = options;
    const isIso = container === "mp4" || container === "mov";
    this.#boxes = isIso && fragmented ? new Boxes(sink) : undefined;
    this.#part = this.#begin();
  }

  /** Begins a file. */
  static async start(sink: RecordingSink, options: MuxOptions): Promise<Mux> {
    const mux = new Mux(await import("mediabunny"), sink, options);
    await mux.#part.output.start();
    return mux;
  }

  /** See {@linkcode FileMux.video}. */
  async video(data: Uint8Array, time: number, duration: number, key: boolean): Promise<void> {
    if (key && this.#boxes !== undefined && this.#part.count >= RENEWAL) await this.#renew();
    const packet = new this.#media.EncodedPacket(data, key ? "key" : "delta", time, duration);
    const part = this.#part;
    const { info, record } = this.#options.video.config;
    const meta = part.count++ > 0 ? undefined : {
      decoderConfig: {
        codec: info.codec,
        codedWidth: info.width,
        codedHeight: info.height,
        description: record,
      },
    };
    await part.video.add(packet, meta);
    await this.#boxes?.drain();
  }

  /** See {@linkcode FileMux.sound}. */
  async sound(data: Uint8Array, time: number, duration: number): Promise<void> {
    const { sound } = this.#options;
    const part = this.#part;
    if (sound === undefined || part.sound === undefined) return;
    const packet = new this.#media.EncodedPacket(data, "key", time, duration);
    const meta = part.heard++ > 0 ? undefined : {
      decoderConfig: {
        codec: sound.codec === "aac" ? "mp4a.40.2" : sound.codec,
        sampleRate: sound.sampleRate,
        numberOfChannels: sound.channels,
        ...(sound.config === undefined ? {} : { description: sound.config }),
      },
    };
    part.count++;
    await part.sound.add(packet, meta);
    await this.#boxes?.drain();
  }

  /** See {@linkcode FileMux.finish}. */
  async finish(): Promise<void> {
    await this.#part.output.finalize();
    await this.#boxes?.drain();
  }

  /** See {@linkcode FileMux.cancel}. */
  async cancel(): Promise<void> {
    await this.#part.output.cancel().catch(() => {});
  }

  async #renew(): Promise<void> {
    await this.#part.output.finalize();
    await this.#boxes!.drain();
    this.#boxes!.next();
    this.#part = this.#begin();
    await this.#part.output.start();
  }

  #begin(): Part {
    const { video, sound } = this.#options;
    const media = this.#media;
    const output = new media.Output({ format: this.#format(), target: this.#target() });
    const pictures = new media.EncodedVideoPacketSource(video.codec === "h264" ? "avc" : "hevc");
    output.addVideoTrack(pictures);
    const heard = sound === undefined ? undefined : new media.EncodedAudioPacketSource(sound.codec);
    if (heard !== undefined) output.addAudioTrack(heard);
    return { output, video: pictures, sound: heard, count: 0, heard: 0 };
  }

  #format() {
    const { container, fragmented } = this.#options;
    const media = this.#media;
    const iso = this.#boxes === undefined
      ? { fastStart: false } as const
      : { fastStart: "fragmented", ...this.#boxes.callbacks } as const;
    switch (container) {
      case "mp4":
        return new media.Mp4OutputFormat(iso);
      case "mov":
        return new media.MovOutputFormat(iso);
      case "mkv":
        return new media.MkvOutputFormat({ appendOnly: fragmented || !this.#sink.seekable });
    }
  }

  #target() {
    if (this.#boxes !== undefined) return new this.#media.NullTarget();
    const sink = this.#sink;
    return new this.#media.StreamTarget(
      new WritableStream({ write: ({ data, position }) => sink.write(data, position) }),
    );
  }
}

interface Part {
  readonly output: Output;
  readonly video: EncodedVideoPacketSource;
  readonly sound: EncodedAudioPacketSource | undefined;
  /** Packets so far. */
  count: number;
  heard: number;
}

/**
 * The boxes of a fragmented file in a row, from one muxer after another: the head is that of the
 * first, fragments are numbered on, and there is no index at the end, which is only a convenience.
 */
class Boxes {
  readonly #sink: RecordingSink;
  #waiting: Uint8Array[] = [];
  #at = 0;
  #fragment = 0;
  #isFirst = true;

  constructor(sink: RecordingSink) {
    this.#sink = sink;
  }

  /** What the muxer calls. */
  readonly callbacks = {
    onFtyp: (data: Uint8Array) => this.#head(data),
    onMoov: (data: Uint8Array) => this.#head(data),
    onMoof: (data: Uint8Array) => {
      // moof, mfhd: the number of the fragment stands behind both heads, version and flags.
      new DataView(data.buffer, data.byteOffset).setUint32(20, ++this.#fragment);
      this.#waiting.push(data);
    },
    onMdat: (data: Uint8Array) => void this.#waiting.push(data),
  };

  next(): void {
    this.#isFirst = false;
  }

  async drain(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const bytes of waiting) {
      await this.#sink.write(bytes, this.#at);
      this.#at += bytes.length;
    }
  }

  #head(data: Uint8Array): void {
    if (this.#isFirst) this.#waiting.push(data);
  }
}

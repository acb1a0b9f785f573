/** AAC from samples, by @mediabunny/aac-encoder. */

import type { AudioSampleSource, Output } from "mediabunny";

/** A frame of raw AAC. */
export interface AacFrame {
  readonly data: Uint8Array;
  /** Seconds. */
  readonly time: number;
}

/** Samples in a frame; also by how many the encoder is late. */
export const AAC_FRAME = 1024;

/** One stream of AAC. Not pure: the encoder is a worker. */
export class AacEncoder {
  readonly #output: Output;
  readonly #source: AudioSampleSource;
  readonly #Sample: typeof import("mediabunny").AudioSample;
  readonly #rate: number;
  readonly #channels: number;
  /** Which sample stands at which time: one entry at the start, and one behind each hole. */
  #anchors: { readonly sample: number; readonly time: number }[] = [];
  #given = 0;
  #got = 0;
  #ready: AacFrame[] = [];

  private constructor(
    media: typeof import("mediabunny"),
    rate: number,
    channels: number,
  ) {
    this.#rate = rate;
    this.#channels = channels;
    this.#Sample = media.AudioSample;
    // The frames are taken on their way; what the output would do with them is of no interest.
    this.#output = new media.Output({
      format: new media.AdtsOutputFormat(),
      target: new media.NullTarget(),
    });
    this.#source = new media.AudioSampleSource({
      codec: "aac",
      bitrate: Math.min(128_000, rate * channels * 4),
      onEncodedPacket: (packet) => this.#take(packet.data),
    });
    this.#output.addAudioTrack(this.#source);
  }

  /**
   * Starts an encoder.
   *
   * @param rate hertz
   * @throws {Error} when it does not run here
   */
  static async start(rate: number, channels: number): Promise<AacEncoder> {
    const [media, { registerAacEncoder }] = await Promise.all([
      import("mediabunny"),
      import("@mediabunny/aac-encoder"),
    ]);
    registerAacEncoder();
    const encoder = new AacEncoder(media, rate, channels);
    await encoder.#output.start();
    return encoder;
  }

  /**
   * Encodes samples.
   *
   * @param restart seconds at which they begin, for the first ones and behind a hole
   */
  async push(samples: Int16Array, restart: number | undefined): Promise<AacFrame[]> {
    if (restart !== undefined) {
      // What stands before the hole ends with a whole frame.
      const rest = this.#given % AAC_FRAME;
      if (rest > 0) await this.#feed(new Int16Array((AAC_FRAME - rest) * this.#channels));
      this.#anchors.push({ sample: this.#given, time: restart });
    }
    await this.#feed(samples);
    return this.#drain();
  }

  /** Ends the stream and gives what is left. */
  async finish(): Promise<AacFrame[]> {
    if (this.#given === 0) {
      await this.cancel();
      return [];
    }
    await this.#output.finalize();
    return this.#drain();
  }

  /** Ends the encoder without its frames. */
  async cancel(): Promise<void> {
    await this.#output.cancel();
  }

  async #feed(samples: Int16Array): Promise<void> {
    const frames = samples.length / this.#channels;
    if (frames === 0) return;
    const sample = new this.#Sample({
      data: samples as Int16Array<ArrayBuffer>,
      format: "s16",
      numberOfChannels: this.#channels,
      sampleRate: this.#rate,
      timestamp: this.#given / this.#rate,
    });
    this.#given += frames;
    try {
      await this.#source.add(sample);
    } finally {
      sample.close();
    }
  }

  #take(data: Uint8Array): void {
    // The first frame is what the encoder needs to get going: it holds no sample of ours.
    const sample = (this.#got++ - 1) * AAC_FRAME;
    if (sample < 0 || sample >= this.#given) return;
    while (this.#anchors.length > 1 && this.#anchors[1]!.sample <= sample) this.#anchors.shift();
    const anchor = this.#anchors[0]!;
    this.#ready.push({ data, time: anchor.time + (sample - anchor.sample) / this.#rate });
  }

  #drain(): AacFrame[] {
    const ready = this.#ready;
    this.#ready = [];
    return ready;
  }
}

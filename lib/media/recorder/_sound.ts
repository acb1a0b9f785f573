/** The sound of one file: as it is, as AAC, or as PCM. */

import { audioSpecificConfig } from "../adts.ts";
import { decodeG711 } from "../g711.ts";
import type { MediaTrack } from "../unit.ts";
import { AAC_FRAME, AacEncoder } from "./_aac_encoder.ts";
import type { SoundTrack } from "./_mux.ts";
import { SampleLine } from "./_sample_line.ts";
import type { SoundForm } from "./container.ts";

/** Sound that is ready to be written; times in seconds. */
export interface SoundPacket {
  readonly data: Uint8Array;
  readonly time: number;
  readonly duration: number;
}

/** Makes packets of units. */
export interface SoundWriter {
  /** What the file has to know. */
  readonly track: SoundTrack;
  /** Seconds at which the sound so far ends; undefined before the first. */
  readonly end: number | undefined;
  /** Takes a unit; `isBehindLoss`: what was right before it was lost. */
  push(data: Uint8Array, time: number, isBehindLoss?: boolean): Promise<Iterable<SoundPacket>>;
  /** Silence up to a time: pictures go on, and players want both. */
  silence(until: number): Promise<Iterable<SoundPacket>>;
  /** Gives what is left. */
  finish(): Promise<SoundPacket[]>;
  /** Ends without it. */
  cancel(): Promise<void>;
}

/** Makes the writer of a form. */
export function soundWriter(track: MediaTrack, form: SoundForm): Promise<SoundWriter> {
  switch (form) {
    case "aac":
      return EncodedSound.start(track);
    case "pcm":
      return Promise.resolve(new PcmSound(track));
    case "copy":
      return Promise.resolve(
        track.codec === "aac" ? new CopiedAac(track) : new CopiedSamples(track),
      );
  }
}

/** True when the encoder runs here. */
export async function hasAacEncoder(): Promise<boolean> {
  try {
    const encoder = await AacEncoder.start(8000, 1);
    await encoder.push(new Int16Array(AAC_FRAME), 0);
    await encoder.finish();
    return true;
  } catch {
    return false;
  }
}

/** Samples of 16 bits of what can be decoded. */
function samplesOf(track: MediaTrack, data: Uint8Array): Int16Array {
  switch (track.codec) {
    case "alaw":
    case "mulaw":
      return decodeG711(track.codec, data);
    case "s8":
      return Int16Array.from(data, (byte) => (byte << 24) >> 16);
    default: {
      const whole = data.length - data.length % (2 * track.channels);
      return new Int16Array(data.slice(0, whole).buffer); // all our platforms are little-endian
    }
  }
}

/**
 * Longest silence in one go, in seconds. More is missing only where pictures stayed away too, hours
 * maybe: a hole for both.
 */
const LONGEST_SILENCE = 1;

/** Where silence begins that ends at `until`. */
function silenceFrom(end: number | undefined, until: number): number {
  return Math.max(end ?? until, until - LONGEST_SILENCE);
}

function bytesOf(samples: Int16Array): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}

const silent = (track: MediaTrack, seconds: number) =>
  new Int16Array(Math.round(seconds * track.clockRate) * track.channels);

class EncodedSound implements SoundWriter {
  readonly track: SoundTrack;
  readonly #source: MediaTrack;
  readonly #line: SampleLine;
  readonly #encoder: AacEncoder;

  private constructor(source: MediaTrack, encoder: AacEncoder) {
    const { clockRate, channels } = source;
    this.#source = source;
    this.#encoder = encoder;
    this.#line = new SampleLine(clockRate, channels);
    this.track = { codec: "aac", sampleRate: clockRate, channels, config: lowComplexity(source) };
  }

  static async start(source: MediaTrack): Promise<EncodedSound> {
    return new EncodedSound(source, await AacEncoder.start(source.clockRate, source.channels));
  }

  get end(): number | undefined {
    return this.#line.end;
  }

  push(data: Uint8Array, time: number, isBehindLoss = false): Promise<SoundPacket[]> {
    return this.#push(samplesOf(this.#source, data), time, isBehindLoss);
  }

  async silence(until: number): Promise<SoundPacket[]> {
    const from = silenceFrom(this.#line.end, until);
    return until > from ? await this.#push(silent(this.#source, until - from), from) : [];
  }

  async finish(): Promise<SoundPacket[]> {
    return this.#packets(await this.#encoder.finish());
  }

  cancel(): Promise<void> {
    return this.#encoder.cancel();
  }

  async #push(block: Int16Array, time: number, isBehindLoss = false): Promise<SoundPacket[]> {
    const { samples, restart } = this.#line.push(block, time, isBehindLoss);
    return this.#packets(await this.#encoder.push(samples, restart));
  }

  #packets(frames: readonly { data: Uint8Array; time: number }[]): SoundPacket[] {
    const duration = AAC_FRAME / this.#source.clockRate;
    return frames.map(({ data, time }) => ({ data, time, duration }));
  }
}

class PcmSound implements SoundWriter {
  readonly track: SoundTrack;
  readonly #source: MediaTrack;
  readonly #line: SampleLine;

  constructor(source: MediaTrack) {
    const { clockRate, channels } = source;
    this.#source = source;
    this.#line = new SampleLine(clockRate, channels);
    this.track = { codec: "pcm-s16", sampleRate: clockRate, channels };
  }

  get end(): number | undefined {
    return this.#line.end;
  }

  push(data: Uint8Array, time: number, isBehindLoss = false): Promise<Iterable<SoundPacket>> {
    return Promise.resolve(this.#push(samplesOf(this.#source, data), time, isBehindLoss));
  }

  silence(until: number): Promise<Iterable<SoundPacket>> {
    const from = silenceFrom(this.#line.end, until);
    const missing = until > from ? silent(this.#source, until - from) : new Int16Array(0);
    return Promise.resolve(missing.length === 0 ? [] : this.#push(missing, from));
  }

  finish(): Promise<SoundPacket[]> {
    return Promise.resolve([]);
  }

  cancel(): Promise<void> {
    return Promise.resolve();
  }

  *#push(block: Int16Array, at: number, isBehindLoss = false): Generator<SoundPacket, void, void> {
    const before = this.#line.end;
    const { samples, restart } = this.#line.push(block, at, isBehindLoss);
    const time = restart ?? before!;
    const end = this.#line.end!;
    // PCM in files has no holes: what is missing is silence, second by second.
    for (let from = before ?? time; time - from > 1e-6;) {
      const to = Math.min(time, from + 1);
      yield { data: bytesOf(silent(this.#source, to - from)), time: from, duration: to - from };
      from = to;
    }
    if (samples.length > 0) yield { data: bytesOf(samples), time, duration: end - time };
  }
}

/** Frames of AAC that hold silence, by the number of channels. */
const SILENT_AAC: readonly Uint8Array[] = [
  Uint8Array.of(0x00, 0xc8, 0x00, 0x80, 0x23, 0x80),
  Uint8Array.of(0x21, 0x00, 0x49, 0x90, 0x02, 0x19, 0x00, 0x23, 0x80),
];

class CopiedAac implements SoundWriter {
  readonly track: SoundTrack;
  readonly #duration: number;
  readonly #silent: Uint8Array | undefined;
  #end: number | undefined;

  constructor({ clockRate, channels, config }: MediaTrack) {
    this.track = { codec: "aac", sampleRate: clockRate, channels, config };
    this.#duration = AAC_FRAME / clockRate;
    this.#silent = SILENT_AAC[channels - 1];
  }

  get end(): number | undefined {
    return this.#end;
  }

  push(data: Uint8Array, time: number): Promise<SoundPacket[]> {
    const end = this.#end;
    // Sound that comes twice, or after silence stood in for it.
    if (end !== undefined && time < end - this.#duration / 2) return Promise.resolve([]);
    // Times of containers are rounded: frames that follow each other shall not lie apart.
    const exact = end !== undefined && Math.abs(time - end) < 0.01 ? end : time;
    this.#end = exact + this.#duration;
    return Promise.resolve([{ data, time: exact, duration: this.#duration }]);
  }

  silence(until: number): Promise<SoundPacket[]> {
    const packets: SoundPacket[] = [];
    const data = this.#silent;
    this.#end = silenceFrom(this.#end, until);
    while (data !== undefined && this.#end + this.#duration <= until) {
      packets.push({ data, time: this.#end, duration: this.#duration });
      this.#end += this.#duration;
    }
    return Promise.resolve(packets);
  }

  finish(): Promise<SoundPacket[]> {
    return Promise.resolve([]);
  }

  cancel(): Promise<void> {
    return Promise.resolve();
  }
}

/** G.711 and PCM with their own bytes. */
class CopiedSamples implements SoundWriter {
  readonly track: SoundTrack;
  readonly #bytesPerSecond: number;
  readonly #silence: number;
  #end: number | undefined;

  constructor({ codec, clockRate, channels }: MediaTrack) {
    const name = codec === "alaw" ? "alaw" : codec === "mulaw" ? "ulaw" : "pcm-s16";
    this.track = { codec: name, sampleRate: clockRate, channels };
    this.#bytesPerSecond = clockRate * channels * (name === "pcm-s16" ? 2 : 1);
    this.#silence = name === "alaw" ? 0xd5 : name === "ulaw" ? 0xff : 0;
  }

  get end(): number | undefined {
    return this.#end;
  }

  push(data: Uint8Array, time: number): Promise<SoundPacket[]> {
    const duration = data.length / this.#bytesPerSecond;
    const end = this.#end;
    if (end !== undefined && time < end - duration / 2) return Promise.resolve([]);
    const exact = end !== undefined && Math.abs(time - end) < 0.02 ? end : time;
    this.#end = exact + duration;
    return Promise.resolve([{ data, time: exact, duration }]);
  }

  silence(until: number): Promise<SoundPacket[]> {
    const { sampleRate } = this.track;
    const time = this.#end = silenceFrom(this.#end, until);
    const frames = Math.round((until - time) * sampleRate);
    if (frames <= 0) return Promise.resolve([]);
    const duration = frames / sampleRate;
    const data = new Uint8Array(duration * this.#bytesPerSecond).fill(this.#silence);
    this.#end = time + duration;
    return Promise.resolve([{ data, time, duration }]);
  }

  finish(): Promise<SoundPacket[]> {
    return Promise.resolve([]);
  }

  cancel(): Promise<void> {
    return Promise.resolve();
  }
}

/** AudioSpecificConfig of AAC-LC (ISO/IEC 14496-3, section 1.6.2.1). */
function lowComplexity({ clockRate, channels }: MediaTrack): Uint8Array {
  return audioSpecificConfig({ objectType: 2, sampleRate: clockRate, channels });
}

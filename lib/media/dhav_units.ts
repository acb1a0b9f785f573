/**
 * From the frames of a DHAV stream to pictures and sound with a time.
 *
 * @module
 */

import { adtsFrames, audioSpecificConfig, readAdtsHeader } from "./adts.ts";
import { inspectAccessUnit, type NalCodec, nalUnits } from "./annexb.ts";
import type { DhavAudio, DhavAudioCodec, DhavFrame, DhavVideoCodec } from "./dhav.ts";
import { DhavClock, type DhavTime, type DhavTimeEvent } from "./dhav_clock.ts";
import type { AudioCodec, MediaTrack, MediaUnit, VideoCodec } from "./unit.ts";

/** Which frames become units, and who hears of what is odd. */
export interface DhavUnitsOptions {
  /** Channel on the wire, from 0. Default: that of the first picture. */
  readonly channel?: number | undefined;
  /** Gets what was odd about the time; `at` in seconds of media time. */
  readonly onTime?: ((event: DhavTimeEvent, at: number) => void) | undefined;
}

/** What became of the frames so far. */
export interface DhavUnitCounts {
  /** Frames that came twice and were left out. */
  readonly repeated: number;
  /** Pictures and sound in codecs that nobody knows, and frames of unexplained types. */
  readonly unknown: number;
  /** Channels on the wire that pictures came from, in the order of their appearance. */
  readonly channels: readonly number[];
}

const AUDIO: Readonly<Partial<Record<DhavAudioCodec, AudioCodec>>> = {
  aac: "aac",
  pcm_alaw: "alaw",
  pcm_mulaw: "mulaw",
  pcm_s16le: "s16le",
  pcm_s8: "s8",
  mp2: "mp2",
  mp3: "mp3",
  adpcm_ms: "adpcm",
};

/** Turns the frames of one stream into units of one channel. */
export class DhavUnits {
  readonly #options: DhavUnitsOptions;
  readonly #clock = new DhavClock();
  readonly #channels: number[] = [];
  #video: MediaTrack | undefined;
  #audio: MediaTrack | undefined;
  #said: DhavAudio | undefined;
  #fps = 0;
  #lastPicture: DhavFrame | undefined;
  #lastSound: DhavFrame | undefined;
  readonly #times: { video?: number; audio?: number } = {};
  #isChecked = false;
  #lost = false;
  #repeated = 0;
  #unknown = 0;

  /** Starts a stream. */
  constructor(options: DhavUnitsOptions = {}) {
    this.#options = options;
  }

  /** What became of the frames so far. */
  get counts(): DhavUnitCounts {
    return { repeated: this.#repeated, unknown: this.#unknown, channels: [...this.#channels] };
  }

  /** The units of the next frame. Their data are views of the frame. */
  *push(frame: DhavFrame): Generator<MediaUnit, void, void> {
    if (frame.skipped > 0) this.#lost = true;
    const kind = kindOf(frame);
    if (kind === undefined) {
      if (frame.kind !== "aux") this.#unknown++;
      return;
    }
    const { channel } = frame;
    if (kind === "video" && !this.#channels.includes(channel)) this.#channels.push(channel);
    // Sound that comes before the first picture starts no recording anyhow.
    if (channel !== (this.#options.channel ?? this.#channels[0])) return;
    if (kind === "video") yield* this.#picture(frame);
    else yield* this.#sound(frame);
  }

  *#picture(frame: DhavFrame): Generator<MediaUnit, void, void> {
    const { payload, video } = frame;
    if (video?.fps !== undefined && video.fps > 0) this.#fps = video.fps;
    const track = this.#videoTrack(video?.codec, payload);
    if (track === undefined) {
      this.#unknown++;
      return;
    }
    const before = this.#lastPicture;
    const { time, repeated } = this.#place(frame, "video");
    if (repeated && before !== undefined && isSame(before.payload, payload)) {
      this.#repeated++;
      return;
    }
    const followed = before === undefined || frame.frameNumber === before.frameNumber + 1;
    const damaged = this.#lost && !followed;
    this.#lost = false;
    this.#lastPicture = frame;
    const { codec } = track;
    // What the device calls an inter picture is none to start with; a key picture is looked at.
    const key = frame.kind === "video_inter"
      ? false
      : codec === "h264" || codec === "h265"
      ? inspectAccessUnit(codec, payload).key
      : true;
    yield { track, time: time / 1000, data: payload, key, damaged };
  }

  *#sound(frame: DhavFrame): Generator<MediaUnit, void, void> {
    const { payload } = frame;
    const said = frame.audio ?? this.#said;
    this.#said = said;
    const before = this.#lastSound;
    const { time, repeated } = this.#place(frame, "audio");
    if (repeated && before !== undefined && isSame(before.payload, payload)) {
      this.#repeated++;
      return;
    }
    this.#lastSound = frame;
    const codec = said === undefined ? undefined : AUDIO[said.codec];
    if (said === undefined || codec === undefined) {
      this.#unknown++;
      return;
    }
    if (codec === "aac" && readAdtsHeader(payload) !== undefined) {
      let at = time / 1000;
      for (const { header, payload: data } of adtsFrames(payload)) {
        const config = audioSpecificConfig(header);
        const track = this.#audioTrack("aac", header.sampleRate, header.channels, config);
        yield { track, time: at, data, key: true, damaged: false };
        at += 1024 / header.sampleRate;
      }
      return;
    }
    if (said.sampleRate === undefined || codec === "aac") {
      this.#unknown++;
      return;
    }
    const track = this.#audioTrack(codec, said.sampleRate, Math.max(1, said.channels), undefined);
    yield { track, time: time / 1000, data: payload, key: true, damaged: false };
  }

  #place(frame: DhavFrame, stream: "video" | "audio"): DhavTime {
    this.#isChecked ||= frame.checksumOk === true;
    const last = this.#times[stream];
    // A header that is damaged tells no time; devices that write no checksums are believed.
    if (this.#isChecked && frame.checksumOk === false && last !== undefined) {
      return { time: last, repeated: false, event: undefined };
    }
    const placed = this.#clock.place({
      stream,
      counter: frame.timestamp ?? 0,
      wall: wallSeconds(frame.date),
      frameNumber: frame.frameNumber,
      interval: stream === "video" && this.#fps > 0 ? 1000 / this.#fps : undefined,
    });
    this.#times[stream] = placed.time;
    if (placed.event !== undefined) this.#options.onTime?.(placed.event, placed.time / 1000);
    return placed;
  }

  #videoTrack(told: DhavVideoCodec | undefined, payload: Uint8Array): MediaTrack | undefined {
    const codec = told === undefined || told === "unknown"
      ? this.#video?.codec ?? guessCodec(payload)
      : told satisfies VideoCodec;
    if (codec === undefined) return undefined;
    if (this.#video?.codec === codec) return this.#video;
    return this.#video = {
      index: 0,
      kind: "video",
      codec,
      clockRate: 1000,
      channels: 0,
      parameterSets: [],
      config: undefined,
    };
  }

  #audioTrack(
    codec: AudioCodec,
    clockRate: number,
    channels: number,
    config: Uint8Array | undefined,
  ): MediaTrack {
    const now = this.#audio;
    const same = now?.codec === codec && now.clockRate === clockRate &&
      now.channels === channels && config?.join() === now.config?.join();
    if (same) return now;
    const track = { kind: "audio", codec, clockRate, channels, config } as const;
    return this.#audio = { index: 1, parameterSets: [], ...track };
  }
}

function kindOf(frame: DhavFrame): "video" | "audio" | undefined {
  switch (frame.kind) {
    case "video_key":
    case "video_inter":
      return "video";
    case "audio":
      return "audio";
    case "aux":
      return undefined;
    case "other":
      // FE and FB were seen as variants of pictures.
      return (frame.type === 0xfe || frame.type === 0xfb) && startsWithCode(frame.payload)
        ? "video"
        : undefined;
  }
}

function startsWithCode(bytes: Uint8Array): boolean {
  return bytes[0] === 0 && bytes[1] === 0 && (bytes[2] === 1 || (bytes[2] === 0 && bytes[3] === 1));
}

/** The codec of a picture that nothing was said about, by its first parameter set. */
function guessCodec(payload: Uint8Array): NalCodec | undefined {
  for (const unit of nalUnits(payload.subarray(0, 4096))) {
    if (unit[0] === 0x40 || unit[0] === 0x42) return "h265"; // VPS, SPS
    if ((unit[0]! & 0x9f) === 0x07) return "h264"; // SPS
  }
  return undefined;
}

/** Seconds since 1970 if the device's local time were UTC; undefined when it is no date. */
function wallSeconds(packed: number): number | undefined {
  const month = (packed >>> 22) & 0x0f;
  const day = (packed >>> 17) & 0x1f;
  if (month < 1 || month > 12 || day < 1) return undefined;
  return Date.UTC(
    2000 + (packed >>> 26),
    month - 1,
    day,
    (packed >>> 12) & 0x1f,
    (packed >>> 6) & 0x3f,
    packed & 0x3f,
  ) / 1000;
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) {
    if (one[index] !== other[index]) return false;
  }
  return true;
}

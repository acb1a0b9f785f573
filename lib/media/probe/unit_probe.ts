/**
 * What units of pictures and sound tell about themselves.
 *
 * @module
 */

import { inspectAccessUnit, nalKind } from "../annexb.ts";
import { readSps, type SpsInfo } from "../sps.ts";
import type { MediaTrack, MediaUnit, VideoCodec } from "../unit.ts";
import { type StreamFigures, StreamStats } from "./stream_stats.ts";

/** Pictures of one channel. */
export interface ProbedVideo extends StreamFigures {
  /** Channel from 1 of a device, number of the track in files other than DHAV. */
  readonly channel: number;
  /** For example `h264`. */
  readonly codec: string;
  /** RFC 6381, for example `avc1.64001F`; null when the pictures do not tell. */
  readonly profile: string | null;
  /** Pixels; null when nothing tells. */
  readonly width: number | null;
  /** Pixels; null when nothing tells. */
  readonly height: number | null;
  /** Pictures per second as the container or the parameter sets say; null when neither does. */
  readonly toldFps: number | null;
  /** Times that codec, size or profile changed. */
  readonly changes: number;
}

/** Sound of one channel. */
export interface ProbedAudio {
  /** Channel from 1 of a device, number of the track in files other than DHAV. */
  readonly channel: number;
  /** For example `alaw`. */
  readonly codec: string;
  /** Hertz. */
  readonly sampleRate: number;
  /** Channels of sound. */
  readonly channels: number;
  /** Seconds. */
  readonly duration: number;
  /** Seconds of its start on the time line; null when there is none. */
  readonly start: number | null;
  /** Bits per second; null without a duration. */
  readonly bitRate: number | null;
}

/** What a container says of its pictures. */
export interface ToldVideo {
  /** Pixels. */
  readonly width?: number;
  /** Pixels. */
  readonly height?: number;
  /** Pictures per second. */
  readonly fps?: number;
}

/** Looks at the pictures and the sound of one channel, unit by unit. */
export class UnitProbe {
  readonly #channel: number;
  readonly #pictures = new StreamStats();
  readonly #sound = new StreamStats();
  #codec: VideoCodec | undefined;
  #told: ToldVideo = {};
  #sps: SpsInfo | undefined;
  #changes = 0;
  #audio: MediaTrack | undefined;

  /** Takes the number that the channel goes by. */
  constructor(channel: number) {
    this.#channel = channel;
  }

  /** Takes a unit, with what its container says. */
  add({ track, data, time, key }: MediaUnit, told?: ToldVideo): void {
    if (track.kind === "audio") {
      this.#audio = track;
      this.#sound.add(time, data.length, true, durationOf(track, data));
      return;
    }
    const codec = track.codec as VideoCodec;
    this.#told = { ...this.#told, ...told };
    this.#pictures.add(time, data.length, key);
    if (this.#codec !== undefined && this.#codec !== codec) this.#changes++;
    this.#codec = codec;
    if (!key || (codec !== "h264" && codec !== "h265")) return;
    const set = inspectAccessUnit(codec, data).sps[0] ??
      track.parameterSets.find((unit) => unit.length > 0 && nalKind(codec, unit) === "sps");
    const sps = set === undefined ? undefined : readSps(codec, set);
    if (sps === undefined) return;
    const before = this.#sps;
    const changed = before !== undefined &&
      (before.codec !== sps.codec || before.width !== sps.width || before.height !== sps.height);
    if (changed) this.#changes++;
    this.#sps = sps;
  }

  /** A picture is missing here. */
  missing(): void {
    this.#pictures.missing();
  }

  /** The pictures so far; undefined when there was none. */
  get video(): ProbedVideo | undefined {
    const codec = this.#codec;
    if (codec === undefined) return undefined;
    const sps = this.#sps;
    return {
      channel: this.#channel,
      codec,
      profile: sps?.codec ?? null,
      width: sps?.width ?? this.#told.width ?? null,
      height: sps?.height ?? this.#told.height ?? null,
      toldFps: this.#told.fps ?? sps?.frameRate ?? null,
      changes: this.#changes,
      ...this.#pictures.figures,
    };
  }

  /** The sound so far; undefined when there was none. */
  get audio(): ProbedAudio | undefined {
    const track = this.#audio;
    if (track === undefined) return undefined;
    const { duration, start, bitRate } = this.#sound.figures;
    const { codec, clockRate: sampleRate, channels } = track;
    return { channel: this.#channel, codec, sampleRate, channels, duration, start, bitRate };
  }
}

/** Seconds of the longest of several streams. */
export function longest(streams: readonly { readonly duration: number }[]): number {
  return streams.reduce((most, { duration }) => Math.max(most, duration), 0);
}

function durationOf({ codec, clockRate, channels }: MediaTrack, data: Uint8Array): number {
  if (codec === "aac") return 1024 / clockRate;
  return data.length / (clockRate * channels * (codec === "s16le" ? 2 : 1));
}

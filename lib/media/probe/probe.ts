/**
 * What a file of pictures and sound holds.
 *
 * @module
 */

import { inspectAccessUnit } from "../annexb.ts";
import { DhavSource, type DhavTimeNote } from "../dhav_source.ts";
import { readSps, type SpsInfo } from "../sps.ts";
import { type StreamFigures, StreamStats } from "./stream_stats.ts";

/** Pictures of one channel. */
export interface ProbedVideo extends StreamFigures {
  /** Channel from 1 in a DHAV recording, number of the track elsewhere. */
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
  /** Channel from 1 in a DHAV recording, number of the track elsewhere. */
  readonly channel: number;
  /** For example `alaw`. */
  readonly codec: string;
  /** Hertz. */
  readonly sampleRate: number;
  /** Channels of sound. */
  readonly channels: number;
  /** Seconds. */
  readonly duration: number;
  /** Seconds on the file's time line; null when there is none. */
  readonly start: number | null;
  /** Bits per second; null without a duration. */
  readonly bitRate: number | null;
}

/** What only DHAV tells. */
export interface ProbedDhav {
  /** The device's clock at the first frame; null when it tells no date. */
  readonly started: string | null;
  /** Frames of any kind. */
  readonly frames: number;
  /** Frames with a wrong checksum or trailer. */
  readonly damaged: number;
  /** Frames that came twice. */
  readonly repeated: number;
  /** Frames that nobody can explain. */
  readonly unknown: number;
  /** Bytes that belong to no frame. */
  readonly skipped: number;
  /** True when it ends inside a frame. */
  readonly truncated: boolean;
  /** What was odd about the times, by channel. */
  readonly clock: readonly (DhavTimeNote & { readonly channel: number })[];
}

/** What a file holds. */
export interface ProbeResult {
  /** For example `dhav`, `mp4`. */
  readonly format: string;
  /** Bytes. */
  readonly bytes: number;
  /** Seconds of the longest stream. */
  readonly duration: number;
  /** Pictures. */
  readonly video: readonly ProbedVideo[];
  /** Sound. */
  readonly audio: readonly ProbedAudio[];
  /** What only DHAV tells; null for other formats. */
  readonly dhav: ProbedDhav | null;
}

interface Channel {
  readonly stats: StreamStats;
  readonly sound: StreamStats;
  codec: string;
  told: { readonly width?: number; readonly height?: number; readonly fps?: number };
  sps: SpsInfo | undefined;
  changes: number;
  audio: { readonly codec: string; readonly rate: number; readonly channels: number } | undefined;
  soundBytes: number;
}

/**
 * Looks at a DHAV recording. Undefined when it is none.
 *
 * @param onProgress gets the number of bytes that were read
 */
export async function probeDhav(
  chunks: AsyncIterable<Uint8Array>,
  onProgress?: (bytes: number) => void,
): Promise<ProbeResult | undefined> {
  const channels = new Map<number, Channel>();
  let damaged = 0;
  // The units of every channel are looked at, each by a source of its own on the same frames.
  const { DhavUnits } = await import("../dhav_units.ts");
  const units = new Map<number, InstanceType<typeof DhavUnits>>();
  const clock: (DhavTimeNote & { channel: number })[] = [];
  const source = new DhavSource(chunks, {
    channel: Infinity, // the units come from below
    onFrame(frame) {
      if (!frame.trailerOk || frame.checksumOk === false) damaged++;
      const number = frame.channel + 1;
      let own = units.get(number);
      if (own === undefined) {
        own = new DhavUnits({
          channel: frame.channel,
          onTime: ({ kind, by }, at) => {
            if (clock.length < 100) clock.push({ channel: number, at, kind, by: by / 1000 });
          },
        });
        units.set(number, own);
      }
      for (const unit of own.push(frame)) {
        let channel = channels.get(number);
        if (channel === undefined) {
          channel = {
            stats: new StreamStats(),
            sound: new StreamStats(),
            codec: "",
            told: {},
            sps: undefined,
            changes: 0,
            audio: undefined,
            soundBytes: 0,
          };
          channels.set(number, channel);
        }
        const { track, data, time, key } = unit;
        if (track.kind === "audio") {
          const { codec, clockRate: rate } = track;
          channel.audio = { codec, rate, channels: track.channels };
          channel.soundBytes += data.length;
          channel.sound.add(time, data.length, true, durationOf(channel.audio, data));
          continue;
        }
        channel.told = { ...channel.told, ...frame.video };
        channel.stats.add(time, data.length, key);
        if (channel.codec !== "" && channel.codec !== track.codec) channel.changes++;
        channel.codec = track.codec;
        if (key && (track.codec === "h264" || track.codec === "h265")) {
          const [set] = inspectAccessUnit(track.codec, data).sps;
          const sps = set === undefined ? undefined : readSps(track.codec, set);
          if (sps === undefined) continue;
          const before = channel.sps;
          const changed = before !== undefined &&
            (before.codec !== sps.codec || before.width !== sps.width ||
              before.height !== sps.height);
          if (changed) channel.changes++;
          channel.sps = sps;
        }
      }
      onProgress?.(source.bytes);
    },
  });
  for await (const _ of source);
  if (source.frames === 0) return undefined;
  const counts = [...units.values()].map((own) => own.counts);
  const video = [...channels].filter(([, { codec }]) => codec !== "").map(([channel, found]) =>
    videoOf(channel, found)
  );
  const audio = [...channels].flatMap(([channel, { audio, sound, soundBytes }]) => {
    if (audio === undefined) return [];
    const { duration, start } = sound.figures;
    const bitRate = duration > 0 ? Math.round(soundBytes * 8 / duration) : null;
    const { codec, rate: sampleRate, channels } = audio;
    return [{ channel, codec, sampleRate, channels, duration, start, bitRate }];
  });
  const sum = (pick: (count: typeof counts[number]) => number) =>
    counts.reduce((total, count) => total + pick(count), 0);
  return {
    format: "dhav",
    bytes: source.bytes,
    duration: longest([...video, ...audio]),
    video,
    audio,
    dhav: {
      started: source.started?.toString() ?? null,
      frames: source.frames,
      damaged,
      repeated: sum(({ repeated }) => repeated),
      unknown: sum(({ unknown }) => unknown),
      skipped: source.end?.skipped ?? 0,
      truncated: source.end?.state === "truncated",
      clock,
    },
  };
}

function videoOf(channel: number, { stats, codec, told, sps, changes }: Channel): ProbedVideo {
  return {
    channel,
    codec,
    profile: sps?.codec ?? null,
    width: sps?.width ?? told.width ?? null,
    height: sps?.height ?? told.height ?? null,
    toldFps: told.fps ?? sps?.frameRate ?? null,
    changes,
    ...stats.figures,
  };
}

function durationOf(
  { codec, rate, channels }: { codec: string; rate: number; channels: number },
  data: Uint8Array,
): number {
  if (codec === "aac") return 1024 / rate;
  return data.length / (rate * channels * (codec === "s16le" ? 2 : 1));
}

function longest(streams: readonly { readonly duration: number }[]): number {
  return streams.reduce((most, { duration }) => Math.max(most, duration), 0);
}

const CODECS: Readonly<Record<string, string>> = {
  avc: "h264",
  hevc: "h265",
  ulaw: "mulaw",
  "pcm-s16": "s16le",
};

/** Looks at a file of another format. Undefined when nobody knows it. */
export async function probeContainer(path: string): Promise<ProbeResult | undefined> {
  const media = await import("mediabunny");
  const input = new media.Input({
    formats: media.ALL_FORMATS,
    source: new media.FilePathSource(path),
  });
  try {
    if (!await input.canRead()) return undefined;
    const video: ProbedVideo[] = [];
    const audio: ProbedAudio[] = [];
    const figures = async (track: Awaited<ReturnType<typeof input.getTracks>>[number]) => {
      const stats = new StreamStats();
      const packets = new media.EncodedPacketSink(track).packets(undefined, undefined, {
        metadataOnly: true,
      });
      for await (const { timestamp, byteLength, type, duration } of packets) {
        stats.add(timestamp, byteLength, type === "key", duration);
      }
      return stats.figures;
    };
    for (const track of await input.getVideoTracks()) {
      const codec = await track.getCodec() ?? "unknown";
      video.push({
        channel: track.number,
        codec: CODECS[codec] ?? codec,
        profile: await track.getCodecParameterString(),
        width: await track.getDisplayWidth(),
        height: await track.getDisplayHeight(),
        toldFps: null,
        changes: 0,
        ...await figures(track),
      });
    }
    for (const track of await input.getAudioTracks()) {
      const codec = await track.getCodec() ?? "unknown";
      const { duration, start, bitRate } = await figures(track);
      audio.push({
        channel: track.number,
        codec: CODECS[codec] ?? codec,
        sampleRate: await track.getSampleRate(),
        channels: await track.getNumberOfChannels(),
        duration,
        start,
        bitRate,
      });
    }
    const { size: bytes } = await Deno.stat(path);
    const format = (await input.getFormat()).name.toLowerCase();
    return { format, bytes, duration: longest([...video, ...audio]), video, audio, dhav: null };
  } finally {
    input.dispose();
  }
}

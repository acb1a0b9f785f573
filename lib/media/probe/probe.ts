/**
 * What a file of pictures and sound holds.
 *
 * @module
 */

import { DhavSource, type DhavTimeNote } from "../dhav_source.ts";
import { StreamStats } from "./stream_stats.ts";
import { longest, type ProbedAudio, type ProbedVideo, UnitProbe } from "./unit_probe.ts";

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

/**
 * Looks at a DHAV recording. Undefined when it is none.
 *
 * @param onProgress gets the number of bytes that were read
 */
export async function probeDhav(
  chunks: AsyncIterable<Uint8Array>,
  onProgress?: (bytes: number) => void,
): Promise<ProbeResult | undefined> {
  const channels = new Map<number, UnitProbe>();
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
        if (channel === undefined) channels.set(number, channel = new UnitProbe(number));
        channel.add(unit, frame.video);
      }
      onProgress?.(source.bytes);
    },
  });
  for await (const _ of source);
  if (source.frames === 0) return undefined;
  const counts = [...units.values()].map((own) => own.counts);
  const video = [...channels.values()].flatMap(({ video }) => video ?? []);
  const audio = [...channels.values()].flatMap(({ audio }) => audio ?? []);
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

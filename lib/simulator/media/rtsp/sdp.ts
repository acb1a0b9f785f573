/**
 * The description of a stream (SDP, RFC 8866).
 *
 * @module
 */

import type { SoundCodec } from "../program.ts";
import type { Program } from "../program.ts";
import type { VideoCodec } from "../source.ts";

/** A track as it is sent. */
export interface TrackInfo {
  /** What it carries. */
  readonly kind: "video" | "audio";
  /** Codec. */
  readonly codec: VideoCodec | SoundCodec;
  /** Payload type. */
  readonly type: number;
  /** Ticks a second. */
  readonly rate: number;
}

const SOUNDS: Readonly<Record<SoundCodec, readonly [type: number, map: string]>> = {
  "G.711Mu": [0, "PCMU/8000"],
  "G.711A": [8, "PCMA/8000"],
  PCM: [98, "L16/8000"],
  AAC: [97, "MPEG4-GENERIC/8000/1"],
};

/** The tracks of a stream: pictures first. */
export function tracksOf({ video, sound }: Program): TrackInfo[] {
  const tracks: TrackInfo[] = [{ kind: "video", codec: video.codec, type: 96, rate: 90_000 }];
  if (sound !== undefined) {
    const [type] = SOUNDS[sound.codec];
    tracks.push({ kind: "audio", codec: sound.codec, type, rate: 8000 });
  }
  return tracks;
}

/** Describes a stream; `seconds` is its length, undefined for a live one. */
export function describeProgram(program: Program, seconds: number | undefined): string {
  const lines = [
    "v=0",
    "o=- 2251938191 2251938191 IN IP4 0.0.0.0",
    "s=Media Server",
    "c=IN IP4 0.0.0.0",
    "t=0 0",
    "a=control:*",
    "a=packetization-supported:DH",
    "a=rtppayload-supported:DH",
    `a=range:npt=${seconds === undefined ? "now-" : `0.000-${seconds.toFixed(3)}`}`,
  ];
  for (const [index, { kind, codec, type }] of tracksOf(program).entries()) {
    lines.push(`m=${kind} 0 RTP/AVP ${type}`, `a=control:trackID=${index}`);
    if (kind === "video") lines.push("a=framerate:25.000000");
    else lines.push(`a=rtpmap:${type} ${SOUNDS[codec as SoundCodec][1]}`);
    if (kind === "video") lines.push(...videoLines(program, type));
    if (codec === "AAC") {
      // 1588: AAC LC, 8000 samples a second, one channel.
      lines.push(
        `a=fmtp:${type} streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;` +
          "indexlength=3;indexdeltalength=3;config=1588",
      );
    }
    lines.push("a=recvonly");
  }
  return `${lines.join("\r\n")}\r\n`;
}

function videoLines({ video }: Program, type: number): string[] {
  const units = video.frames[0]!.units;
  if (video.codec === "H.264") {
    const set = (kind: number) => units.find((unit) => (unit[0]! & 0x1f) === kind)!;
    const [sps, pps] = [set(7), set(8)];
    return [
      `a=rtpmap:${type} H264/90000`,
      `a=fmtp:${type} packetization-mode=1;profile-level-id=${sps.subarray(1, 4).toHex()};` +
      `sprop-parameter-sets=${sps.toBase64()},${pps.toBase64()}`,
    ];
  }
  const set = (kind: number) => units.find((unit) => (unit[0]! >> 1 & 0x3f) === kind)!.toBase64();
  return [
    `a=rtpmap:${type} H265/90000`,
    `a=fmtp:${type} sprop-vps=${set(32)};sprop-sps=${set(33)};sprop-pps=${set(34)}`,
  ];
}

/** Pictures and sound made by ffmpeg: a flash and a click at the same moment, once a second. */

import { join } from "node:path";
import { pictures } from "./dhav.ts";
import { run } from "./peers.ts";

/** What is made. */
export interface MediaSpec {
  readonly codec: "h264" | "h265";
  readonly size?: string;
  readonly fps?: number;
  /** Seconds. */
  readonly duration?: number;
  /** Pictures from one key picture to the next. */
  readonly gop?: number;
  readonly options?: readonly string[];
}

/** Pictures: black, white for 200 ms from half past each second on. */
export async function makePictures(folder: string, spec: MediaSpec): Promise<Uint8Array[]> {
  const { codec, size = "320x240", fps = 25, duration = 6, gop = 25, options = [] } = spec;
  const file = join(folder, `${crypto.randomUUID()}.${codec}`);
  const source = `color=black:size=${size}:rate=${fps}:duration=${duration},` +
    `drawbox=color=white:t=fill:enable='between(mod(t,1),0.499,0.699)'`;
  const encoder = codec === "h264"
    ? ["libx264", "-preset", "ultrafast", "-x264-params", "scenecut=0"]
    : ["libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:scenecut=0:bframes=0"];
  await run("ffmpeg", [
    ...["-loglevel", "error", "-f", "lavfi", "-i", source, "-pix_fmt", "yuv420p"],
    ...["-c:v", ...encoder, "-g", String(gop), "-bf", "0", ...options, file],
  ]);
  return pictures(codec, await Deno.readFile(file));
}

const CLICKS = (rate: number, duration: number) =>
  `aevalsrc='if(between(mod(t,1),0.5,0.7),sin(2*PI*1000*t),0)':s=${rate}:d=${duration}`;

/** G.711 A-law at 8 kHz: a tone for 200 ms from half past each second on. */
export async function makeAlaw(folder: string, duration = 6): Promise<Uint8Array> {
  const file = join(folder, `${crypto.randomUUID()}.alaw`);
  await run("ffmpeg", [
    ...["-loglevel", "error", "-f", "lavfi", "-i", CLICKS(8000, duration)],
    ...["-c:a", "pcm_alaw", "-f", "alaw", file],
  ]);
  return Deno.readFile(file);
}

/** ADTS frames of the same, without what the encoder needs to get going. */
export async function makeAac(folder: string, rate = 16_000, duration = 6): Promise<Uint8Array[]> {
  const file = join(folder, `${crypto.randomUUID()}.aac`);
  await run("ffmpeg", [
    ...["-loglevel", "error", "-f", "lavfi", "-i", CLICKS(rate, duration)],
    ...["-c:a", "aac", "-b:a", "32k", "-f", "adts", file],
  ]);
  const bytes = await Deno.readFile(file);
  const frames: Uint8Array[] = [];
  for (let at = 0; at + 7 < bytes.length;) {
    const length = ((bytes[at + 3]! & 3) << 11) | (bytes[at + 4]! << 3) | (bytes[at + 5]! >> 5);
    frames.push(bytes.subarray(at, at + length));
    at += length;
  }
  return frames.slice(1);
}

/** Seconds at which the picture turns white, by ffmpeg. */
export async function flashesOf(file: string): Promise<number[]> {
  const text = await run("ffmpeg", [
    ...["-hide_banner", "-i", file, "-an", "-copyts", "-start_at_zero"],
    ...["-vf", "negate,blackdetect=d=0.01:pix_th=0.3", "-f", "null", "-"],
  ]);
  return [...text.matchAll(/black_start:(\S+)/g)].map((match) => Number(match[1]));
}

/** Seconds at which the tone begins, by ffmpeg. */
export async function clicksOf(file: string): Promise<number[]> {
  const text = await run("ffmpeg", [
    ...["-hide_banner", "-i", file, "-vn", "-copyts", "-start_at_zero"],
    ...["-af", "silencedetect=noise=-25dB:d=0.1", "-f", "null", "-"],
  ]);
  return [...text.matchAll(/silence_end: (\S+)/g)].map((match) => Number(match[1]));
}

/** What ffmpeg has to say when it decodes a file: nothing, when all is well. */
export async function complaintsOf(file: string): Promise<string> {
  return await run("ffmpeg", ["-v", "error", "-i", file, "-f", "null", "-"]);
}

/** Duration of the pictures in seconds, by the packets that ffprobe finds, and their number. */
export async function picturesIn(file: string): Promise<{ duration: number; count: number }> {
  const text = await run("ffprobe", [
    ...["-v", "error", "-select_streams", "v", "-show_entries", "packet=pts_time"],
    ...["-of", "csv=p=0", file],
  ]);
  const times = text.trim().split("\n").map((line) => parseFloat(line)).filter((t) => !isNaN(t));
  return { duration: Math.max(...times) - Math.min(...times), count: times.length };
}

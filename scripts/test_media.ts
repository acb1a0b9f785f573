/**
 * Makes the simulator's source pictures and sound with ffmpeg: `lib/simulator/media/source.json`
 * with the streams, `source_sizes.json` with the sizes of their frames.
 *
 *     deno task test-media
 */

import {
  type ClipInfo,
  CLIPS,
  FRAME_RATE,
  LOOP_FRAMES,
  sliceUnits,
} from "../lib/simulator/media/source.ts";
import { encodePcm, SAMPLE_RATE, secondOfSound } from "../lib/simulator/media/sound.ts";
import { drawFrame } from "./_test_picture.ts";

const folder = new URL("../lib/simulator/media/", import.meta.url);

/** Key frames once a second, no B frames, parameter sets with every key frame, no messages. */
const GOP = `keyint=${FRAME_RATE}:min-keyint=${FRAME_RATE}:scenecut=0:bframes=0:repeat-headers=1`;
const ENCODERS: Record<string, string[]> = {
  // Two slices, so that not every unit of the stream is a frame.
  "H.264": [
    ..."-c:v libx264 -preset veryslow -profile:v main -x264-params".split(" "),
    `${GOP}:slices=2:threads=1`,
    ..."-bsf:v filter_units=remove_types=6 -f h264".split(" "),
  ],
  "H.265": [
    ..."-c:v libx265 -preset slow -x265-params".split(" "),
    `${GOP}:no-open-gop=1:info=0:log-level=error:pools=1:frame-threads=1`,
    ..."-bsf:v filter_units=remove_types=39|40 -f hevc".split(" "),
  ],
};

async function ffmpeg(args: string[], input: Uint8Array): Promise<Uint8Array> {
  const child = new Deno.Command("ffmpeg", {
    args: ["-v", "error", ...args, "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  const fed = writer.write(input).then(() => writer.close());
  const { success, stdout } = await child.output();
  await fed;
  if (!success) throw new Error("ffmpeg failed");
  return stdout;
}

async function video({ codec, size, width, height }: ClipInfo): Promise<Uint8Array> {
  const bytes = width * height * 3 / 2;
  const frames = new Uint8Array(bytes * LOOP_FRAMES);
  for (let i = 0; i < LOOP_FRAMES; i++) frames.set(drawFrame(i, width, height), i * bytes);
  const raw = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", `${width}x${height}`];
  const from = [...raw, "-framerate", String(FRAME_RATE), "-i", "-"];
  // Fine enough that the key frames of the main stream fill several network packets.
  const quality = ["-crf", size === "main" ? "22" : "30"];
  return await ffmpeg([...from, ...quality, ...ENCODERS[codec]!], frames);
}

/** Frames of 1024 samples and seconds of 8000 meet every 16 s. */
const AAC_FRAMES = 125;

async function sound(): Promise<Uint8Array[]> {
  const second = encodePcm(secondOfSound(), true);
  const samples = new Uint8Array(second.length * 48);
  for (let i = 0; i < 48; i++) samples.set(second, i * second.length);
  const from = ["-f", "s16le", "-ar", String(SAMPLE_RATE), "-ac", "1", "-i", "-"];
  const adts = await ffmpeg([...from, ..."-c:a aac -b:a 24k -f adts".split(" ")], samples);
  // The middle of three rounds; what a frame makes audible was put into the one before it.
  return sliceAdts(adts).slice(AAC_FRAMES + 1, 2 * AAC_FRAMES + 1);
}

/** Cuts a stream of ADTS into frames (ISO 13818-7: the length stands in the header). */
function sliceAdts(stream: Uint8Array): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let at = 0; at + 7 <= stream.length;) {
    const length = (stream[at + 3]! & 3) << 11 | stream[at + 4]! << 3 | stream[at + 5]! >> 5;
    frames.push(stream.subarray(at, at + length));
    at += length;
  }
  return frames;
}

const source: Record<string, string> = {};
const sizes: Record<string, number[]> = {};
for (const clip of CLIPS) {
  const { name, codec } = clip;
  const stream = await video(clip);
  const units = sliceUnits(stream, codec);
  if (units.length !== LOOP_FRAMES) throw new Error(`${name}: ${units.length} frames`);
  if (units.some(({ key }, index) => key !== (index % FRAME_RATE === 0))) {
    throw new Error(`${name}: key frames are not where they belong`);
  }
  source[name] = stream.toBase64();
  sizes[name] = units.map(({ bytes }) => bytes.length);
}
const frames = await sound();
source.aac = frames.map((frame) => frame.toBase64()).join(" ");
sizes.aac = frames.map((frame) => frame.length);

await Deno.writeTextFile(new URL("source.json", folder), `${JSON.stringify(source, null, 2)}\n`);
await Deno.writeTextFile(new URL("source_sizes.json", folder), `${JSON.stringify(sizes)}\n`);

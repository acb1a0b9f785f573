/**
 * `dhip convert`.
 *
 * @module
 */

import { basename, join } from "node:path";
import { DhipError } from "../../errors.ts";
import { DhavSource, type DhavTimeNote } from "../../media/dhav_source.ts";
import { type AudioMode, type Container, containerOf } from "../../media/recorder/container.ts";
import { numbered } from "../../media/recorder/file_names.ts";
import { record } from "../../media/recorder/record.ts";
import type { Recorder } from "../../media/recorder/recorder.ts";
import type { RecordingResult } from "../../media/recorder/recording.ts";
import { FileSink, StreamSink } from "../../media/recorder/sink.ts";
import { interrupted } from "../../net/deadline.ts";
import type { Context } from "../context.ts";
import { lengthText, sizeText } from "../amounts.ts";
import { Progress } from "../progress.ts";
import { usageError } from "../usage.ts";
import type { View } from "../view.ts";
import { eachFile } from "./each_file.ts";
import { openInput } from "./input.ts";

/** Options of the command. */
export interface ConvertOptions {
  readonly audio: AudioMode;
  readonly channel: number | undefined;
  readonly format: Container | undefined;
  readonly force: boolean;
}

/** What became of a recording. */
export interface Converted extends Omit<RecordingResult, "error"> {
  readonly input: string;
  /** The device's clock at its first frame; null when it tells no date. */
  readonly started: string | null;
  /** Bytes of the input that belonged to no frame. */
  readonly skipped: number;
  /** Frames that came twice and were left out. */
  readonly repeated: number;
  /** True when the input ends inside a frame. */
  readonly truncated: boolean;
  /** Channels in the input, from 1. */
  readonly channels: readonly number[];
  /** What was odd about the times. */
  readonly clock: readonly DhavTimeNote[];
}

type Target =
  | { readonly kind: "stream"; readonly container: Container }
  | { readonly kind: "file"; readonly container: Container; readonly path: string }
  | { readonly kind: "folder"; readonly container: Container; readonly path: string };

const VIEW: View<Converted> = {
  table: ({ input, files, duration, frames, gapCount, damaged }) => ({
    head: ["input", "file", "duration", "frames", "video", "size", "sound", "gaps", "damaged"],
    rows: files.map((file, index) => [
      input,
      file.name,
      lengthText(files.length === 1 ? duration : file.duration),
      files.length === 1 ? frames : file.frames,
      file.video,
      `${file.width}x${file.height}`,
      file.audio,
      index === 0 ? gapCount : null,
      index === 0 ? damaged : null,
    ]),
    record: true,
  }),
};

/** Converts recordings. */
export async function convertFiles(
  context: Context,
  paths: readonly string[],
  options: ConvertOptions,
): Promise<number> {
  const inputs = paths.slice(0, -1);
  if (inputs.length === 0) {
    throw usageError("Input and output are needed", "For example dhip convert gate.dav gate.mp4");
  }
  const target = await targetOf(paths.at(-1)!, inputs.length, options.format);
  if (options.audio === "pcm" && (target.container === "mp4" || target.container === "ts")) {
    throw usageError(`${target.container.toUpperCase()} holds no PCM`, "MOV and MKV do.");
  }
  if (target.kind === "stream") return await toStream(context, inputs[0]!, target, options);
  if (target.kind === "folder") {
    const names = inputs.map((input) => pathIn(target, input));
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw usageError(`Two recordings would become ${twice}`);
  }
  return await eachFile(
    context,
    inputs,
    (input) => convert(context, input, target, options),
    { view: VIEW, verdict },
  );
}

async function toStream(
  context: Context,
  input: string,
  target: Target,
  options: ConvertOptions,
): Promise<number> {
  if (context.io.stdout.isTerminal) {
    throw usageError("A terminal cannot show a video", "Send it to a program: … - | ffplay -");
  }
  const result = await convert(context, input, target, options);
  context.log.step(
    `${result.frames} pictures, ${lengthText(result.duration)}, ${sizeText(result.bytes)}`,
  );
  const error = verdict(result);
  if (error !== undefined) throw error;
  return 0;
}

async function convert(
  context: Context,
  input: string,
  target: Target,
  { audio, channel, force }: ConvertOptions,
): Promise<Converted> {
  const { io, log, signal } = context;
  await using bytes = await openInput(io, input);
  let recorder: Recorder | undefined;
  const source: DhavSource = new DhavSource(bytes.chunks(), {
    channel,
    onFrame: () => progress.update(source.bytes, recorder?.progress.duration),
  });
  const path = target.kind === "file"
    ? target.path
    : target.kind === "folder"
    ? pathIn(target, input)
    : "-";
  const open = target.kind === "stream"
    ? () => Promise.resolve(new StreamSink("-", (data) => context.output.bytes(data)))
    : ({ number }: { number: number }) => FileSink.open(numbered(path, number), { replace: force });
  using progress = new Progress({ log, now: io.now, what: input, total: bytes.size });
  const { error, ...result } = await record(source, {
    container: target.container,
    audio,
    open,
    signal,
    onNotice: (text) => log.notice(`${input}: ${text}`),
    onStart: (started) => recorder = started,
  }).catch((error) => {
    throw explained(error, input, source, channel);
  });
  if (error !== undefined) throw error;
  if (signal.aborted) throw interrupted(signal, `convert ${input}`);
  const { repeated, channels } = source.counts;
  if (channels.length > 1 && channel === undefined) {
    const all = channels.map((channel) => channel + 1).join(", ");
    log.notice(`${input}: channels ${all}; only ${channels[0]! + 1} was taken (--channel)`);
  }
  return {
    input,
    ...result,
    started: source.started?.toString() ?? null,
    skipped: source.end?.skipped ?? 0,
    repeated,
    truncated: source.end?.state === "truncated",
    channels: channels.map((channel) => channel + 1),
    clock: source.notes,
  };
}

/** Why nothing came out, as far as it can be told. */
function explained(
  error: unknown,
  input: string,
  source: DhavSource,
  channel: number | undefined,
): unknown {
  if (!(error instanceof DhipError) || error.code !== "DHIP_INCOMPLETE") return error;
  if (source.frames === 0) {
    return new DhipError("DHIP_NOT_SUPPORTED", `${input} is no DHAV recording`, {
      hint: "dhip probe shows what a file holds.",
    });
  }
  const { channels } = source.counts;
  if (channel !== undefined && !channels.includes(channel - 1)) {
    const all = channels.map((channel) => channel + 1).join(", ") || "none";
    return new DhipError("DHIP_INCOMPLETE", `${input} holds no pictures of channel ${channel}`, {
      hint: `It holds: ${all}.`,
    });
  }
  return new DhipError("DHIP_INCOMPLETE", `${input}: ${error.message}`, { hint: error.hint });
}

/** What is missing in a file that plays; undefined when nothing is. */
function verdict({ input, truncated, skipped, damaged }: Converted): DhipError | undefined {
  const missing: string[] = [];
  if (truncated) missing.push("it ends inside a frame");
  if (skipped > 0) missing.push(`${sizeText(skipped)} are no frames`);
  if (damaged > 0) missing.push(`${damaged} pictures are damaged or depend on such`);
  if (missing.length === 0) return undefined;
  return new DhipError("DHIP_INCOMPLETE", `${input} is not whole: ${missing.join(", ")}`, {
    hint: "What is left was written and plays.",
    retryable: false,
  });
}

function pathIn({ path, container }: { path: string; container: Container }, input: string) {
  const stem = input === "-" ? "stdin" : basename(input).replace(/\.[^.]*$/, "");
  return join(path, `${stem}.${container}`);
}

/**
 * Where results go.
 *
 * @throws {DhipError} `DHIP_USAGE`
 */
async function targetOf(
  path: string,
  inputs: number,
  format: Container | undefined,
): Promise<Target> {
  if (path === "-") {
    if (inputs > 1) throw usageError("Standard output takes one recording");
    return { kind: "stream", container: format ?? "ts" };
  }
  const isFolder = /[/\\]$/.test(path) ||
    await Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false);
  if (isFolder) {
    await Deno.mkdir(path, { recursive: true }).catch((cause) => {
      throw new DhipError("DHIP_FILE", `${path} cannot be made`, { hint: String(cause), cause });
    });
    return { kind: "folder", path, container: format ?? "mp4" };
  }
  if (inputs > 1) {
    throw usageError(`Several recordings need a folder: ${path}/`, "The output is the last word.");
  }
  const container = format ?? containerOf(path);
  if (container === undefined) {
    throw usageError(
      `What kind of file is ${basename(path)}?`,
      "Names end with .mp4, .mov, .mkv or .ts; or say it with --format.",
    );
  }
  return { kind: "file", path, container };
}

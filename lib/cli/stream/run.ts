/**
 * What `dhip stream` does.
 *
 * @module
 */

import { DhipError } from "../../errors.ts";
import { type AudioMode, type Container, containerOf } from "../../media/recorder/container.ts";
import { numbered } from "../../media/recorder/file_names.ts";
import { FileSink, StreamSink } from "../../media/recorder/sink.ts";
import { lengthText, sizeText } from "../amounts.ts";
import { channelOf } from "../channel_option.ts";
import type { Context } from "../context.ts";
import { serviceOf } from "../devices.ts";
import { OUTPUT } from "../download/downloads.ts";
import { OutputStream, PartFile } from "../download/part_file.ts";
import { eachTarget } from "../each_target.ts";
import { asEnd, type Moment } from "../moment.ts";
import { guess, Progress } from "../progress.ts";
import { requireOwnPath, targetPath } from "../target_path.ts";
import type { NamedTarget } from "../targets.ts";
import { usageError } from "../usage.ts";
import { refuseFormat } from "../download/run.ts";
import { LimitedLive, type LiveEnd } from "./limited_live.ts";
import { RawWriter, RecorderWriter, type StreamWriter, type Written } from "./writers.ts";
import type { Device } from "../devices.ts";
import type { View } from "../view.ts";

/** Options of `dhip stream`. Times in milliseconds. */
export interface StreamOptions {
  readonly channel: number | string;
  readonly subtype: number;
  readonly duration: number | undefined;
  readonly until: Moment | undefined;
  readonly format: "dhav" | Container | undefined;
  readonly audio: AudioMode | undefined;
  readonly force: boolean;
}

/** What became of a stream. */
export interface StreamResult extends Written {
  /** The file; `-` is standard output. */
  readonly file: string;
  /** 1 is the first. */
  readonly channel: number;
  readonly subtype: number;
  readonly end: LiveEnd;
  /** Seconds that were wanted; null when the stream was to go on. */
  readonly wanted: number | null;
  /** What ended it too early, in words. */
  readonly problem: string | null;
}

/** Looks of streams. */
const streamView: View<StreamResult> = {
  table: (result) => ({
    record: true,
    head: ["File", "Channel", "Length", "Pictures", "Size", "End"],
    rows: [[
      result.file,
      result.channel,
      lengthText(result.seconds),
      result.frames,
      sizeText(result.bytes),
      result.problem ?? result.end,
    ]],
  }),
};

/**
 * Runs the command; resolves to the exit code.
 *
 * @throws {DhipError} `DHIP_USAGE`, and with a single target its failure
 */
export async function runStream(
  context: Context,
  out: string,
  options: StreamOptions,
): Promise<number> {
  const { targets, io, log, python } = context;
  if (options.duration !== undefined && options.until !== undefined) {
    throw usageError("--duration and --until exclude each other");
  }
  const format = formatOf(out, options.format);
  if (out === OUTPUT) {
    if (targets.length > 1) throw usageError("Standard output (-) takes a single stream");
    if (io.stdout.isTerminal) {
      throw usageError("A stream is nothing for a terminal", "Redirect it, or name a file.");
    }
  } else requireOwnPath("OUT", out, targets.length);
  await using devices = await context.devices();
  return await eachTarget(context, async (target) => {
    const device = await devices.of(target);
    try {
      const result = await stream(
        context,
        device,
        target,
        targetPath(out, target),
        format,
        options,
      );
      if (out !== OUTPUT && !python) return result;
      const { bytes, file, seconds } = result;
      const text = `${sizeText(bytes)}, ${lengthText(seconds)} of video`;
      log.notice(python ? `[+] wrote ${bytes} bytes to ${file}` : text);
      const error = verdictOf(result);
      if (error !== undefined) throw error;
      return undefined;
    } finally {
      await devices.leave(target);
    }
  }, { view: streamView as View<StreamResult | undefined>, verdict: verdictOf });
}

async function stream(
  context: Context,
  device: Device,
  target: NamedTarget,
  file: string,
  format: "dhav" | Container,
  options: StreamOptions,
): Promise<StreamResult> {
  const { io, log, signal } = context;
  const channel = await channelOf(device, options.channel, signal);
  const { subtype } = options;
  const limit = await limitOf(device, options, signal);
  const live = new LimitedLive(serviceOf(device, "nativeLive"), {
    channel,
    subtype,
    limit,
    signal,
  });
  await using writer = await writerOf(context, file, format, limit, options);
  using progress = new Progress({ log, now: () => io.now(), what: target.name });
  for await (const bytes of live.bytes()) {
    const goesOn = await writer.write(bytes);
    const { bytes: size, seconds } = writer.progress;
    progress.update(size, seconds, limit && guess(size, seconds, limit / 1000));
    if (!goesOn) break;
  }
  const written = await writer.finish();
  const wanted = limit === undefined ? null : limit / 1000;
  const facts = { file, channel, subtype, ...written, end: live.end ?? "limit", wanted };
  return { ...facts, problem: problemOf(facts, live.error) };
}

/** Milliseconds that are wanted; undefined when there is no end. */
async function limitOf(
  device: Device,
  { duration, until }: StreamOptions,
  signal: AbortSignal,
): Promise<number | undefined> {
  if (until === undefined) return duration;
  const now = await serviceOf(device, "clock").time({ signal });
  let end = asEnd(until, now);
  if (until.kind === "time" && Temporal.PlainDateTime.compare(end, now) <= 0) {
    end = end.add({ days: 1 });
  }
  const limit = now.until(end).total("milliseconds");
  if (limit > 0 && limit < 2 ** 31) return limit;
  throw usageError("--until must be a time to come, within 24 days, by the device's clock");
}

async function writerOf(
  { io, log, output }: Context,
  file: string,
  format: "dhav" | Container,
  limit: number | undefined,
  { audio, force }: StreamOptions,
): Promise<StreamWriter> {
  const seconds = limit === undefined ? undefined : limit / 1000;
  if (format !== "dhav") {
    const write = (bytes: Uint8Array) => output.bytes(bytes);
    return new RecorderWriter({
      container: format,
      audio,
      limit: seconds,
      onNotice: (text) => log.notice(text),
      open: async (number) =>
        file === OUTPUT
          ? new StreamSink(OUTPUT, write)
          : await FileSink.open(numbered(file, number), { replace: force }),
    });
  }
  if (file === OUTPUT) return new RawWriter(new OutputStream(output), seconds);
  if (!force && await io.files.size(file) !== undefined) {
    throw new DhipError("DHIP_FILE", `${file} exists already`, {
      hint: "Choose another name, or replace it with --force.",
    });
  }
  const part = await PartFile.open(io.files, file);
  await part.restart(); // what an earlier stream left is no part of this one
  return new RawWriter(part, seconds);
}

/**
 * How the stream is kept.
 *
 * @throws {DhipError} `DHIP_USAGE`
 */
function formatOf(out: string, format: StreamOptions["format"]): "dhav" | Container {
  refuseFormat(out);
  if (format !== undefined) return format;
  if (out === OUTPUT || /\.(?:dhav|dav)$/i.test(out)) return "dhav";
  const container = containerOf(out);
  if (container !== undefined) return container;
  throw usageError(
    `What kind of file ${out} should be does not show`,
    "Name it .dhav (as it comes), .mp4, .mov, .mkv or .ts, or say it with --format.",
  );
}

function problemOf(
  { end, seconds, wanted }: Pick<StreamResult, "end" | "seconds" | "wanted">,
  error: DhipError | undefined,
): string | null {
  const after = `after ${seconds.toFixed(1)} s${wanted === null ? "" : ` of ${wanted} s`}`;
  switch (end) {
    case "silent":
      return `the device fell silent ${after}`;
    case "lost":
      return `the stream broke ${after}: ${error?.message ?? "the link was lost"}`;
    case "ended":
      return `the device ended the stream ${after}`;
    case "interrupted":
      return wanted === null ? null : `interrupted ${after}`;
    case "limit":
      return null;
  }
}

/** What is wrong with a stream that was written. What there is of it plays. */
function verdictOf(result: StreamResult | undefined): DhipError | undefined {
  if (result === undefined || result.problem === null) return undefined;
  const { problem, end, file } = result;
  const kept = file === OUTPUT ? "" : `; ${file} plays up to there`;
  return new DhipError(
    end === "interrupted" ? "DHIP_INTERRUPTED" : "DHIP_INCOMPLETE",
    `${problem.charAt(0).toUpperCase()}${problem.slice(1)}${kept}`,
  );
}

/**
 * `dhip record`.
 *
 * @module
 */

import { dirname } from "node:path";
import type { RecordOptions } from "../../camera/live/record_live.ts";
import { DhipError } from "../../errors.ts";
import { type AudioMode, type Container, containerOf } from "../../media/recorder/container.ts";
import { numbered } from "../../media/recorder/file_names.ts";
import type { RecordingResult, RecordingSink } from "../../media/recorder/mod.ts";
import { lengthText, sizeText } from "../amounts.ts";
import { channelOf } from "../channel_option.ts";
import type { Context } from "../context.ts";
import { type Device, serviceOf } from "../devices.ts";
import { Progress } from "../progress.ts";
import { FileNames } from "../file_names.ts";
import type { NamedTarget } from "../targets.ts";
import { usageError } from "../usage.ts";
import type { View } from "../view.ts";
import { rtspOf, transportOf } from "./stream_options.ts";

/** Options of the command. Times in milliseconds. */
export interface RecordCommandOptions {
  readonly channel: number | string;
  readonly subtype: number;
  readonly rtspPort: number | undefined;
  readonly template: string | undefined;
  readonly via: "auto" | "rtsp" | "http";
  readonly udp: boolean;
  readonly duration: number | undefined;
  readonly segment: number | undefined;
  readonly maxSize: number | undefined;
  readonly audio: AudioMode;
  readonly format: Container | undefined;
  readonly idle: number;
  readonly noReconnect: boolean;
  readonly force: boolean;
}

/** What became of a recording, as programs see it. */
export interface Recorded extends Omit<RecordingResult, "error"> {
  /** 1 is the first. */
  readonly channel: number;
  /** How the pictures came. */
  readonly source: string;
  /** Times that the link was lost. */
  readonly lost: number;
  /** What ended the stream before its time. */
  readonly ended: string | null;
}

const VIEW: View<Recorded> = {
  table: ({ files, channel, gapCount, lost }) => ({
    head: ["file", "channel", "duration", "frames", "video", "size", "sound", "gaps", "link lost"],
    rows: files.map((file, index) => [
      file.name,
      channel,
      lengthText(file.duration),
      file.frames,
      `${file.video.split(".")[0]} ${file.width}x${file.height}`,
      sizeText(file.bytes),
      file.audio,
      index === 0 ? gapCount : null,
      index === 0 ? lost : null,
    ]),
    record: true,
  }),
};

/**
 * Records every target; resolves to the exit code.
 *
 * @throws {DhipError} `DHIP_USAGE`, and with a single target its failure
 */
export async function recordTargets(
  context: Context,
  out: string,
  options: RecordCommandOptions,
): Promise<number> {
  const names = namesOf(context, out, options);
  const container = options.format ?? (out === "-" ? "ts" : containerOf(out));
  if (container === undefined) {
    throw usageError(`No kind of file for ${out}`, "Use .mp4, .mov, .mkv or .ts, or --format.");
  }
  return await context.each(
    async (device, target) => {
      const result = await record(context, device, target, { ...options, container, names });
      if (context.python) {
        context.log.notice(
          `[+] recorded ${result.duration.toFixed(1)}s to ${result.files.at(-1)!.name}`,
        );
        return undefined;
      }
      if (names !== undefined) return result;
      context.log.step(`${result.frames} pictures, ${lengthText(result.duration)}`);
      return undefined;
    },
    {
      view: VIEW as View<Recorded | undefined>,
      verdict: (result) => result === undefined ? undefined : verdictOf(context, result, options),
      lazyLogin: true,
      finishes: true,
    },
  );
}

/** The names of the files; undefined for standard output. */
function namesOf(
  { targets, io }: Context,
  out: string,
  { segment, maxSize }: RecordCommandOptions,
): FileNames | undefined {
  if (out === "-") {
    if (targets.length > 1) throw usageError("Standard output takes one target");
    if (segment !== undefined || maxSize !== undefined) {
      throw usageError("Standard output takes one file", "Leave --segment and --max-size out.");
    }
    if (io.stdout.isTerminal) {
      throw usageError("A terminal cannot show a video", "Send it to a program: … - | ffplay -");
    }
    return undefined;
  }
  let names: FileNames;
  try {
    names = new FileNames(out);
  } catch (error) {
    throw usageError(`OUT must be ${(error as Error).message}`);
  }
  if (targets.length > 1 && !names.hasTarget) {
    throw usageError("OUT names one file for several targets", "Put {name} or {host} into it.");
  }
  return names;
}

interface Prepared extends RecordCommandOptions {
  readonly container: Container;
  readonly names: FileNames | undefined;
}

async function record(
  context: Context,
  device: Device,
  target: NamedTarget,
  options: Prepared,
): Promise<Recorded> {
  const { Recorder } = await import("../../media/recorder/mod.ts");
  const { recordLive } = await import("../../camera/live/record_live.ts");
  const { io, log, signal, targets } = context;
  const { duration, segment, names } = options;
  const channel = await channelOf(device, options.channel, signal);
  const where = targets.length === 1 ? "" : `${target.name}: `;
  const onNotice = (text: string) => log.notice(where + text);
  let source = "";
  let playing = false;
  let lost = 0;
  using progress = new Progress({ log, now: io.now, what: `${target.name}: recording` });
  const recorder = new Recorder({
    container: options.container,
    fragmented: true,
    audio: options.audio,
    segment: segment === undefined ? undefined : segment / 1000,
    maxSize: options.maxSize,
    open: opener(context, target, { channel, names, force: options.force }),
    onNotice,
    onFile: (file) => log.step(`${where}${file.name}: ${lengthText(file.duration)}`),
  });
  const how: RecordOptions = {
    channel,
    subtype: options.subtype,
    via: options.via === "auto" ? undefined : options.via,
    ...rtspOf(target, options),
    rtspTransport: transportOf(target, options),
    audio: options.audio !== "none",
    idleTimeout: options.idle,
    duration,
    stop: signal,
    reconnect: !options.noReconnect,
    onNotice,
    onStream: (stream) => {
      source = stream.source;
      playing = true;
      for (const { source, error } of stream.passed) {
        onNotice(`not over ${source}: ${error.message}`);
      }
    },
    onLost: (error, wait) => {
      if (playing) lost++; // and not every attempt to get it back
      playing = false;
      log.warning(`${where}${error.message}; again in ${(wait / 1000).toFixed(1)} s`);
    },
    onProgress: ({ bytes }) => progress.update(bytes),
  };
  const { error, ...result } = await recordLive(serviceOf(device, "live"), recorder, how);
  return { ...result, channel, source, lost, ended: error?.message ?? null };
}

/** Opens each file of a recording under its name. */
function opener(
  context: Context,
  { name, address }: NamedTarget,
  { channel, names, force }: {
    readonly channel: number;
    readonly names: FileNames | undefined;
    readonly force: boolean;
  },
): (file: { readonly number: number }) => Promise<RecordingSink> {
  const { io, output } = context;
  let last = "";
  let times = 0;
  return async () => {
    const { FileSink, StreamSink } = await import("../../media/recorder/mod.ts");
    if (names === undefined) return new StreamSink("-", (bytes) => output.bytes(bytes));
    const at = Temporal.Instant.fromEpochMilliseconds(io.now())
      .toZonedDateTimeISO(Temporal.Now.timeZoneId());
    const path = names.pathOf({ name, host: address.host, channel }, at);
    times = path === last ? times + 1 : 1;
    last = path;
    await io.files.makeFolder(dirname(path));
    return await FileSink.open(numbered(path, times), { replace: force });
  };
}

/** What is wrong with a recording that there is. */
function verdictOf(
  { signal }: Context,
  { gapCount, gaps, damaged, ended, duration: recorded }: Recorded,
  { duration }: RecordCommandOptions,
): DhipError | undefined {
  if (ended !== null) {
    return new DhipError("DHIP_INCOMPLETE", `Only ${lengthText(recorded)}: ${ended}`);
  }
  if (signal.aborted && duration !== undefined) {
    return new DhipError("DHIP_INTERRUPTED", `Interrupted after ${lengthText(recorded)}`);
  }
  if (gapCount === 0) return undefined;
  const missing = gaps.reduce((sum, { from, to }) => sum + to - from, 0);
  const many = gapCount === 1 ? "a gap" : `${gapCount} gaps`;
  return new DhipError(
    "DHIP_INCOMPLETE",
    `The recording has ${many}: ${missing.toFixed(1)} s are missing` +
      (damaged > 0 ? `, ${damaged} damaged pictures` : ""),
  );
}

/**
 * What `dhip clip` does.
 *
 * @module
 */

import { type ClipReport, makeClip, type RecordingStream } from "../../camera/mod.ts";
import { DhipError } from "../../errors.ts";
import { type AudioMode, type Container, containerOf } from "../../media/recorder/container.ts";
import { numbered } from "../../media/recorder/file_names.ts";
import { Recorder } from "../../media/recorder/recorder.ts";
import { FileSink, StreamSink } from "../../media/recorder/sink.ts";
import { lengthText, sizeText, timeText } from "../amounts.ts";
import { channelOf } from "../channel_option.ts";
import type { Context } from "../context.ts";
import { type Device, serviceOf } from "../devices.ts";
import { OUTPUT } from "../download/downloads.ts";
import { refuseFormat } from "../download/run.ts";
import { eachTarget } from "../each_target.ts";
import { envelopeOf } from "../failure.ts";
import { periodOf, type PeriodValues } from "../period.ts";
import { guess, Progress } from "../progress.ts";
import { requireOwnPath, targetPath } from "../target_path.ts";
import type { NamedTarget } from "../targets.ts";
import { usageError } from "../usage.ts";
import type { View } from "../view.ts";

/** Options of `dhip clip`. */
export interface ClipCommandOptions extends PeriodValues {
  readonly out: string | undefined;
  readonly channel: number | string;
  readonly stream: RecordingStream;
  readonly exact: boolean;
  readonly format: Container | undefined;
  readonly audio: AudioMode | undefined;
  readonly force: boolean;
}

/** Looks of clips. */
const clipView: View<ClipReport> = {
  table: ({ covered, holes, result, recordings }) => ({
    record: true,
    head: ["File", "Length", "Pictures", "Size", "Recordings", "Covered", "Missing"],
    rows: [[
      result?.files.map(({ name }) => name).join(" ") ?? null,
      lengthText(result?.duration ?? null),
      result?.frames ?? 0,
      sizeText(result?.bytes ?? null),
      recordings.length,
      covered.map(periodText).join(", "),
      holes.map(periodText).join(", "),
    ]],
  }),
  json: ({ problems, ...report }) => ({
    ...report,
    problems: problems.map(({ path, error }) => ({ path, error: envelopeOf(error) })),
  }),
};

/**
 * Runs the command; resolves to the exit code.
 *
 * @throws {DhipError} `DHIP_USAGE`, and with a single target its failure
 */
export async function runClip(context: Context, options: ClipCommandOptions): Promise<number> {
  const { targets, io, log } = context;
  const { out, from, to } = options;
  if (from === undefined || to === undefined) {
    throw usageError("A clip needs --from and --to", "For example: --from 09:55 --to 10:05");
  }
  if (out === undefined) throw usageError("A clip needs a file", "For example: -o gate.mp4");
  const container = formatOf(out, options);
  if (out === OUTPUT) {
    if (targets.length > 1) throw usageError("Standard output (-) takes a single clip");
    if (io.stdout.isTerminal) {
      throw usageError("A clip is nothing for a terminal", "Redirect it, or name a file.");
    }
  } else requireOwnPath("--out", out, targets.length);
  await using devices = await context.devices();
  return await eachTarget(context, async (target) => {
    const device = await devices.of(target);
    try {
      const report = await clip(
        context,
        device,
        target,
        targetPath(out, target),
        container,
        options,
      );
      if (out !== OUTPUT) return report;
      const error = verdictOf(report);
      if (error !== undefined) throw error;
      log.notice(`${lengthText(report.result!.duration)} of video`);
      return undefined;
    } finally {
      await devices.leave(target);
    }
  }, { view: clipView as View<ClipReport | undefined>, verdict: verdictOf });
}

async function clip(
  context: Context,
  device: Device,
  target: NamedTarget,
  file: string,
  container: Container,
  options: ClipCommandOptions,
): Promise<ClipReport> {
  const { io, log, output, signal } = context;
  const { audio, exact, force, stream } = options;
  const { from, to } = await periodOf(device, options, signal);
  const channel = await channelOf(device, options.channel, signal);
  const recorder = new Recorder({
    container,
    audio,
    origin: exact ? 0 : undefined,
    onNotice: (text) => log.notice(`${target.name}: ${text}`),
    open: async ({ number }) =>
      file === OUTPUT
        ? new StreamSink(OUTPUT, (bytes) => output.bytes(bytes))
        : await FileSink.open(numbered(file, number), { replace: force }),
  });
  const services = {
    recordings: serviceOf(device, "recordings"),
    download: serviceOf(device, "download"),
  };
  const length = from.until(to).total("seconds");
  using progress = new Progress({ log, now: () => io.now(), what: target.name });
  return await makeClip(services, recorder, {
    from,
    to,
    channel,
    stream,
    signal,
    onNotice: (text) => log.notice(`${target.name}: ${text}`),
    onProgress: (seconds, bytes) => progress.update(bytes, seconds, guess(bytes, seconds, length)),
  });
}

/**
 * The kind of file.
 *
 * @throws {DhipError} `DHIP_USAGE`
 */
function formatOf(out: string, { format, exact }: ClipCommandOptions): Container {
  refuseFormat(out);
  const container = format ?? (out === OUTPUT ? "mkv" : containerOf(out));
  if (container === undefined) {
    throw usageError(
      `What kind of file ${out} should be does not show`,
      "Name it .mp4, .mov, .mkv or .ts, or say it with --format.",
    );
  }
  if (exact && ((container !== "mp4" && container !== "mov") || out === OUTPUT)) {
    throw usageError(
      "--exact needs an MP4 or MOV file: only these can hide pictures that decoding begins with",
    );
  }
  return container;
}

/** What is missing in a clip. What there is of it plays. */
function verdictOf(report: ClipReport | undefined): DhipError | undefined {
  if (report === undefined || (report.holes.length === 0 && report.problems.length === 0)) {
    return undefined;
  }
  const { holes, problems, result } = report;
  const [first] = problems;
  const missing = holes.length === 0 ? "" : `no pictures of ${holes.map(periodText).join(", ")}`;
  const why = first === undefined ? "" : `${missing && "; "}${first.error.message}`;
  const kept = result === null ? "; there is no file" : "; the file plays without it";
  return new DhipError("DHIP_INCOMPLETE", `The clip is not whole: ${missing}${why}${kept}`, {
    retryable: first?.error.retryable ?? false,
    hint: first?.error.hint ?? "dhip files shows what was recorded.",
  });
}

function periodText({ from, to }: ClipReport["asked"]): string {
  const sameDay = from.toPlainDate().equals(to.toPlainDate());
  const end = sameDay ? to.toPlainTime().toString({ smallestUnit: "second" }) : timeText(to);
  return `${timeText(from)} to ${end}`;
}

/**
 * What `dhip snapshot` does.
 *
 * @module
 */

import type { ChannelBase } from "../../camera/mod.ts";
import type { DhipError } from "../../errors.ts";
import { systemClock } from "../../net/clock.ts";
import type { Context, OpenDevices } from "../context.ts";
import { eachTarget, failureOf, outcomesOf } from "../each_target.ts";
import { combinedExit, exitCodeOf, toDhipError } from "../failure.ts";
import type { NamedTarget } from "../targets.ts";
import { usageError } from "../usage.ts";
import { readUserFile, writeUserFile } from "../user_file.ts";
import { type ChannelChoice, FIRST, isSeveral } from "./channels.ts";
import { FileNames, USUAL } from "../file_names.ts";
import { isOurs, nagiosAnswer, nagiosUnknown } from "./nagios.ts";
import { type PictureResult, pictureView, verdictOf } from "./pictures.ts";
import { detectPreview } from "./preview.ts";
import { type Preview, PREVIEWS } from "./preview_kinds.ts";
import { type Measured, metricsText } from "./prometheus.ts";
import { RoundOutput } from "./round_output.ts";
import { rounds } from "./rounds.ts";
import { Taker } from "./taker.ts";

/** Options of `dhip snapshot`. Times in milliseconds. */
export interface SnapshotCommandOptions {
  readonly channel: ChannelChoice | undefined;
  readonly via: string;
  readonly rtspPort: number | undefined;
  readonly template: string | undefined;
  readonly snapshotChannelBase: ChannelBase | undefined;
  readonly every: number | undefined;
  readonly count: number | undefined;
  readonly keep: number | undefined;
  readonly ifChanged: number | undefined;
  readonly deadline: number | undefined;
  readonly nagios: boolean;
  readonly prom: string | undefined;
  readonly preview: Preview | undefined;
}

/** How long a picture is tried for. */
const DEADLINE = 30_000;

/** The pictures of one round, on all devices. */
type Work = (target: NamedTarget) => Promise<readonly PictureResult[]>;

/**
 * Runs the command; resolves to the exit code.
 *
 * @throws {DhipError} `DHIP_USAGE`, and with a single target its failure
 */
export async function runSnapshot(
  context: Context,
  out: string | undefined,
  options: SnapshotCommandOptions,
): Promise<number> {
  if (!options.nagios) return await run(context, out, options);
  try {
    return await run(context, out, options);
  } catch (error) {
    const { line, exit } = nagiosUnknown(toDhipError(error));
    await context.output.text(`${line}\n`);
    return exit;
  }
}

async function run(
  context: Context,
  out: string | undefined,
  options: SnapshotCommandOptions,
): Promise<number> {
  const { io } = context;
  const { channel: channels = FIRST, via, deadline = DEADLINE } = options;
  const { snapshotChannelBase: channelBase, ifChanged, keep, every, count } = options;
  const names = namesOf(context, out, options);
  const taker = new Taker(context, {
    channels,
    names,
    via: via === "auto" ? undefined : via,
    channelBase,
    rtspPort: options.rtspPort,
    template: options.template,
    deadline,
    ifChanged,
    keep,
    preview: previewOf(context, options.preview),
  });
  await using devices = await context.devices();
  const metrics = new Metrics(context, options);
  const roundAt = (time: number): Work => {
    const at = Temporal.Instant.fromEpochMilliseconds(time)
      .toZonedDateTimeISO(Temporal.Now.timeZoneId());
    return async (target) => {
      const start = systemClock.now();
      try {
        const pictures = await taker.take(await devices.of(target), target, at);
        metrics.add(target, pictures);
        return pictures;
      } catch (error) {
        metrics.addFailure(target, toDhipError(error), systemClock.now() - start);
        throw error;
      }
    };
  };
  if (every !== undefined) return await repeat(context, roundAt, metrics, { every, count });
  const work = andLetGo(roundAt(io.now()), devices);
  if (options.nagios) return await asNagios(context, work, metrics);
  try {
    return await once(context, names === "-", work);
  } finally {
    await metrics.write();
  }
}

/** One round, with its results as a whole. */
async function once(context: Context, toOutput: boolean, work: Work): Promise<number> {
  const { python, log } = context;
  if (!python && !toOutput) {
    const single = context.targets.length === 1;
    return await eachTarget(context, async (target) => {
      const pictures = await work(target);
      const [first] = pictures;
      // A failure says the same in fewer words.
      if (single && pictures.length === 1 && first?.error) throw first.error;
      return pictures;
    }, { view: pictureView, verdict: verdictOf });
  }
  const [picture] = await work(context.targets[0]!);
  if (picture === undefined) throw new Error("A single picture was asked for");
  if (picture.error !== null) throw picture.error;
  const { bytes, file, width, height, source } = picture;
  log.notice(
    python
      ? `[+] wrote ${bytes} bytes to ${file}`
      : `${bytes} bytes, ${width}x${height}, by ${source}`,
  );
  return 0;
}

/** One round, as one line for Nagios. */
async function asNagios(context: Context, work: Work, metrics: Metrics): Promise<number> {
  const outcomes = await outcomesOf(context, work);
  await metrics.write();
  const failures = outcomes.flatMap(({ result, error }) =>
    error ?? result?.flatMap(({ error }) => error ?? []) ?? []
  );
  const [first] = failures;
  const { line, exit } = first !== undefined && failures.every(isOurs)
    ? nagiosUnknown(first)
    : nagiosAnswer(metrics.measured, failures);
  await context.output.text(`${line}\n`);
  return exit;
}

/** Rounds until the end that the user wants. */
async function repeat(
  context: Context,
  roundAt: (time: number) => Work,
  metrics: Metrics,
  { every, count }: { readonly every: number; readonly count: number | undefined },
): Promise<number> {
  const { io, log, output, signal } = context;
  const printer = new RoundOutput(output, context.targets.length > 1);
  const codes = new Set<number>();
  let first = true;
  for await (
    const due of rounds({
      every,
      count,
      now: io.now,
      signal,
      onWait(due) {
        const time = new Date(due).toISOString();
        if (first) log.notice(`First round at ${time}`);
        else log.step(`Next round at ${time}`);
        first = false;
      },
      onSkipped(missed) {
        const what = missed === 1 ? "1 round was" : `${missed} rounds were`;
        log.warning(`${what} skipped: the one before took too long`);
      },
    })
  ) {
    metrics.begin();
    const outcomes = await outcomesOf(context, roundAt(due), {
      verdict: verdictOf,
      onOutcome: (outcome) => printer.outcome(outcome, due, signal.aborted),
    });
    if (signal.aborted) break;
    codes.add(failureOf(outcomes)?.exit ?? 0);
    // A full disk may have room again in the next round.
    await metrics.write().catch((error) => log.warning(toDhipError(error).message));
  }
  // Interrupted is how a command without an end of its own ends: every file there is, is whole.
  return signal.aborted ? 0 : combinedExit([...codes]);
}

/** Logs out of a device as soon as its work is done. */
function andLetGo(work: Work, devices: OpenDevices): Work {
  return async (target) => {
    try {
      return await work(target);
    } finally {
      await devices.leave(target);
    }
  };
}

/** Where the pictures go, and what does not go together. */
function namesOf(
  context: Context,
  out: string | undefined,
  options: SnapshotCommandOptions,
): FileNames | "-" {
  const { channel = FIRST, every, count, keep, ifChanged, nagios, preview } = options;
  const targets = context.targets.length;
  if (count !== undefined && every === undefined) {
    throw usageError("--count goes with --every only", "For example: --every 5m --count 12");
  }
  if (nagios && every !== undefined) throw usageError("--nagios and --every exclude each other");
  if (preview !== undefined && (PREVIEWS as readonly string[]).includes(out ?? "")) {
    throw usageError(`OUT is "${out}"`, `Write --preview=${out}; for a file ./${out}`);
  }
  if (out !== undefined && ifChanged !== undefined && /^\d+(\.\d+)?%?$/.test(out)) {
    throw usageError(`OUT is "${out}"`, `Write --if-changed=${out}; for a file ./${out}`);
  }
  if (out === "-") {
    if (targets > 1 || isSeveral(channel) || every !== undefined) {
      throw usageError(
        "Standard output (-) takes a single picture",
        "Name files, or leave OUT away.",
      );
    }
    if (keep !== undefined || ifChanged !== undefined || nagios) {
      throw usageError("--keep, --if-changed and --nagios need files, and OUT is -");
    }
    if (context.io.stdout.isTerminal) {
      throw usageError(
        "A picture is nothing for a terminal",
        "Redirect it (> picture.jpg), or show it with --preview.",
      );
    }
    return "-";
  }
  let names: FileNames;
  try {
    names = new FileNames(out ?? USUAL);
  } catch (error) {
    if (error instanceof SyntaxError) throw usageError(`OUT must be ${error.message}`);
    throw error;
  }
  if (targets > 1 && !names.hasTarget) {
    throw usageError(
      `OUT names one file for ${targets} targets`,
      "Put {name} or {host} into it, for example '{name}.jpg'",
    );
  }
  if (isSeveral(channel) && !names.has("channel")) {
    throw usageError(
      "OUT names one file for several channels",
      "Put {channel} into it, for example '{name}-{channel}.jpg'",
    );
  }
  if (keep !== undefined && !names.hasTime) {
    throw usageError(
      "--keep needs the time in OUT: otherwise each picture replaces the one before",
      "For example: '{name}/%Y-%m-%d/%H%M%S.jpg'",
    );
  }
  return names;
}

/** How pictures are shown; a terminal that cannot be known gets none. */
function previewOf(context: Context, wanted: Preview | undefined): Exclude<Preview, "auto"> {
  const { io, log } = context;
  if (wanted === undefined) return "none";
  if (wanted !== "auto") return wanted;
  if (!io.stderr.isTerminal) {
    log.notice("No preview: standard error is no terminal (--preview=blocks shows it anyway)");
    return "none";
  }
  return detectPreview({ env: (name) => io.env(name) });
}

/** What is measured of the pictures of a round, and its file. */
class Metrics {
  readonly #context: Context;
  readonly #options: SnapshotCommandOptions;
  #measured: Measured[] = [];

  constructor(context: Context, options: SnapshotCommandOptions) {
    this.#context = context;
    this.#options = options;
  }

  get measured(): readonly Measured[] {
    return this.#measured;
  }

  begin(): void {
    this.#measured = [];
  }

  add({ name: target }: NamedTarget, pictures: readonly PictureResult[]): void {
    const time = Math.floor(this.#context.io.now() / 1000);
    for (const { channel, error, ms, bytes } of pictures) {
      this.#measured.push({ target, channel, ok: error === null, seconds: ms / 1000, bytes, time });
    }
  }

  /** A target whose channels could not even be asked for. */
  addFailure({ name: target }: NamedTarget, error: DhipError, ms: number): void {
    if (exitCodeOf(error) === 130) return;
    const { all, numbers } = this.#options.channel ?? FIRST;
    const channels = all || numbers.length === 0 ? [null] : numbers;
    const seconds = Math.round(ms) / 1000;
    for (const channel of channels) {
      this.#measured.push({ target, channel, ok: false, seconds, bytes: null, time: 0 });
    }
  }

  /** Writes the file for Prometheus, if it is wanted. */
  async write(): Promise<void> {
    const { io, signal } = this.#context;
    const { prom } = this.#options;
    if (prom === undefined || signal.aborted) return;
    const order = (a: Measured, b: Measured) =>
      a.target < b.target ? -1 : a.target > b.target ? 1 : (a.channel ?? 0) - (b.channel ?? 0);
    const before = await readUserFile(io, prom, "The metrics").catch(() => "");
    await writeUserFile(io, prom, metricsText([...this.#measured].sort(order), before));
  }
}

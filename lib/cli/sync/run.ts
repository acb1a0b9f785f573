/**
 * What `dhip sync` does.
 *
 * @module
 */

import { DhipError } from "../../errors.ts";
import { sizeText, timeText } from "../amounts.ts";
import type { Context } from "../context.ts";
import { type Device, serviceOf } from "../devices.ts";
import { downloadAll } from "../download/downloads.ts";
import { type DownloadResult, downloadView, isWrong, verdictOf } from "../download/results.ts";
import { partOf } from "../download/part_file.ts";
import { find, RecordingNames, type SearchOptions, withFiles } from "../download/wanted.ts";
import { channelsOf } from "../files_work.ts";
import { periodOf } from "../period.ts";
import { LockSeeker } from "../state/file_lock.ts";
import type { NamedTarget } from "../targets.ts";
import { usageError } from "../usage.ts";
import { fileError } from "../user_file.ts";
import type { View } from "../view.ts";
import { type Gap, gapsOf } from "./gaps.ts";
import { Manifest } from "./manifest.ts";

/** Options of `dhip sync`. Times in milliseconds. */
export interface SyncOptions extends SearchOptions {
  readonly last: number | undefined;
  readonly keep: number | undefined;
  readonly names: string | undefined;
  readonly jobs: number;
}

/** What became of one device. */
export interface SyncResult {
  /** The period, by the device's clock. */
  readonly from: Temporal.PlainDateTime;
  readonly to: Temporal.PlainDateTime;
  /** Recordings that came. */
  readonly fetched: number;
  /** Recordings that were there. */
  readonly there: number;
  /** Recordings that are not whole. */
  readonly missing: number;
  /** Bytes that came. */
  readonly bytes: number;
  /** Old files that were removed, by their paths within the folder. */
  readonly removed: readonly string[];
  /** Times that nothing was recorded of. */
  readonly gaps: readonly Gap[];
  /** Recordings that came, or are not whole. */
  readonly files: readonly DownloadResult[];
}

/** Name of a file within the folder. */
const USUAL = "{name}/%F/{name}-{channel}-%Y%m%d-%H%M%S.{type}";
const LOCK = ".dhip-sync.lock";
const DAY = 86_400_000;

const syncView: View<SyncResult> = {
  table: ({ from, to, fetched, there, missing, bytes, removed, gaps }) => ({
    record: true,
    head: ["From", "To", "Fetched", "Size", "There", "Not whole", "Removed", "Gaps"],
    rows: [[
      timeText(from),
      timeText(to),
      fetched,
      sizeText(bytes),
      there,
      missing,
      removed.length,
      gaps.length,
    ]],
  }),
  json: ({ files, ...rest }) => ({ ...rest, files: downloadView.json!(files) }),
};

/**
 * Runs the command; resolves to the exit code.
 *
 * @throws {DhipError} `DHIP_USAGE`, `DHIP_FILE`; with a single target its failure
 */
export async function runSync(
  context: Context,
  folder: string,
  options: SyncOptions,
): Promise<number> {
  const { io, targets } = context;
  const { last, from, to } = options;
  if (last !== undefined && (from !== undefined || to !== undefined)) {
    throw usageError("--last and --from, --to exclude each other");
  }
  if (options.keep !== undefined && from === undefined && options.keep < (last ?? DAY)) {
    throw usageError("--keep is shorter than --last: what it removes would come again");
  }
  const names = new RecordingNames(options.names, USUAL);
  if (targets.length > 1 && !names.hasTarget) {
    throw usageError("--names has one name for several targets", "Put {name} into it.");
  }
  await io.files.makeFolder(folder).catch((cause) => {
    throw fileError(`${folder} cannot be made`, cause);
  });
  using seeker = new LockSeeker(`${folder}/${LOCK}`);
  const lock = await seeker.tryTake().catch((cause) => {
    throw fileError(`${folder}/${LOCK} cannot be opened`, cause);
  });
  if (lock === undefined) {
    throw new DhipError("DHIP_FILE", `Another dhip sync is at work in ${folder}`, {
      retryable: true,
      hint: "Let it come to its end.",
    });
  }
  try {
    const manifest = await Manifest.open(io.files, folder);
    return await context.each(
      (device, target) => sync(context, device, target, { folder, names, manifest, options }),
      { view: syncView, verdict: ({ files }) => verdictOf(files), lazyLogin: true },
    );
  } finally {
    lock.release();
  }
}

interface Place {
  readonly folder: string;
  readonly names: RecordingNames;
  readonly manifest: Manifest;
  readonly options: SyncOptions;
}

async function sync(
  context: Context,
  device: Device,
  target: NamedTarget,
  { folder, names, manifest, options }: Place,
): Promise<SyncResult> {
  const { signal, log } = context;
  const { last, keep, jobs, from, to } = options;
  const now = await serviceOf(device, "clock").time({ signal });
  const period = from === undefined && to === undefined
    ? { from: now.subtract({ milliseconds: last ?? DAY }), to: now }
    : await periodOf(device, options, signal);
  const channels = await channelsOf(device, options.channel, signal);
  const recordings = await find(device, period, channels, options, signal);
  const wanted = withFiles(recordings, names, target)
    .map((one) => ({ ...one, file: `${folder}/${one.file}` }));
  const results = await downloadAll(context, wanted, {
    service: serviceOf(device, "download"),
    name: target.name,
    jobs,
    onResult: async ({ state, file, bytes, start, path }) => {
      const isPart = state === "incomplete";
      if ((state !== "fetched" && !isPart) || start === null) return;
      const entry = {
        device: target.name,
        start: start.toString({ smallestUnit: "second" }),
        bytes: bytes!,
        path,
      };
      const own = file.slice(folder.length + 1);
      await manifest.add(isPart ? partOf(own) : own, entry);
    },
  });
  const removed = keep === undefined
    ? []
    : await manifest.removeBefore(target.name, now.subtract({ milliseconds: keep }));
  const gaps = gapsOf(recordings, channels, period);
  for (const { channel, from, to } of gaps) {
    log.step(
      `${target.name}: nothing recorded on channel ${channel} ${timeText(from)} to ${timeText(to)}`,
    );
  }
  const fetched = results.filter(({ state }) => state === "fetched");
  return {
    ...period,
    fetched: fetched.length,
    there: results.filter(({ state }) => state === "there").length,
    missing: results.filter(isWrong).length,
    bytes: fetched.reduce((sum, { bytes, resumed }) => sum + (bytes ?? 0) - resumed, 0),
    removed,
    gaps,
    files: results.filter(({ state }) => state !== "there"),
  };
}

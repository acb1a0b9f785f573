/**
 * What `dhip download` does.
 *
 * @module
 */

import type { Context } from "../context.ts";
import { serviceOf } from "../devices.ts";
import { usageError } from "../usage.ts";
import { FORMATS } from "../view.ts";
import { downloadAll, OUTPUT } from "./downloads.ts";
import { downloadView, verdictOf } from "./results.ts";
import {
  NAMED,
  recordingAt,
  RecordingNames,
  search,
  SEARCHED,
  type SearchOptions,
  type Wanted,
  withFiles,
} from "./wanted.ts";

/** Options of `dhip download`. */
export interface DownloadCommandOptions extends SearchOptions {
  readonly out: string | undefined;
  readonly jobs: number;
}

/**
 * Runs the command; resolves to the exit code.
 *
 * @throws {DhipError} `DHIP_USAGE`, and with a single target its failure
 */
export async function runDownload(
  context: Context,
  paths: readonly string[],
  options: DownloadCommandOptions,
): Promise<number> {
  const { targets, signal, log, io } = context;
  const { out, jobs } = options;
  const toOutput = out === OUTPUT;
  refuseFormat(out);
  const usual = paths.length > 0 ? NAMED : SEARCHED;
  const names = new RecordingNames(toOutput ? undefined : out, usual);
  if (paths.length > 0) refuseSearch(options);
  if (!toOutput && targets.length > 1 && !names.hasTarget) {
    throw usageError(
      `--out names one file for ${targets.length} targets`,
      "Put {name} or {host} into it.",
    );
  }
  if (toOutput && (targets.length > 1 || paths.length > 1)) throw onlyOne();
  if (toOutput && io.stdout.isTerminal) {
    throw usageError("A recording is nothing for a terminal", "Redirect it, or name a file.");
  }
  return await context.each(async (device, target) => {
    const service = serviceOf(device, "download");
    const recordings = paths.length > 0
      ? paths.map(recordingAt)
      : await search(device, options, signal);
    if (toOutput && recordings.length > 1) throw onlyOne();
    const wanted: Wanted[] = toOutput
      ? recordings.map((recording) => ({ recording, file: OUTPUT }))
      : withFiles(recordings, names, target);
    if (wanted.length === 0) log.notice(`${target.name}: no recordings in this time`);
    const results = await downloadAll(context, wanted, { service, name: target.name, jobs });
    const error = verdictOf(results);
    if (!toOutput) return results;
    if (error !== undefined) throw error; // standard output is taken
    return undefined;
  }, { view: downloadView, verdict: (results) => results && verdictOf(results), lazyLogin: true });
}

function onlyOne() {
  return usageError("Standard output (-) takes a single recording", "Name files instead.");
}

/**
 * `-o` names a file here: `-o json` would be one called json.
 *
 * @throws {DhipError} `DHIP_USAGE`
 */
export function refuseFormat(out: string | undefined): void {
  if (!(FORMATS as readonly (string | undefined)[]).includes(out)) return;
  throw usageError(`-o names a file here, and it is "${out}"`, `Write --output=${out}`);
}

/** Paths say what is wanted: nothing is searched for. */
function refuseSearch({ from, to, channel, type, stream }: SearchOptions): void {
  const given = [from, to, stream].some((value) => value !== undefined) ||
    channel.length > 0 || type.length > 0;
  if (given) {
    throw usageError("Paths and a search exclude each other", "Leave --from and the like away.");
  }
}

/**
 * One piece of work on several files, one after the other, with one result each.
 *
 * @module
 */

import type { DhipError } from "../../errors.ts";
import type { Context } from "../context.ts";
import { failureOf } from "../each_target.ts";
import { toDhipError } from "../failure.ts";
import type { Outcome } from "../output.ts";
import type { View } from "../view.ts";

/**
 * Does the work on every file; prints results and reports failures.
 *
 * @returns the exit code
 * @throws {DhipError} with a single file: its failure
 */
export async function eachFile<T>(
  context: Context,
  files: readonly string[],
  work: (file: string) => Promise<T>,
  { view, verdict }: { view: View<T>; verdict: (result: T) => DhipError | undefined },
): Promise<number> {
  const { output, log, signal } = context;
  const [single] = files;
  if (files.length === 1) {
    const result = await work(single!);
    await output.result(result, view);
    const error = verdict(result);
    if (error !== undefined) throw error;
    return 0;
  }
  const outcomes: Outcome<T>[] = [];
  for (const target of files) {
    if (signal.aborted) break;
    const outcome: Outcome<T> = await work(target).then(
      (result) => ({ target, result, error: verdict(result) }),
      (error) => ({ target, error: toDhipError(error) }),
    );
    outcomes.push(outcome);
    if (outcome.error !== undefined && !signal.aborted) log.targetFailure(outcome.error, target);
    await output.outcome(outcome, view);
  }
  await output.outcomes(outcomes, view);
  const failure = failureOf(outcomes);
  if (failure === undefined) return 0;
  log.failure(failure.error);
  return failure.exit;
}

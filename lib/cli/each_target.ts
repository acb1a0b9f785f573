/**
 * One piece of work on several targets side by side, with one result each.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import type { Context, EachOptions } from "./context.ts";
import { combinedExit, exitCodeOf, toDhipError } from "./failure.ts";
import type { Outcome } from "./output.ts";
import type { NamedTarget } from "./targets.ts";

/**
 * Does the work on every target; prints results and reports failures.
 *
 * @returns the exit code
 * @throws {DhipError} with a single target: its failure
 */
export async function eachTarget<T>(
  context: Context,
  work: (target: NamedTarget) => Promise<T>,
  options: EachOptions<T>,
): Promise<number> {
  const { targets, connection, log, output, signal } = context;
  const { view, verdict } = options;
  const [single] = targets;
  if (targets.length === 1) {
    const result = await work(single!);
    await output.result(result, view);
    const error = verdict?.(result);
    if (error !== undefined) throw error;
    return 0;
  }
  const outcomes: Outcome<T>[] = [];
  const queue = targets.entries();
  const worker = async () => {
    for (const [index, target] of queue) {
      const { name } = target;
      const outcome: Outcome<T> = await work(target).then(
        (result) => ({ target: name, result, error: verdict?.(result) }),
        (error) => ({ target: name, error: toDhipError(error) }),
      );
      outcomes[index] = outcome;
      if (outcome.error !== undefined && !signal.aborted) log.targetFailure(outcome.error, name);
      await output.outcome(outcome, view);
    }
  };
  const { concurrency = 1 } = connection ?? {};
  await Promise.all(Array.from({ length: Math.min(concurrency, targets.length) }, worker));
  await output.outcomes(outcomes, view);
  return conclude(context, outcomes);
}

/** Reports the failures as a whole; resolves to the exit code. */
function conclude<T>(context: Context, outcomes: readonly Outcome<T>[]): number {
  const failures = outcomes.flatMap(({ error }) => error ?? []);
  if (failures.length === 0) return 0;
  const exit = combinedExit(
    outcomes.map(({ error }) => error === undefined ? 0 : exitCodeOf(error)),
  );
  const typical = failures.find((error) => exitCodeOf(error) === exit);
  context.log.failure(
    new DhipError(
      typical?.code ?? "DHIP_PARTIAL",
      `${failures.length} of ${outcomes.length} targets failed`,
      { retryable: failures.every((error) => error.retryable) },
    ),
  );
  return exit;
}

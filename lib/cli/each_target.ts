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
  const { targets, log, output } = context;
  const { view, verdict } = options;
  const [single] = targets;
  if (targets.length === 1) {
    const result = await work(single!);
    await output.result(result, view);
    const error = verdict?.(result);
    if (error !== undefined) throw error;
    return 0;
  }
  const outcomes = await outcomesOf(context, work, {
    verdict,
    onOutcome: (outcome) => output.outcome(outcome, view),
  });
  await output.outcomes(outcomes, view);
  const failure = failureOf(outcomes);
  if (failure === undefined) return 0;
  log.failure(failure.error);
  return failure.exit;
}

/** What becomes of {@linkcode outcomesOf}. */
export interface OutcomeOptions<T> {
  /** See `EachOptions.verdict`. */
  readonly verdict?: ((result: T) => DhipError | undefined) | undefined;
  /** Gets each outcome as soon as it is there. */
  readonly onOutcome?: ((outcome: Outcome<T>) => Promise<void>) | undefined;
}

/** Does the work on every target; failures are logged and part of the outcomes. */
export async function outcomesOf<T>(
  context: Pick<Context, "targets" | "connection" | "log" | "signal">,
  work: (target: NamedTarget) => Promise<T>,
  { verdict, onOutcome }: OutcomeOptions<T> = {},
): Promise<Outcome<T>[]> {
  const { targets, connection, log, signal } = context;
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
      await onOutcome?.(outcome);
    }
  };
  const { concurrency = 1 } = connection ?? {};
  await Promise.all(Array.from({ length: Math.min(concurrency, targets.length) }, worker));
  return outcomes;
}

/** The failures of several targets as one, and the exit code; undefined when there is none. */
export function failureOf<T>(
  outcomes: readonly Outcome<T>[],
): { readonly error: DhipError; readonly exit: number } | undefined {
  const failures = outcomes.flatMap(({ error }) => error ?? []);
  if (failures.length === 0) return undefined;
  const exit = combinedExit(
    outcomes.map(({ error }) => error === undefined ? 0 : exitCodeOf(error)),
  );
  const typical = failures.find((error) => exitCodeOf(error) === exit);
  const error = new DhipError(
    typical?.code ?? "DHIP_PARTIAL",
    `${failures.length} of ${outcomes.length} targets failed`,
    { retryable: failures.every((error) => error.retryable) },
  );
  return { error, exit };
}

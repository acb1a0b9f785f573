/**
 * One piece of work on several devices side by side.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import { withDeadline } from "../net/deadline.ts";
import type { Context, DeviceWork, EachOptions } from "./context.ts";
import { type Login, resolveLogins } from "./credentials.ts";
import type { Device } from "./devices.ts";
import { combinedExit, exitCodeOf, toDhipError } from "./failure.ts";
import type { ConnectionValues } from "./global_options.ts";
import type { Outcome } from "./output.ts";
import type { NamedTarget } from "./targets.ts";

/** How to reach and enter the devices. */
export interface EachConnection {
  readonly options: ConnectionValues;
  /** Password when none is given; undefined asks. */
  readonly fallbackPassword: string | undefined;
}

/** Time that a logout may take once the user pressed Ctrl-C, in milliseconds. */
const LOGOUT_GRACE = 500;

/** See {@linkcode Context.each}. */
export async function eachTarget<T>(
  context: Context,
  connection: EachConnection,
  work: DeviceWork<T>,
  options: EachOptions<T>,
): Promise<number> {
  const { targets, io, log, output, signal } = context;
  const { view, verdict } = options;
  const logins = await resolveLogins(targets, {
    io,
    log,
    options: connection.options,
    fallback: connection.fallbackPassword,
  });
  const enter = (index: number) =>
    onDevice(context, connection, targets[index]!, logins[index]!, work);
  if (targets.length === 1) {
    const result = await enter(0);
    await output.result(result, view);
    const error = verdict?.(result);
    if (error !== undefined) throw error;
    return 0;
  }
  const outcomes: Outcome<T>[] = [];
  const queue = targets.entries();
  const worker = async () => {
    for (const [index, { name }] of queue) {
      const outcome: Outcome<T> = await enter(index).then(
        (result) => ({ target: name, result, error: verdict?.(result) }),
        (error) => ({ target: name, error: toDhipError(error) }),
      );
      outcomes[index] = outcome;
      if (outcome.error !== undefined && !signal.aborted) log.targetFailure(outcome.error, name);
      await output.outcome(outcome, view);
    }
  };
  const { concurrency } = connection.options;
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

/** Logs in, works, logs out. */
async function onDevice<T>(
  context: Context,
  connection: EachConnection,
  target: NamedTarget,
  login: Login,
  work: DeviceWork<T>,
): Promise<T> {
  const { log, signal, library, targets } = context;
  const { name, address } = target;
  const { timeout, dhipPort, allowCleartextLogin } = connection.options;
  const where = targets.length === 1 ? "" : `${name}: `;
  log.step(`${name}: connecting`);
  const device = await library.connect(address, {
    ...login,
    signal,
    port: dhipPort,
    timeout,
    connectTimeout: timeout,
    allowCleartext: allowCleartextLogin,
    onNotice: (text) => log.notice(where + text),
    onTrace: log.tracing ? (line) => log.trace(where + line) : undefined,
  });
  const session = device.rpc?.sessionId;
  log.step(
    `${name}: logged in as ${login.user}${session === undefined ? "" : ` (${hex(session)})`}`,
  );
  try {
    return await withDeadline(() => work(device, target), { what: "work", host: name, signal });
  } finally {
    await leave(device, signal);
    log.step(`${name}: logged out`);
  }
}

function hex(session: number | string): string {
  return `session ${typeof session === "number" ? `0x${session.toString(16)}` : session}`;
}

/** Logs out. Whoever pressed Ctrl-C waits {@linkcode LOGOUT_GRACE} at most. */
async function leave(device: Device, signal: AbortSignal): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const start = () => {
    timer = setTimeout(resolve, LOGOUT_GRACE);
  };
  if (signal.aborted) start();
  else signal.addEventListener("abort", start, { once: true });
  try {
    await Promise.race([device.close().catch(() => {}), late]); // the work's own error goes first
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", start);
  }
}

/**
 * Logs in to every device, works there, and logs out.
 *
 * @module
 */

import { withDeadline } from "../net/deadline.ts";
import type { Context, DeviceWork, EachOptions } from "./context.ts";
import { type PasswordOf, preparePasswords } from "./credentials.ts";
import type { Device } from "./devices.ts";
import { eachTarget } from "./each_target.ts";
import type { ConnectionValues } from "./global_options.ts";
import { deviceId, type NamedTarget } from "./targets.ts";
import { usageError } from "./usage.ts";

/** How to enter the devices. */
export interface EachLogin {
  readonly options: ConnectionValues;
  /** Password when none is given; undefined asks. */
  readonly fallbackPassword: string | undefined;
}

/** Time that a logout may take once the user pressed Ctrl-C, in milliseconds. */
const LOGOUT_GRACE = 500;

/** See {@linkcode Context.each}. */
export async function eachDevice<T>(
  context: Context,
  login: EachLogin,
  work: DeviceWork<T>,
  options: EachOptions<T>,
): Promise<number> {
  const { targets, io, log, config } = context;
  if (login.options.insecure && targets.length > 1) {
    throw usageError("--insecure is for a single target", "dhip trust pins certificates for good.");
  }
  const passwordOf = await preparePasswords(targets, {
    io,
    log,
    options: login.options,
    defaults: config.defaults,
    fallback: login.fallbackPassword,
  });
  return await eachTarget(
    context,
    (target) => onDevice(context, passwordOf, target, work, options.lazyLogin ?? false),
    options,
  );
}

/** Logs in, works, logs out. */
async function onDevice<T>(
  context: Context,
  passwordOf: PasswordOf,
  target: NamedTarget,
  work: DeviceWork<T>,
  lazy: boolean,
): Promise<T> {
  const { log, signal, library, targets } = context;
  const { name, address, user } = target;
  const settings = context.connectionOf(target);
  const { timeout, dhipPort, allowCleartextLogin } = settings;
  const { httpPort, transport, tls, insecure, allowPlain } = settings;
  const where = targets.length === 1 ? "" : `${name}: `;
  const { guard, pins } = await context.state();
  const password = await passwordOf(target);
  if (!lazy) log.step(`${name}: connecting`);
  const enter = lazy ? library.at : library.connect;
  const device = await enter.call(library, address, {
    user,
    password,
    guard,
    pins,
    device: deviceId(target, dhipPort),
    signal,
    port: dhipPort,
    httpPort,
    transport,
    tls,
    insecure,
    allowPlain,
    timeout,
    connectTimeout: timeout,
    allowCleartext: allowCleartextLogin,
    onNotice: (text) => log.notice(where + text),
    onTrace: log.tracing ? (line) => log.trace(where + line) : undefined,
  });
  // The session stays unsaid: over HTTP it is the cookie.
  if (!lazy) log.step(`${name}: logged in as ${user}`);
  try {
    return await withDeadline(() => work(device, target), { what: "work", host: name, signal });
  } finally {
    await leave(device, signal);
    if (!lazy) log.step(`${name}: logged out`);
  }
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

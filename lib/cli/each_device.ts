/**
 * Logs in to every device, works there, and logs out.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import { withDeadline } from "../net/deadline.ts";
import type { Dialer } from "../net/stream.ts";
import type { DeviceCredentials } from "../p2p/handshake.ts";
import type { PictureDecoder } from "../camera/mod.ts";
import type { CliIo } from "./io.ts";
import type { Context, DeviceWork, EachOptions, OpenDevices } from "./context.ts";
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
  const passwordOf = await passwordsOf(context, login);
  return await eachTarget(
    context,
    (target) => onDevice(context, passwordOf, target, work, options),
    options,
  );
}

/** See {@linkcode Context.devices}. */
export async function openDevices(context: Context, login: EachLogin): Promise<OpenDevices> {
  const passwordOf = await passwordsOf(context, login);
  const open = new Map<NamedTarget, Promise<Device>>();
  const letGo = async (target: NamedTarget) => {
    const device = await open.get(target);
    open.delete(target);
    if (device !== undefined) await leave(device, context.signal);
  };
  return {
    of(target) {
      const known = open.get(target);
      if (known !== undefined) return known;
      const device = enter(context, passwordOf, target, { lazy: true, patient: true });
      open.set(target, device);
      device.catch(() => open.delete(target)); // a program that gives passwords may do better later
      return device;
    },
    leave: letGo,
    async [Symbol.asyncDispose]() {
      await Promise.all([...open.keys()].map(letGo));
    },
  };
}

async function passwordsOf(context: Context, login: EachLogin): Promise<PasswordOf> {
  const { targets, io, log, config, tunnels } = context;
  const [single] = targets;
  if (targets.length === 1) await tunnels.check(single!); // else each target has its own failure
  if (login.options.insecure && targets.length > 1) {
    throw usageError("--insecure is for a single target", "dhip trust pins certificates for good.");
  }
  return await preparePasswords(targets, {
    io,
    log,
    options: login.options,
    defaults: config.defaults,
    fallback: login.fallbackPassword,
  });
}

/** Logs in, works, logs out. */
async function onDevice<T>(
  context: Context,
  passwordOf: PasswordOf,
  target: NamedTarget,
  work: DeviceWork<T>,
  { lazyLogin, finishes }: Pick<EachOptions<T>, "lazyLogin" | "finishes">,
): Promise<T> {
  const { log, signal } = context;
  const { name } = target;
  const lazy = lazyLogin ?? false;
  const device = await enter(context, passwordOf, target, { lazy });
  try {
    if (finishes) return await work(device, target);
    return await withDeadline(() => work(device, target), { what: "work", host: name, signal });
  } finally {
    await leave(device, signal);
    if (!lazy) log.step(`${name}: logged out`);
  }
}

/** How a device is entered. */
interface Entry {
  /** It is contacted when it is first asked for something. */
  readonly lazy: boolean;
  /** It may be out of reach for now: what is repeated is tried again. */
  readonly patient?: true;
}

/** The device of a target: logged in, or as it is before it is asked for anything. */
async function enter(
  context: Context,
  passwordOf: PasswordOf,
  target: NamedTarget,
  { lazy, patient }: Entry,
): Promise<Device> {
  const { log, signal, library, targets } = context;
  const { name, address, user } = target;
  const settings = context.connectionOf(target);
  const { timeout, dhipPort, allowCleartextLogin } = settings;
  const { httpPort, transport, tls, insecure, allowPlain, locationFullscale, tiltSpan } = settings;
  const where = targets.length === 1 ? "" : `${name}: `;
  const { guard, pins } = await context.state();
  const password = await passwordOf(target);
  if (!lazy) log.step(`${name}: connecting`);
  const dialer = await openTunnel(context, target, { user, password }, patient);
  const connect = lazy ? library.at : library.connect;
  const device = await connect.call(library, address, {
    user,
    password,
    dialer,
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
    decodePicture: lazyDecoder(context.io),
    locationFullscale,
    tiltSpan,
    onNotice: (text) => log.notice(where + text),
    onTrace: log.tracing ? (line) => log.trace(where + line) : undefined,
  });
  // The session stays unsaid: over HTTP it is the cookie.
  if (!lazy) log.step(`${name}: logged in as ${user}`);
  return device;
}

/** The tunnel to a device that has no address, open or on its way. */
async function openTunnel(
  { tunnels }: Context,
  target: NamedTarget,
  credentials: DeviceCredentials,
  patient: true | undefined,
): Promise<Dialer | undefined> {
  try {
    return await tunnels.open(target, { credentials });
  } catch (error) {
    if (!patient || !(error instanceof DhipError) || !error.retryable) throw error;
    return await tunnels.of(target);
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

/** What makes JPEGs of key frames, loaded when there is one to make. */
function lazyDecoder(io: CliIo): PictureDecoder {
  return async (frame) => {
    const { ffmpegDecoder } = await import("./picture_decoder.ts");
    return await ffmpegDecoder(io)(frame);
  };
}

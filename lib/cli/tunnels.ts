/**
 * The tunnels of a run: one for each serial number, shared by everything that is connected.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import type { CloudProfile } from "../p2p/profile.ts";
import type { TunnelEvent, TunnelOptions } from "../p2p/tunnel.ts";
import type { Config } from "./config/config.ts";
import type { Library, Tunnel } from "./devices.ts";
import type { ConnectionValues } from "./global_options.ts";
import type { CliIo } from "./io.ts";
import type { Log } from "./log.ts";
import type { State } from "./remembered.ts";
import type { NamedTarget } from "./targets.ts";

/** What a tunnel may be told beside its target. */
export interface TunnelWishes extends Pick<TunnelOptions, "credentials" | "mode" | "onEvent"> {}

/** What {@linkcode Tunnels} needs of its run. */
export interface TunnelSurroundings {
  readonly io: CliIo;
  readonly log: Log;
  readonly library: Library;
  readonly config: Config;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  /** Values of the connection options for one target. */
  connectionOf(target: NamedTarget): ConnectionValues;
  /** What is remembered between runs. */
  state(): Promise<State>;
}

/** A handshake has a limit of its own; the time limit of a command is for what comes after it. */
const OPEN_TIMEOUT = 35_000;
/** What closing may take once the user pressed Ctrl-C, in milliseconds. */
const CLOSE_GRACE = 400;

const HOW_TO_GIVE = "Give the device's user by -u, and its password by --password-stdin, " +
  "DHIP_PASSWORD_FILE, DHIP_PASSWORD or the config file.";
const WITHOUT_NONE = "Leave --auth none out.";

/** Opens tunnels when they are first needed, and closes them all. */
export class Tunnels implements AsyncDisposable {
  readonly #around: TunnelSurroundings;
  readonly #tunnels = new Map<string, Promise<Tunnel>>();
  readonly #profiles = new Map<string | undefined, Promise<CloudProfile>>();

  /** Nothing is opened yet. */
  constructor(around: TunnelSurroundings) {
    this.#around = around;
  }

  /**
   * Finds out whether a tunnel to a target could be asked for, before anybody is asked for a
   * password.
   *
   * @throws {DhipError} `DHIP_P2P_NO_PROFILE`, `DHIP_USAGE`, `DHIP_FILE`
   */
  async check(target: NamedTarget): Promise<void> {
    if (target.address.serial !== undefined) await this.#profileOf(target);
  }

  /**
   * The tunnel to a target; undefined for one that has an address. Wishes count for whoever asks
   * first.
   *
   * @throws {DhipError} `DHIP_P2P_NO_PROFILE`, `DHIP_USAGE`, `DHIP_FILE`
   */
  async of(target: NamedTarget, wishes: TunnelWishes = {}): Promise<Tunnel | undefined> {
    const { serial } = target.address;
    if (serial === undefined) return undefined;
    const key = serial.toUpperCase();
    const known = this.#tunnels.get(key);
    if (known !== undefined) return await known;
    const tunnel = this.#make(serial, target, wishes);
    this.#tunnels.set(key, tunnel);
    tunnel.catch(() => this.#tunnels.delete(key));
    return await tunnel;
  }

  /**
   * The same, and open.
   *
   * @throws {DhipError} see `P2pTunnel.ready`
   */
  async open(target: NamedTarget, wishes: TunnelWishes = {}): Promise<Tunnel | undefined> {
    const { signal, connectionOf } = this.#around;
    const tunnel = await this.of(target, wishes);
    const { timeout = 0, auth } = connectionOf(target);
    try {
      await tunnel?.ready({ signal, timeout: Math.max(timeout, OPEN_TIMEOUT) });
    } catch (error) {
      const isAsked = error instanceof DhipError && error.code === "DHIP_P2P_AUTH_REQUIRED";
      if (!isAsked) throw error;
      const { code, message, host, deviceCode, cause } = error;
      const hint = auth === "none" ? WITHOUT_NONE : HOW_TO_GIVE;
      throw new DhipError(code, message, { host, deviceCode, cause, hint });
    }
    return tunnel;
  }

  /** Closes all. Whoever pressed Ctrl-C waits {@linkcode CLOSE_GRACE} at most. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { signal } = this.#around;
    const closed = Promise.all([...this.#tunnels.values()].map(async (tunnel) => {
      await (await tunnel.catch(() => undefined))?.close();
    }));
    const { promise: late, resolve } = Promise.withResolvers<void>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const start = () => {
      timer = setTimeout(resolve, CLOSE_GRACE);
    };
    if (signal.aborted) start();
    else signal.addEventListener("abort", start, { once: true });
    await Promise.race([closed, late]);
    clearTimeout(timer);
    signal.removeEventListener("abort", start);
  }

  async #make(
    serial: string,
    target: NamedTarget,
    { onEvent, ...wishes }: TunnelWishes,
  ): Promise<Tunnel> {
    const { library, connectionOf, state } = this.#around;
    const { auth } = connectionOf(target);
    const profile = await this.#profileOf(target);
    const { guard } = await state();
    return await library.tunnel({
      ...wishes,
      serial,
      profile,
      guard,
      auth,
      onEvent: (event) => {
        if (onEvent === undefined) this.#tell(target.name, event);
        else onEvent(event);
      },
    });
  }

  #profileOf(target: NamedTarget): Promise<CloudProfile> {
    const { io, log, config, connectionOf } = this.#around;
    const { cloud } = connectionOf(target);
    const read = async () => {
      const { cloudProfile } = await import("./cloud_profile.ts");
      return await cloudProfile(cloud, config, { io, tell: (text) => log.notice(text) });
    };
    const known = this.#profiles.get(cloud) ?? read();
    this.#profiles.set(cloud, known);
    known.catch(() => this.#profiles.delete(cloud)); // a program may give the key later
    return known;
  }

  #tell(name: string, event: TunnelEvent): void {
    const { log } = this.#around;
    switch (event.type) {
      case "step":
        return log.step(`${name}: ${stepText(event.step)}`);
      case "up":
        return log.step(`${name}: tunnel is up, ${event.path}, after ${event.took} ms`);
      case "lost":
        return log.notice(`${name}: the tunnel broke (${event.reason}), it is opened again`);
      case "retry":
        return log.step(`${name}: ${retryText(event)}`);
      case "refused": // whoever waits is told
        return;
    }
  }
}

/** A step for people. */
export function stepText({ name, ok, detail, took }: StepEvent["step"]): string {
  return `${ok ? "" : "failed: "}${name}: ${detail} (${took} ms)`;
}

type StepEvent = Extract<TunnelEvent, { readonly type: "step" }>;

/** A failed attempt for people. */
export function retryText({ error, wait }: { error: DhipError; wait: number }): string {
  return `${error.message}; again in ${(wait / 1000).toFixed(1)} s`;
}

/**
 * What a command is given.
 *
 * @module
 */

import type { DhipError } from "../errors.ts";
import type { Config } from "./config/config.ts";
import type { Device, Library } from "./devices.ts";
import type { ConnectionValues } from "./global_options.ts";
import type { CliIo } from "./io.ts";
import type { Log } from "./log.ts";
import type { Output } from "./output.ts";
import type { State } from "./remembered.ts";
import type { NamedTarget } from "./targets.ts";
import type { Tunnels } from "./tunnels.ts";
import type { View } from "./view.ts";

/** Work on one device. */
export type DeviceWork<T> = (device: Device, target: NamedTarget) => Promise<T>;

/** What {@linkcode Context.each} needs beside the work. */
export interface EachOptions<T> {
  /** How a result looks. */
  readonly view: View<T>;
  /** An error that is reported beside the result: the device refused, the result is incomplete. */
  readonly verdict?: (result: T) => DhipError | undefined;
  /**
   * Logs in when the work first needs a session, instead of before it: for work that may need none.
   */
  readonly lazyLogin?: true;
  /**
   * The work ends itself soon after Ctrl-C, and that is waited for: it has something to put right
   * on the device, such as a camera in motion.
   */
  readonly finishes?: true;
}

/** Devices that stay open for work that is repeated. Disposing logs out. */
export interface OpenDevices extends AsyncDisposable {
  /**
   * The device of a target. It is contacted when it is first asked for something.
   *
   * @throws {DhipError} when its password cannot be had
   */
  of(target: NamedTarget): Promise<Device>;
  /** Logs out of a device that is no longer needed. */
  leave(target: NamedTarget): Promise<void>;
}

/** The surroundings of a running command. */
export interface Context {
  readonly io: CliIo;
  readonly output: Output;
  readonly log: Log;
  readonly library: Library;
  /**
   * The help of a command, a group or a topic, or of the program: for so many columns, or as a
   * manual page.
   *
   * @throws {DhipError} `DHIP_USAGE` when there is none of that name
   */
  help(name: string | undefined, form: number | "man"): Promise<string>;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  /** Devices named on the command line. */
  readonly targets: readonly NamedTarget[];
  /** Files named there, for commands that take both. */
  readonly files: readonly string[];
  /** The config file; empty when there is none or the command does not need it. */
  readonly config: Config;
  /** Values of the connection options; undefined when the command works on no device. */
  readonly connection: ConnectionValues | undefined;
  /**
   * Values of the connection options for one target, with what the config file says about it.
   *
   * @throws {Error} when the command works on no device
   */
  connectionOf(target: NamedTarget): ConnectionValues;
  /** What is remembered between runs: refused logins and pinned certificates. */
  state(): Promise<State>;
  /** The tunnels to targets that are named by their serial numbers; closed with the command. */
  readonly tunnels: Pick<Tunnels, "check" | "of" | "open">;
  /** True when standard input holds the password and can give nothing else. */
  readonly stdinTaken: boolean;
  /** True for a line in python-dhip's form: results then have its shapes. */
  readonly python: boolean;
  /**
   * Does the work on every target, side by side, each with a login of its own that ends with the
   * work; prints results and reports failures. Resolves to the exit code.
   *
   * @throws {DhipError} with a single target: its failure
   */
  each<T>(work: DeviceWork<T>, options: EachOptions<T>): Promise<number>;
  /**
   * The devices of all targets, for work that the command arranges itself.
   *
   * @throws {DhipError} when there is no password for them
   */
  devices(): Promise<OpenDevices>;
  /**
   * The same without a login.
   *
   * @throws {DhipError} with a single target: its failure
   */
  eachAddress<T>(
    work: (target: NamedTarget) => Promise<T>,
    options: EachOptions<T>,
  ): Promise<number>;
}

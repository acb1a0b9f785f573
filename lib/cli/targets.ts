/**
 * The devices named on a command line.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import { parseTarget, type Target } from "../net/target.ts";
import { endpoint } from "../net/tcp.ts";
import type { DeviceEntry } from "./config/config.ts";
import { mayShow, usageError, type Words } from "./usage.ts";

/** A device to work on. */
export interface NamedTarget {
  /** How results and messages name it: its name in the config file, `host`, or `host:port`. */
  readonly name: string;
  /** `host` or `host:port`. */
  readonly host: string;
  /** Its address. A port is that of whatever it is asked through. */
  readonly address: Target;
  /** User to log in as. */
  readonly user: string;
  /** What the config file says about it. */
  readonly device?: DeviceEntry;
}

/** What gives the words of a command line their meaning. */
export interface TargetOptions {
  readonly words: Words;
  /** Devices of the config file. */
  readonly devices: ReadonlyMap<string, DeviceEntry>;
  /** No word at all means all devices of the config file. */
  readonly all?: boolean;
  /** User of all that have none in their address: `-u`. */
  readonly user?: string | undefined;
  /** User of those that still have none. */
  readonly otherUser: string;
}

/**
 * Reads targets and comma lists of them. A word that names a device of the config file is that
 * device, any other is a host. A device named twice is worked on once: at most one login may be
 * open for one host and account.
 *
 * @throws {DhipError} `DHIP_USAGE`
 */
export function readTargets(texts: readonly string[], options: TargetOptions): NamedTarget[] {
  const { devices, all, words } = options;
  if (all && texts.length === 0) {
    if (devices.size === 0) {
      throw usageError("No target is named, and the config file has no devices", ADD_ONE);
    }
    return distinct([...devices.values()].map((device) => named(device.address, device, options)));
  }
  return distinct(
    texts.flatMap((list) => list.split(",")).map((text) => text.trim()).flatMap((text) => {
      if (text.startsWith("@")) {
        return tagged(text.slice(1), options).map((device) =>
          named(device.address, device, options)
        );
      }
      const address = readAddress(text, words);
      const device = devices.get(address.host);
      if (device === undefined) return [named(address, undefined, options)];
      return [named({ ...device.address, ...address, host: device.address.host }, device, options)];
    }),
  );
}

const ADD_ONE = "dhip devices add NAME HOST gives a device a name.";

function named(
  address: Target,
  device: DeviceEntry | undefined,
  { user, otherUser }: TargetOptions,
): NamedTarget {
  const { host, port } = address;
  const label = port === undefined ? host : endpoint(host, port);
  return {
    name: device?.name ?? label,
    host: label,
    address,
    user: address.user ?? user ?? device?.user ?? otherUser,
    ...(device === undefined ? {} : { device }),
  };
}

/** Each device once. The mention that knows more of it, its name, goes before a bare address. */
function distinct(targets: readonly NamedTarget[]): NamedTarget[] {
  const found = new Map<string, NamedTarget>();
  for (const target of targets) {
    const { dhipPort, httpPort } = target.device?.settings ?? {};
    const key = JSON.stringify([deviceId(target, dhipPort), httpPort, target.user]);
    const known = found.get(key);
    if (known === undefined || (known.device === undefined && target.device !== undefined)) {
      found.set(key, target);
    }
  }
  return [...found.values()];
}

/** The usual ports of DHIP, HTTP and HTTPS: naming one does not make another device of a host. */
const USUAL_PORTS = [5000, 80, 443];

/**
 * What tells a device from others, whatever it is asked through: its host, and its port where that
 * is not a usual one, because devices behind one forwarded address differ by port.
 */
export function deviceId({ address }: NamedTarget, dhipPort: unknown): string {
  const name = address.host.toLowerCase();
  const port = address.port ?? dhipPort;
  return typeof port !== "number" || USUAL_PORTS.includes(port) ? name : endpoint(name, port);
}

function tagged(tag: string, { devices, words }: TargetOptions): DeviceEntry[] {
  const found = [...devices.values()].filter(({ tags }) => tags.includes(tag));
  if (found.length > 0) return found;
  const tags = [...new Set([...devices.values()].flatMap((device) => device.tags))];
  const shown = !words.secret && mayShow(tag) ? `: @${tag.slice(0, 80)}` : "";
  throw usageError(
    `No device has that tag${shown}`,
    tags.length === 0
      ? "The config file has no tags; dhip devices add NAME HOST --tag TAG."
      : `Tags: ${tags.map((tag) => `@${tag}`).join(", ")}.`,
  );
}

function readAddress(text: string, words: Words): Target {
  if (text === "") throw usageError("An empty target", "Name a host, or remove the comma.");
  if (/:\/\/[^/]*:[^/]*@/.test(text)) {
    throw usageError(
      "A password in a target is not accepted: it would show in process lists and histories",
      "Write dhip://USER@HOST and give the password by --password-stdin, DHIP_PASSWORD_FILE " +
        "or at the prompt.",
    );
  }
  try {
    return parseTarget(text);
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof DhipError)) throw error;
    const shown = !words.secret && mayShow(text) ? `: ${JSON.stringify(text.slice(0, 80))}` : "";
    throw usageError(
      `A target that cannot be read${shown}`,
      "Targets are HOST, HOST:PORT, [IPV6]:PORT, sn:SERIAL, dhip://USER@HOST:PORT, or a NAME or " +
        "@TAG of the config file.",
    );
  }
}

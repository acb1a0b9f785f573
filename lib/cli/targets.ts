/**
 * The devices named on a command line.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import { parseTarget, type Target } from "../net/target.ts";
import { endpoint } from "../net/tcp.ts";
import { mayShow, usageError, type Words } from "./usage.ts";

/** A device to work on. */
export interface NamedTarget {
  /** How results and messages name it: `host` or `host:port`. */
  readonly name: string;
  /** Its address. */
  readonly address: Target;
}

/**
 * Reads targets and comma lists of them. A device named twice is worked on once: at most one login
 * may be open for one host and account.
 *
 * @throws {DhipError} `DHIP_USAGE`
 */
export function readTargets(texts: readonly string[], words: Words): NamedTarget[] {
  const targets = new Map<string, NamedTarget>();
  for (const text of texts.flatMap((list) => list.split(","))) {
    const address = readTarget(text.trim(), words);
    const { host, port, user } = address;
    const name = port === undefined ? host : endpoint(host, port);
    const key = JSON.stringify([name, user]);
    if (!targets.has(key)) targets.set(key, { name, address });
  }
  return [...targets.values()];
}

function readTarget(text: string, words: Words): Target {
  if (text === "") throw usageError("An empty target", "Name a host, or remove the comma.");
  if (text.startsWith("@")) {
    throw usageError(
      "A tag (@TAG) names devices of a config file, and this version reads none",
      "List the hosts: dhip info 192.0.2.7,192.0.2.8",
    );
  }
  if (/^sn:/i.test(text)) {
    throw usageError(
      "This version cannot reach a device by serial number (sn:...)",
      "Use its address on the local network: HOST or HOST:PORT.",
    );
  }
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
      "Targets are HOST, HOST:PORT, [IPV6]:PORT or dhip://USER@HOST:PORT.",
    );
  }
}

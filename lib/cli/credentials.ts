/**
 * Where user and password come from.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import type { ConnectionValues } from "./global_options.ts";
import type { CliIo } from "./io.ts";
import type { Log } from "./log.ts";
import type { NamedTarget } from "./targets.ts";
import { usageError } from "./usage.ts";

/** User and password for one device. */
export interface Login {
  readonly user: string;
  readonly password: string;
}

/** What {@linkcode resolveLogins} decides on. */
export interface LoginSources {
  readonly io: CliIo;
  readonly log: Log;
  readonly options: Pick<ConnectionValues, "user" | "password" | "passwordStdin">;
  /** Password when there is no other; instead of asking for one. */
  readonly fallback?: string | undefined;
}

/**
 * The login of each target, in their order. What is asked for is asked once and before the first
 * connection.
 *
 * User: the target's own (`dhip://user@`), `-u`, `DHIP_USER`, `admin`.
 * Password: `-P`, `--password-stdin`, `DHIP_PASSWORD_FILE`, `DHIP_PASSWORD`, a prompt.
 * An empty environment variable counts as not set.
 *
 * @throws {DhipError} `DHIP_NO_PASSWORD`, `DHIP_USAGE`, `DHIP_INTERRUPTED`
 */
export async function resolveLogins(
  targets: readonly NamedTarget[],
  sources: LoginSources,
): Promise<Login[]> {
  const { io, options } = sources;
  const users = targets.map(({ address }) =>
    address.user ?? options.user ?? (io.env("DHIP_USER") || "admin")
  );
  const question = targets.length === 1
    ? `Password for ${users[0]}@${targets[0]!.name}: `
    : `Password for ${targets.length} devices: `;
  const password = await runWidePassword(sources, question);
  return users.map((user) => ({ user, password }));
}

/** The password for every device that has none of its own. */
async function runWidePassword(sources: LoginSources, question: string): Promise<string> {
  const { io, log, options, fallback } = sources;
  if (options.password !== undefined) {
    if (options.passwordStdin) throw usageError("-P and --password-stdin exclude each other");
    log.warning(
      "-P shows the password to all users of this computer; " +
        "--password-stdin, DHIP_PASSWORD_FILE and the prompt do not",
    );
    return options.password;
  }
  if (options.passwordStdin) {
    return passwordLine(await io.stdin.readAll(), "Standard input");
  }
  const file = io.env("DHIP_PASSWORD_FILE");
  if (file) return await passwordFile(io, file);
  const variable = io.env("DHIP_PASSWORD");
  if (variable) return variable;
  if (fallback !== undefined) return fallback;
  const typed = io.stdin.isTerminal ? await io.stdin.askSecret(question) : undefined;
  if (typed !== undefined) return typed;
  throw new DhipError(
    "DHIP_NO_PASSWORD",
    io.stdin.isTerminal
      ? "No password was given"
      : "No password was given and there is no terminal to ask on",
    { hint: "Give it by --password-stdin, DHIP_PASSWORD_FILE, DHIP_PASSWORD or -P." },
  );
}

async function passwordFile(io: CliIo, path: string): Promise<string> {
  let bytes: Uint8Array;
  let mode: number | undefined;
  try {
    mode = await io.files.mode(path);
    bytes = await io.files.read(path);
  } catch (cause) {
    throw new DhipError("DHIP_NO_PASSWORD", "The file of DHIP_PASSWORD_FILE cannot be read", {
      hint: `Check that it exists and is yours: ${path}`,
      cause,
    });
  }
  if (mode !== undefined && (mode & 0o077) !== 0) {
    throw new DhipError(
      "DHIP_NO_PASSWORD",
      `The file of DHIP_PASSWORD_FILE is open to other users (mode ${octal(mode)})`,
      { hint: `chmod 600 ${path}` },
    );
  }
  return passwordLine(bytes, "The file of DHIP_PASSWORD_FILE");
}

function octal(mode: number): string {
  return (mode & 0o777).toString(8).padStart(3, "0");
}

/** The first line without its newline. Every other byte belongs to the password. */
function passwordLine(bytes: Uint8Array, source: string): string {
  const end = bytes.indexOf(0x0a);
  if (end < 0 && bytes.length === 0) {
    throw new DhipError("DHIP_NO_PASSWORD", `${source} is empty`, {
      hint: "For the empty password give one empty line.",
    });
  }
  const line = end < 0 ? bytes : bytes.subarray(0, end);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(line);
  } catch {
    // The cause would carry nothing, and the bytes are secret.
    throw new DhipError("DHIP_NO_PASSWORD", `${source} holds no UTF-8 text`, {
      hint: "Passwords are sent as UTF-8; convert the file.",
    });
  }
}

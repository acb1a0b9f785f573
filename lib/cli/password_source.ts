/**
 * Reads a password from a file, a program or a config file. Errors never repeat what was read.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import type { PasswordSource } from "./config/config.ts";
import { resolvePath } from "./folders.ts";
import type { CliIo, RunResult } from "./io.ts";
import { plain, shellQuote } from "./text.ts";

/** A password manager may first have to ask its owner. In milliseconds. */
const COMMAND_TIMEOUT = 60_000;
/** Far more than any password; a program that prints more prints something else. */
const MAX_OUTPUT = 4096;

/** What reading a password takes. */
export interface PasswordReader {
  readonly io: CliIo;
  /** Hears of what is allowed and probably a mistake. */
  readonly tell: (text: string) => void;
}

/**
 * The password of a config file, or another secret.
 *
 * @param whose for messages: `of NAME`
 * @param name what it is called in the file
 * @throws {DhipError} `DHIP_NO_PASSWORD`, `DHIP_FILE`, `DHIP_INTERRUPTED`
 */
export async function passwordFrom(
  source: PasswordSource,
  whose: string,
  { io, tell }: PasswordReader,
  name = "password",
): Promise<string> {
  switch (source.kind) {
    case "text":
      return source.password;
    case "file": {
      const path = resolvePath(source.path, source.folder, (name) => io.env(name));
      return await passwordFile({ io, tell }, path, `The ${name}_file ${whose}`);
    }
    case "command":
      return await passwordOfProgram(source.command, `The ${name}_command ${whose}`, io);
  }
}

/**
 * The first line of a file that only its owner may read.
 *
 * @throws {DhipError} `DHIP_FILE` when it cannot be read, `DHIP_NO_PASSWORD` when it is no good
 */
export async function passwordFile(
  { io, tell }: PasswordReader,
  path: string,
  what: string,
): Promise<string> {
  let bytes: Uint8Array;
  let mode: number | undefined;
  try {
    mode = await io.files.mode(path);
    bytes = await io.files.read(path);
  } catch (cause) {
    throw new DhipError("DHIP_FILE", `${what} cannot be read`, {
      hint: `Check that it exists and is yours: ${path}`,
      cause,
    });
  }
  if (mode !== undefined && (mode & 0o077) !== 0) {
    throw new DhipError(
      "DHIP_NO_PASSWORD",
      `${what} is open to other users (mode ${octal(mode)})`,
      { hint: `chmod 600 ${shellQuote(path)}` },
    );
  }
  return passwordLine(bytes, what, tell);
}

function octal(mode: number): string {
  return (mode & 0o777).toString(8).padStart(3, "0");
}

/** The first line without its newline. Every other byte belongs to the password. */
export function passwordLine(
  bytes: Uint8Array,
  source: string,
  tell: PasswordReader["tell"],
): string {
  const end = bytes.indexOf(0x0a);
  const line = end < 0 ? bytes : bytes.subarray(0, end);
  if (line.at(-1) === 0x0d) {
    tell(
      `${source} ends its first line with a carriage return, which counts as part of the password`,
    );
  }
  return decoded(line, bytes.length === 0, source);
}

function decoded(bytes: Uint8Array, nothing: boolean, source: string): string {
  if (nothing) {
    throw new DhipError("DHIP_NO_PASSWORD", `${source} is empty`, {
      hint: "For the empty password give one empty line.",
    });
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // The cause would carry nothing, and the bytes are secret.
    throw new DhipError("DHIP_NO_PASSWORD", `${source} holds no UTF-8 text`, {
      hint: "Passwords are sent as UTF-8; convert the file.",
    });
  }
}

/**
 * What a program prints, without the newline at its end.
 *
 * @param what the program, for messages
 * @throws {DhipError} `DHIP_NO_PASSWORD`, `DHIP_INTERRUPTED`
 */
export async function passwordOfProgram(
  command: string | readonly string[],
  what: string,
  io: CliIo,
): Promise<string> {
  let result: RunResult;
  try {
    const signal = io.interrupt;
    result = await io.run(command, { timeout: COMMAND_TIMEOUT, maxOutput: MAX_OUTPUT, signal });
  } catch (cause) {
    if (cause instanceof DhipError) throw cause;
    throw new DhipError("DHIP_NO_PASSWORD", `${what} cannot be started`, {
      hint: "Check that the program is installed and on the PATH.",
      cause,
    });
  }
  const { end, code, stdout, stderr } = result;
  if (end === "timeout") throw failed(`did not end within ${COMMAND_TIMEOUT / 1000} s`);
  if (end === "output") throw failed(`printed more than ${MAX_OUTPUT} bytes`);
  if (code !== 0) throw failed(`ended with code ${code}`);
  // Only the newline that programs end with; a line break inside would belong to the password.
  const last = stdout.at(-1) === 0x0a ? stdout.subarray(0, -1) : stdout;
  return decoded(last, stdout.length === 0, `The output of t${what.slice(1)}`);

  function failed(how: string): DhipError {
    const said = plain(stderr.trim().replaceAll(/\s*\n\s*/g, "; ")).slice(-500);
    return new DhipError("DHIP_NO_PASSWORD", `${what} ${how}${said === "" ? "" : `: ${said}`}`, {
      hint: "Run it by hand to see what it needs.",
    });
  }
}

/**
 * Files that the user names.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import type { CliIo } from "./io.ts";

/**
 * Reads a file as text.
 *
 * @param what what it is, for the error: "The backup"
 * @throws {DhipError} `DHIP_FILE`
 */
export async function readUserFile(io: CliIo, path: string, what: string): Promise<string> {
  return new TextDecoder().decode(await readUserBytes(io, path, what));
}

/** Reads a whole file; see {@linkcode readUserFile}. */
export async function readUserBytes(io: CliIo, path: string, what: string): Promise<Uint8Array> {
  try {
    return await io.files.read(path);
  } catch (cause) {
    throw new DhipError("DHIP_FILE", `${what} cannot be read: ${path}`, {
      hint: reason(cause),
      cause,
    });
  }
}

/**
 * Writes a whole file; it appears complete or not at all.
 *
 * @param mode permission bits
 * @throws {DhipError} `DHIP_FILE`
 */
export async function writeUserFile(
  io: CliIo,
  path: string,
  bytes: Uint8Array | string,
  mode?: number,
): Promise<void> {
  const content = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  try {
    await io.files.write(path, content, mode);
  } catch (cause) {
    throw new DhipError("DHIP_FILE", `${path} cannot be written`, { hint: reason(cause), cause });
  }
}

/** The failure of a local file as an error. `kept` is what remains of the work. */
export function fileError(message: string, cause: unknown, kept?: string): DhipError {
  const isFull = (cause as { code?: unknown } | null)?.code === "ENOSPC";
  const hint = isFull ? "The disk is full." : reason(cause);
  return new DhipError("DHIP_FILE", message, {
    hint: kept === undefined ? hint : `${hint.replace(/\.?$/, ".")} ${kept}`,
    cause,
  });
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

/**
 * Files that are read as they are needed.
 *
 * @module
 */

import { DhipError } from "../../errors.ts";
import type { CliIo } from "../io.ts";

/** Bytes of a chunk: larger ones leave the processor's cache. */
const CHUNK = 256 * 1024;

/** The bytes of a file, or of standard input for `-`. */
export interface ByteInput extends AsyncDisposable {
  /** Bytes in all; undefined for a stream. */
  readonly size: number | undefined;
  /** The bytes as they come; each chunk stays as it is. */
  chunks(): AsyncIterable<Uint8Array>;
}

/**
 * Opens a file.
 *
 * @throws {DhipError} `DHIP_FILE`
 */
export async function openInput(io: CliIo, path: string): Promise<ByteInput> {
  if (path === "-") {
    const dispose = () => Promise.resolve();
    return { size: undefined, chunks: () => io.stdin.chunks(), [Symbol.asyncDispose]: dispose };
  }
  try {
    const file = await Deno.open(path);
    try {
      const { isDirectory, isFile, size } = await file.stat();
      if (isDirectory) throw new Error("It is a folder");
      return {
        size: isFile ? size : undefined,
        chunks: () => chunksOf(path, file),
        [Symbol.asyncDispose]() {
          file.close();
          return Promise.resolve();
        },
      };
    } catch (error) {
      file.close();
      throw error;
    }
  } catch (cause) {
    throw fileError(path, cause);
  }
}

async function* chunksOf(path: string, file: Deno.FsFile): AsyncGenerator<Uint8Array, void, void> {
  for (;;) {
    const chunk = new Uint8Array(CHUNK);
    const length = await file.read(chunk).catch((cause) => {
      throw fileError(path, cause);
    });
    if (length === null) return;
    yield chunk.subarray(0, length);
  }
}

function fileError(path: string, cause: unknown): DhipError {
  return new DhipError("DHIP_FILE", `${path} cannot be read`, {
    hint: cause instanceof Error ? cause.message : String(cause),
    cause,
  });
}

/**
 * Where a recording goes: a file that appears when it is whole, or a stream.
 *
 * @module
 */

import { DhipError } from "../../errors.ts";

/** Takes the bytes of one file. */
export interface RecordingSink {
  /** What people know it by. */
  readonly name: string;
  /** False when bytes can only be appended. */
  readonly seekable: boolean;
  /** Writes bytes; resolves when there is room for more. They may be changed afterwards. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** Everything was written: the file gets its name. */
  commit(): Promise<void>;
  /** It cannot be ended. What `plays` is kept: a file as its part. */
  abandon(plays: boolean): Promise<void>;
}

/** How a {@linkcode FileSink} is opened. */
export interface FileSinkOptions {
  /** Replaces a file of that name. Default false. */
  readonly replace?: boolean | undefined;
}

/**
 * A file that is called `NAME.part` until it is whole and on the disk. What stands in the part of a
 * fragmented file plays, whatever happens to this process.
 */
export class FileSink implements RecordingSink {
  readonly name: string;
  readonly seekable = true;
  readonly #file: Deno.FsFile;
  #at = 0;

  private constructor(path: string, file: Deno.FsFile) {
    this.name = path;
    this.#file = file;
  }

  /**
   * Begins a file.
   *
   * @throws {DhipError} `DHIP_FILE` when it exists already and may not be replaced, or cannot be made
   */
  static async open(path: string, options: FileSinkOptions = {}): Promise<FileSink> {
    if (options.replace !== true && await exists(path)) {
      throw new DhipError("DHIP_FILE", `${path} exists already`, {
        hint: "Choose another name, or replace it with --force.",
      });
    }
    try {
      const flags = { write: true, create: true, truncate: true };
      return new FileSink(path, await Deno.open(partOf(path), flags));
    } catch (cause) {
      throw fileError(path, cause);
    }
  }

  /** See {@linkcode RecordingSink.write}. */
  async write(bytes: Uint8Array, position: number): Promise<void> {
    try {
      if (position !== this.#at) await this.#file.seek(position, Deno.SeekMode.Start);
      for (let at = 0; at < bytes.length;) at += await this.#file.write(bytes.subarray(at));
      this.#at = position + bytes.length;
    } catch (cause) {
      throw fileError(this.name, cause);
    }
  }

  /** See {@linkcode RecordingSink.commit}. */
  async commit(): Promise<void> {
    try {
      await this.#file.sync();
      this.#file.close();
      await Deno.rename(partOf(this.name), this.name);
    } catch (cause) {
      throw fileError(this.name, cause);
    }
  }

  /** See {@linkcode RecordingSink.abandon}. */
  async abandon(plays: boolean): Promise<void> {
    try {
      this.#file.close();
    } catch {
      return; // it broke while it was closed
    }
    if (!plays) await Deno.remove(partOf(this.name)).catch(() => {});
  }
}

/** A pipe or another stream. It is not closed: several files may follow each other. */
export class StreamSink implements RecordingSink {
  readonly name: string;
  readonly seekable = false;
  readonly #write: (bytes: Uint8Array) => Promise<void>;

  /** Writes to `write`, which resolves when there is room for more. */
  constructor(name: string, write: (bytes: Uint8Array) => Promise<void>) {
    this.name = name;
    this.#write = write;
  }

  /** See {@linkcode RecordingSink.write}. */
  write(bytes: Uint8Array): Promise<void> {
    return this.#write(bytes);
  }

  /** Nothing is left to do. */
  commit(): Promise<void> {
    return Promise.resolve();
  }

  /** What was written is written. */
  abandon(): Promise<void> {
    return Promise.resolve();
  }
}

function partOf(path: string): string {
  return `${path}.part`;
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch {
    return false;
  }
}

function fileError(path: string, cause: unknown): DhipError {
  return new DhipError("DHIP_FILE", `${path} cannot be written`, {
    hint: cause instanceof Error ? cause.message : String(cause),
    cause,
  });
}

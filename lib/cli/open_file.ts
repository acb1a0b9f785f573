/**
 * Files that are read and written at any place.
 *
 * @module
 */

import type { OpenFile } from "./io.ts";

/** Opens a file; it is made when it is missing. */
export async function openFile(path: string): Promise<OpenFile> {
  const file = await Deno.open(path, { read: true, write: true, create: true });
  try {
    return new DiskFile(file, (await file.stat()).size);
  } catch (error) {
    file.close();
    throw error;
  }
}

class DiskFile implements OpenFile {
  readonly #file: Deno.FsFile;
  #length: number;
  /** Where the next read or write happens by itself. */
  #at = 0;

  constructor(file: Deno.FsFile, length: number) {
    this.#file = file;
    this.#length = length;
  }

  get length(): number {
    return this.#length;
  }

  async read(at: number, buffer: Uint8Array): Promise<number> {
    await this.#seek(at);
    let done = 0;
    while (done < buffer.length) {
      const count = await this.#file.read(buffer.subarray(done));
      if (count === null) break;
      done += count;
    }
    this.#at += done;
    return done;
  }

  async write(at: number, bytes: Uint8Array): Promise<void> {
    await this.#seek(at);
    for (let done = 0; done < bytes.length;) {
      const count = await this.#file.write(bytes.subarray(done));
      done += count;
      this.#at += count;
      this.#length = Math.max(this.#length, this.#at);
    }
  }

  async cut(length: number): Promise<void> {
    await this.#file.truncate(length);
    this.#length = length;
  }

  sync(): Promise<void> {
    return this.#file.sync();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#file.close();
    return Promise.resolve();
  }

  async #seek(at: number): Promise<void> {
    if (this.#at !== at) this.#at = await this.#file.seek(at, Deno.SeekMode.Start);
  }
}

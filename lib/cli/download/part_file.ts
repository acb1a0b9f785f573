/**
 * Where the bytes of a download go.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Destination } from "../../camera/mod.ts";
import type { Files, OpenFile } from "../io.ts";
import type { Output } from "../output.ts";
import { fileError } from "../user_file.ts";

/** `NAME.part`, which becomes `NAME` when it is whole. What an earlier run left is kept. */
export class PartFile implements Destination, AsyncDisposable {
  readonly #files: Files;
  readonly #path: string;
  readonly #file: OpenFile;

  private constructor(files: Files, path: string, file: OpenFile) {
    this.#files = files;
    this.#path = path;
    this.#file = file;
  }

  /**
   * Opens the part of a file.
   *
   * @throws {DhipError} `DHIP_FILE`
   */
  static async open(files: Files, path: string): Promise<PartFile> {
    try {
      return new PartFile(files, path, await files.open(partOf(path)));
    } catch (cause) {
      throw fileError(`${partOf(path)} cannot be opened`, cause);
    }
  }

  get length(): number {
    return this.#file.length;
  }

  get kept(): string | null {
    return this.length === 0 ? null : partOf(this.#path);
  }

  async put(at: number, bytes: Uint8Array): Promise<boolean> {
    const there = Math.max(0, Math.min(bytes.length, this.length - at));
    try {
      if (there > 0) {
        const old = new Uint8Array(there);
        await this.#file.read(at, old);
        if (!equal(old, bytes.subarray(0, there))) return false;
      }
      if (there < bytes.length) await this.#file.write(at + there, bytes.subarray(there));
      return true;
    } catch (cause) {
      throw fileError(`${partOf(this.#path)} cannot be written`, cause, CONTINUE);
    }
  }

  async restart(): Promise<boolean> {
    await this.#file.cut(0);
    return true;
  }

  async finish(length: number): Promise<void> {
    try {
      if (this.length > length) await this.#file.cut(length);
      await this.#file.sync(); // on the disk before it gets its name
      await this.#files.rename(partOf(this.#path), this.#path);
    } catch (cause) {
      throw fileError(`${this.#path} cannot be written`, cause, CONTINUE);
    }
  }

  /** Closes the file; an empty part is no use to anybody. */
  async [Symbol.asyncDispose](): Promise<void> {
    const isEmpty = this.length === 0;
    await this.#file[Symbol.asyncDispose]();
    if (isEmpty) await this.#files.remove(partOf(this.#path)).catch(() => {});
  }
}

/** Standard output: what is written is written. */
export class OutputStream implements Destination, AsyncDisposable {
  readonly kept = null;
  readonly #output: Pick<Output, "bytes">;
  #length = 0;

  /** Writes to the output. */
  constructor(output: Pick<Output, "bytes">) {
    this.#output = output;
  }

  get length(): number {
    return this.#length;
  }

  async put(at: number, bytes: Uint8Array): Promise<boolean> {
    const rest = bytes.subarray(Math.max(0, this.#length - at));
    if (rest.length > 0) await this.#output.bytes(rest);
    this.#length += rest.length;
    return true;
  }

  restart(): Promise<boolean> {
    return Promise.resolve(false);
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

const CONTINUE = "What came is kept: run the same line again to go on.";

/** The name of a file that is not whole. */
export function partOf(path: string): string {
  return `${path}.part`;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.from(a.buffer, a.byteOffset, a.length).equals(b);
}

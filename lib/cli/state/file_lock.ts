/**
 * Locks between processes. The operating system frees them when their owner ends, however it ends.
 *
 * @module
 */

import { DhipError } from "../../errors.ts";
import { sleep } from "../../net/deadline.ts";

/** A lock that is held. */
export interface HeldLock {
  /** Gives it back. */
  release(): void;
}

/** Somebody who wants a lock, and may try several times. */
export class LockSeeker implements Disposable {
  readonly #path: string;
  #file: Deno.FsFile | undefined;

  /** Wants the lock that is the file at `path`. The file is made and stays. */
  constructor(path: string) {
    this.#path = path;
  }

  /** The lock, or undefined when somebody has it. */
  async tryTake(): Promise<HeldLock | undefined> {
    this.#file ??= await Deno.open(this.#path, {
      read: true,
      write: true,
      create: true,
      mode: 0o600,
    });
    const file = this.#file;
    if (!await file.tryLock(true)) return undefined;
    this.#file = undefined;
    return { release: () => file.close() };
  }

  /** Wants it no longer. A lock that was taken stays taken. */
  [Symbol.dispose](): void {
    this.#file?.close();
    this.#file = undefined;
  }
}

/** How long a short lock is waited for, in milliseconds: its owners keep it for a moment only. */
const PATIENCE = 5_000;

/**
 * Does short work under the lock at `path`.
 *
 * @throws {DhipError} `DHIP_FILE` when somebody keeps the lock
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  using seeker = new LockSeeker(path);
  const end = performance.now() + PATIENCE;
  for (;;) {
    const lock = await seeker.tryTake();
    if (lock !== undefined) {
      try {
        return await work();
      } finally {
        lock.release();
      }
    }
    if (performance.now() >= end) {
      throw new DhipError("DHIP_FILE", `Another process keeps ${path} locked`, {
        hint: "End it, or wait.",
      });
    }
    await sleep(5 + Math.random() * 15);
  }
}

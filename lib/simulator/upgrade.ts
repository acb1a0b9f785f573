/**
 * A firmware upload as the device receives it.
 *
 * @module
 */

import { createHash, type Hash } from "node:crypto";
import type { UpgradeUpload } from "./stats.ts";

/** Takes uploads, keeps their size and hash, never their bytes. */
export class UpgradeReceiver {
  #current: { hash: Hash; bytes: number } | undefined;
  #done: UpgradeUpload[] = [];
  #state: "Idle" | "Receiving" | "Upgrading" = "Idle";

  /** What the device does now. */
  get state(): "Idle" | "Receiving" | "Upgrading" {
    return this.#state;
  }

  /** Begins an upload; one that was under way is dropped. */
  prepare(): void {
    this.#finish(false);
    this.#current = { hash: createHash("sha256"), bytes: 0 };
    this.#state = "Receiving";
  }

  /** Takes the next bytes; false when no upload was begun. */
  append(bytes: Uint8Array): boolean {
    if (this.#current === undefined) return false;
    this.#current.hash.update(bytes);
    this.#current.bytes += bytes.length;
    return true;
  }

  /** Installs what was received; false when that is nothing. */
  execute(): boolean {
    if (this.#current === undefined || this.#current.bytes === 0) return false;
    this.#finish(true);
    this.#state = "Upgrading";
    return true;
  }

  /** Back to the state after a start of the device. */
  reset(): void {
    this.#finish(false);
    this.#state = "Idle";
  }

  /** All uploads, the one under way included. */
  uploads(): UpgradeUpload[] {
    const { hash, bytes } = this.#current ?? {};
    if (hash === undefined || bytes === undefined) return [...this.#done];
    return [...this.#done, { bytes, sha256: hash.copy().digest("hex"), executed: false }];
  }

  #finish(executed: boolean): void {
    if (this.#current !== undefined && this.#current.bytes > 0) {
      const { hash, bytes } = this.#current;
      this.#done.push({ bytes, sha256: hash.digest("hex"), executed });
      if (this.#done.length > 100) this.#done.shift();
    }
    this.#current = undefined;
  }
}

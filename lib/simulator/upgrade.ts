/**
 * A firmware upload as the device receives and installs it.
 *
 * @module
 */

import { createHash, type Hash } from "node:crypto";
import type { Clock, Timer } from "../net/clock.ts";
import type { UpgradeUpload } from "./stats.ts";

/** Uploads that are remembered. */
const MOST = 100;

/** Takes uploads, keeps their size and hash, never their bytes. */
export class UpgradeReceiver {
  readonly #clock: Clock;
  readonly #duration: number;
  readonly #restart: () => void;
  #current: { hash: Hash; bytes: number } | undefined;
  #installing: { timer: Timer; since: number } | undefined;
  #done: UpgradeUpload[] = [];
  #installed = 0;

  /** Installing takes `duration` ms; then `restart` is called. */
  constructor(clock: Clock, duration: number, restart: () => void) {
    this.#clock = clock;
    this.#duration = duration;
    this.#restart = restart;
  }

  /** What the device does now. */
  get state(): "Idle" | "Receiving" | "Upgrading" {
    if (this.#installing !== undefined) return "Upgrading";
    return this.#current === undefined ? "Idle" : "Receiving";
  }

  /** How far the installation is, 0 to 100. */
  get progress(): number {
    if (this.#installing === undefined) return 0;
    const passed = this.#clock.now() - this.#installing.since;
    return this.#duration === 0 ? 100 : Math.min(100, Math.floor(passed / this.#duration * 100));
  }

  /** Bytes received of the upload under way. */
  get received(): number {
    return this.#current?.bytes ?? 0;
  }

  /** Firmwares installed so far. */
  get installed(): number {
    return this.#installed;
  }

  /** Begins an upload, dropping one under way; false while one is being installed. */
  prepare(): boolean {
    if (this.#installing !== undefined) return false;
    this.#finish(false);
    this.#current = { hash: createHash("sha256"), bytes: 0 };
    return true;
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
    const timer = this.#clock.timer(() => {
      this.#installing = undefined;
      this.#installed++;
      this.#restart();
    }, this.#duration);
    this.#installing = { timer, since: this.#clock.now() };
    return true;
  }

  /** Drops the upload under way; false when there is none. */
  cancel(): boolean {
    if (this.#current === undefined) return false;
    this.#finish(false);
    return true;
  }

  /** Back to the state after a start of the device; an installation under way is lost. */
  reset(): void {
    this.#finish(false);
    this.#installing?.timer.cancel();
    this.#installing = undefined;
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
      if (this.#done.length > MOST) this.#done.shift();
    }
    this.#current = undefined;
  }
}

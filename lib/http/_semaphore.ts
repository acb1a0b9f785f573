/** A bounded number of places, first come first served. */

import { interrupted } from "../net/deadline.ts";

/** Hands out places and makes the next ones wait. */
export class Semaphore {
  #free: number;
  readonly #waiting = new Set<() => void>();

  /** Makes one with all places free. */
  constructor(places: number) {
    this.#free = places;
  }

  /** Waits for a place; call what it resolves to in order to give the place back. */
  async enter(signal: AbortSignal | undefined, what: string): Promise<() => void> {
    while (this.#free === 0) await this.#wait(signal, what);
    this.#free--;
    return () => {
      this.#free++;
      const [next] = this.#waiting;
      next?.();
    };
  }

  #wait(signal: AbortSignal | undefined, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(interrupted(signal, what));
      const end = () => {
        this.#waiting.delete(wake);
        signal?.removeEventListener("abort", onAbort);
      };
      const wake = () => {
        end();
        resolve();
      };
      const onAbort = () => {
        end();
        reject(interrupted(signal!, what));
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiting.add(wake);
    });
  }
}

/**
 * The steps on the way to a device, for traces and for telling which one fails.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import type { Clock } from "../net/clock.ts";

/**
 * Steps in the usual order; those of the relay run beside the others.
 *
 * - `cloud`: the cloud answers and knows the application
 * - `serial`: it knows the serial number, and names a P2P server
 * - `device`: the device is online
 * - `info`: how the device wants to be asked: with a signature or without
 * - `channel`: the device tells its addresses
 * - `punch`: a datagram came through directly
 * - `dispatcher`, `agent`, `lease`: a relay is found and reserved
 * - `join`: the device joined the relay
 * - `sign`: the device gave a sign for the direct path
 */
export type HandshakeStepName =
  | "cloud"
  | "serial"
  | "device"
  | "info"
  | "channel"
  | "punch"
  | "dispatcher"
  | "agent"
  | "lease"
  | "join"
  | "sign";

/** A step that is over. Holds no secret. */
export interface HandshakeStep {
  /** Which one. */
  readonly name: HandshakeStepName;
  /** Whether it did what it is for. A failed step need not fail the handshake. */
  readonly ok: boolean;
  /** What came out of it, for people. */
  readonly detail: string;
  /** How long it took, in milliseconds. */
  readonly took: number;
  /** Why it failed. */
  readonly error?: DhipError | undefined;
}

/** Runs steps and reports each. */
export class Steps {
  readonly #clock: Clock;
  readonly #report: (step: HandshakeStep) => void;
  #over = false;

  constructor(clock: Clock, report: (step: HandshakeStep) => void = () => {}) {
    this.#clock = clock;
    this.#report = report;
  }

  /** Reports nothing from now on: what is still under way is no longer needed. */
  end(): void {
    this.#over = true;
  }

  /** Runs one step; `detail` tells what came out of it. */
  async run<T>(
    name: HandshakeStepName,
    work: () => Promise<T>,
    detail: (result: T) => string,
  ): Promise<T> {
    const began = this.#clock.now();
    const over = (ok: boolean, text: string, error?: DhipError) => {
      const took = Math.round(this.#clock.now() - began);
      if (!this.#over) this.#report({ name, ok, detail: text, took, error });
    };
    let result: T;
    try {
      result = await work();
    } catch (error) {
      if (error instanceof DhipError) over(false, error.message, error);
      throw error;
    }
    over(true, detail(result));
    return result;
  }
}

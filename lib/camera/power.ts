/**
 * Restarting a device, switching it off, and making it forget its settings.
 *
 * @module
 */

import type { CallOptions } from "../net/stream.ts";

/** What a device did with an order that ends its connections. */
export interface PowerOutcome {
  /**
   * True when it said yes, or went away; false when it stayed silent and still takes connections,
   * which says nothing.
   */
  readonly confirmed: boolean;
}

/** Options of {@linkcode PowerService.reboot}. */
export interface RebootOptions extends CallOptions {
  /** Waits until the device can be used again, at most so many milliseconds. Default: no wait. */
  readonly wait?: number | undefined;
  /** Hears what is waited for. */
  readonly onStep?: ((step: "going-down" | "down" | "up") => void) | undefined;
}

/** What became of a restart. */
export interface RebootOutcome extends PowerOutcome {
  /** Milliseconds until the device could be used again; null when that was not waited for. */
  readonly back: number | null;
}

/** What is to go back to the state of the factory. */
export interface RestoreScope {
  /** Only these tables. */
  readonly only?: readonly string[] | undefined;
  /** Everything but these tables; all of it when there are none. */
  readonly except?: readonly string[] | undefined;
}

/** Switches a device. */
export interface PowerService {
  /**
   * Restarts the device. A connection that ends before the answer is a success.
   *
   * @throws {DhipError} the device's refusal; with `wait` `DHIP_TIMEOUT` when it does not come back,
   *   or the refusal of its one login
   */
  reboot(options?: RebootOptions): Promise<RebootOutcome>;
  /**
   * Waits until the device went away and can be used again: its port is tried without a login, and
   * when it answers there is one login. Resolves to the milliseconds that it took.
   *
   * @throws {DhipError} `DHIP_TIMEOUT` after `wait` milliseconds, or the refusal of the login
   */
  back(options: RebootOptions & { readonly wait: number }): Promise<number>;
  /** Switches the device off; somebody has to switch it on by hand. */
  shutdown(options?: CallOptions): Promise<PowerOutcome>;
  /**
   * Puts settings back to the state of the factory. Accounts and addresses may be among them, and
   * the device may restart.
   *
   * @throws {DhipError} the device's refusal
   */
  restoreDefaults(scope: RestoreScope, options?: CallOptions): Promise<PowerOutcome>;
}

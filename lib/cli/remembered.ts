/**
 * What is remembered between runs.
 *
 * @module
 */

import type { LoginGuard } from "../net/login_guard.ts";
import type { PinStore } from "../net/pin_store.ts";

/** A login that was refused, as it is remembered. */
export interface RememberedRefusal {
  /** The device, as in `deviceId`. */
  readonly host: string;
  readonly user: string;
  /** When, in milliseconds since 1970. */
  readonly since: number;
  /** Until when this password is not tried again. */
  readonly until: number;
}

/** What is remembered between runs. */
export interface State {
  /** Admits logins. */
  readonly guard: LoginGuard;
  /** Certificates that were seen before. */
  readonly pins: PinStore;
  /** The same on disk: a change that cannot be kept fails with `DHIP_FILE`. */
  readonly lastingPins: PinStore;
  /**
   * Forgets the refused logins of a device: of one user, or of all.
   *
   * @returns those that would still have kept a password from being tried
   */
  unlock(host: string, user?: string): Promise<RememberedRefusal[]>;
}

/**
 * Dialers whose streams are encrypted.
 *
 * @module
 */

import type { Dialer } from "./stream.ts";

/** A dialer whose streams nobody on the way can read or change. */
export interface SecureDialer extends Dialer {
  /** Always true. */
  readonly secure: true;
}

/** True for a dialer whose streams are encrypted. */
export function isSecure(dialer: Dialer): dialer is SecureDialer {
  return "secure" in dialer && dialer.secure === true;
}

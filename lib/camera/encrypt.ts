/**
 * TLS on the way to a device, loaded by those who use it.
 *
 * @module
 */

import type { PinStore } from "../net/pin_store.ts";
import type { SecureDialer } from "../net/secure_dialer.ts";
import type { Dialer } from "../net/stream.ts";

/** How certificates are judged. */
export interface EncryptOptions {
  /** Remembered certificates; by default one store for the whole process. */
  readonly pins?: PinStore | undefined;
  /** Accepts any certificate, for this connection. Default false. */
  readonly insecure?: boolean | undefined;
  /** Gets things an operator should know. */
  readonly onNotice?: ((text: string) => void) | undefined;
}

/** A dialer that encrypts what goes over `plain`. */
export function encrypted(plain: Dialer, options: EncryptOptions): SecureDialer {
  const { pins, insecure, onNotice } = options;
  return {
    host: plain.host,
    secure: true,
    async dial(port, call) {
      const { tlsDialer } = await import("../net/tls.ts");
      return await tlsDialer(plain, { pins, insecure, onNotice }).dial(port, call);
    },
  };
}

/** What went wrong with TLS, as Deno's `node:tls` (rustls) tells it. */

import { DhipError } from "../errors.ts";

interface NodeError {
  readonly code?: unknown;
  readonly message?: unknown;
}

/** The error of a handshake that failed. */
export function handshakeFailure(error: unknown, where: string): DhipError {
  if (error instanceof DhipError) return error; // of the stream below
  const { code, message } = (error ?? {}) as NodeError;
  const text = `${code} ${message}`;
  if (/WRONG_VERSION_NUMBER|InvalidContentType|corrupt message/i.test(text)) {
    return new DhipError("DHIP_WRONG_PROTOCOL", `${where} does not speak TLS`, {
      host: where,
      hint: "HTTPS is usually on port 443; name the port, or use http.",
    });
  }
  const why = /PROTOCOL_VERSION|DoesNotSupportTls1/i.test(text)
    ? "TLS 1.1 or older"
    : /HANDSHAKE_FAILURE|INSUFFICIENT_SECURITY|incompatible|SelectedUnoffered/i.test(text)
    ? "ciphers that are no longer safe (RSA key exchange, CBC, 3DES)"
    // With certificates not yet judged, such a code can only mean that the key cannot be used.
    : /SELF_SIGNED|CERT|SIGNATURE|KEY_TOO_SMALL/i.test(text)
    ? "a certificate whose key is too weak (RSA below 2048 bits)"
    : undefined;
  if (why !== undefined) return tooOld(where, why, error);
  return new DhipError("DHIP_CONNECTION_LOST", `${where} ended the TLS handshake`, {
    host: where,
    cause: error,
    hint: "The port may not speak TLS, or only versions that are no longer safe.",
  });
}

/** The error of a stream that broke after the handshake. */
export function streamFailure(error: unknown, where: string): DhipError {
  if (error instanceof DhipError) return error;
  const { message } = (error ?? {}) as NodeError;
  const wantsCertificate = /CertificateRequired/i.test(String(message));
  return new DhipError("DHIP_CONNECTION_LOST", `The TLS connection to ${where} broke`, {
    host: where,
    cause: error,
    ...(wantsCertificate
      ? { hint: "The device asks for a client certificate.", retryable: false }
      : {}),
  });
}

function tooOld(where: string, why: string, cause: unknown): DhipError {
  return new DhipError("DHIP_TLS_TOO_OLD", `${where} offers only ${why}`, {
    host: where,
    cause,
    hint: "Update the device, reach it through the tunnel (sn:SERIAL), or give --allow-plain.",
  });
}

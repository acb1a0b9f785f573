/**
 * Signs requests as "Standard Webhooks" says (standardwebhooks.com), so that receivers verify them
 * with a library they have.
 *
 * @module
 */

import { createHmac } from "node:crypto";

/**
 * The headers of a signed request.
 *
 * @param id the same for every attempt to deliver the same thing
 * @param seconds time of the attempt, in seconds since 1970
 * @param key see {@linkcode keyOf}; without one the request goes unsigned
 */
export function webhookHeaders(
  id: string,
  seconds: number,
  body: string,
  key: Uint8Array | undefined,
): Record<string, string> {
  const headers = {
    "content-type": "application/json",
    "user-agent": "dhip",
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
  };
  if (key === undefined) return headers;
  const signature = createHmac("sha256", key).update(`${id}.${seconds}.${body}`).digest("base64");
  return { ...headers, "webhook-signature": `v1,${signature}` };
}

/**
 * The key that a secret stands for: `whsec_` and base64 as the specification has it, or any other
 * text as its UTF-8 bytes.
 *
 * @throws {SyntaxError} when what follows `whsec_` is no base64
 */
export function keyOf(secret: string): Uint8Array {
  const encoded = /^whsec_(.*)$/s.exec(secret)?.[1];
  if (encoded === undefined) return new TextEncoder().encode(secret);
  try {
    return Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0));
  } catch {
    throw new SyntaxError("base64 behind whsec_");
  }
}

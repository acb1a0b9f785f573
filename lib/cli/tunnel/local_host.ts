/**
 * Where programs of this computer find what listens on an address.
 *
 * @module
 */

/** The address itself, or loopback for one that stands for all. */
export function localHost(host: string): string {
  return host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
}

/** An address as URLs have it, and all programs that take `HOST:PORT`. */
export function inUrl(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

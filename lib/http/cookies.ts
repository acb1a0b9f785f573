/**
 * The cookies of one device: names and values, no paths and no domains. Cameras keep their
 * session in them.
 *
 * @module
 */

import { isToken } from "./message_head.ts";

/** Most cookies kept; a device that sends more loses the oldest. */
const MAX_COOKIES = 50;
/** Longest name and value together, in characters. */
const MAX_LENGTH = 4096;

interface Cookie {
  readonly value: string;
  readonly secure: boolean;
}

/** Remembers what a device sets, and what the caller adds. */
export class CookieJar {
  readonly #cookies = new Map<string, Cookie>();

  /**
   * Adds or replaces a cookie.
   *
   * @throws {TypeError} when name or value cannot stand in a Cookie header
   */
  set(name: string, value: string, options: { readonly secure?: boolean } = {}): void {
    if (!isToken(name) || !isCookieValue(value)) {
      throw new TypeError("A cookie needs a token as name and no separators in its value");
    }
    this.#put(name, { value, secure: options.secure ?? false });
  }

  /** The value of a cookie. */
  get(name: string): string | undefined {
    return this.#cookies.get(name)?.value;
  }

  /** Forgets a cookie. */
  delete(name: string): void {
    this.#cookies.delete(name);
  }

  /** Forgets all cookies. */
  clear(): void {
    this.#cookies.clear();
  }

  /** Takes the cookies of an answer; malformed ones are left out. RFC 6265 section 5.2. */
  store(headers: Headers): void {
    for (const line of headers.getSetCookie()) {
      const [pair = "", ...attributes] = line.split(";");
      const equals = pair.indexOf("=");
      const name = pair.slice(0, equals).trim();
      const value = pair.slice(equals + 1).trim();
      if (equals < 1 || !isToken(name) || !isCookieValue(value)) continue;
      if (name.length + value.length > MAX_LENGTH) continue;
      const marks = attributes.map((attribute) => attribute.trim().toLowerCase());
      if (marks.some(isPast)) this.#cookies.delete(name);
      else this.#put(name, { value, secure: marks.includes("secure") });
    }
  }

  /** The value of the Cookie header, or undefined. Secure cookies go over TLS only. */
  header(secure: boolean): string | undefined {
    const pairs = [...this.#cookies]
      .filter(([, cookie]) => secure || !cookie.secure)
      .map(([name, cookie]) => `${name}=${cookie.value}`);
    return pairs.length === 0 ? undefined : pairs.join("; ");
  }

  #put(name: string, cookie: Cookie): void {
    this.#cookies.delete(name);
    this.#cookies.set(name, cookie);
    const [oldest] = this.#cookies.keys();
    if (this.#cookies.size > MAX_COOKIES) this.#cookies.delete(oldest!);
  }
}

function isCookieValue(value: string): boolean {
  return /^[\x21-\x2b\x2d-\x3a\x3c-\x7e]*$/.test(value);
}

/** `max-age=0` and dates gone by are how a server deletes a cookie. */
function isPast(attribute: string): boolean {
  if (attribute.startsWith("max-age=")) return Number(attribute.slice(8)) <= 0;
  if (!attribute.startsWith("expires=")) return false;
  // Devices have wrong clocks, so only dates that mean deletion are taken for one.
  const time = Date.parse(attribute.slice(8));
  return time < Date.UTC(2000, 0, 1);
}

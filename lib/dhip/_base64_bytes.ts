/** Base64 text that comes in pieces. */

import { DhipError } from "../errors.ts";
import { fromBytes } from "../http/byte_string.ts";

/** Decodes Base64, cut anywhere. White space between the characters is passed over. */
export class Base64Bytes {
  readonly #host: string | undefined;
  #held = "";
  #ended = false;

  /** Makes a decoder for what `host` sends. */
  constructor(host?: string) {
    this.#host = host;
  }

  /**
   * Takes the next characters; gives the bytes that are whole.
   *
   * @throws {DhipError} `DHIP_BAD_REPLY` for what is no Base64
   */
  push(chunk: Uint8Array): Uint8Array {
    const text = this.#held + fromBytes(chunk).replace(/[\s\0]+/g, "");
    const whole = text.length - text.length % 4;
    this.#held = text.slice(whole);
    return this.#decode(text.slice(0, whole));
  }

  /** Gives the last bytes. */
  end(): Uint8Array {
    const text = this.#held;
    this.#held = "";
    return this.#decode(text);
  }

  #decode(text: string): Uint8Array {
    if (text === "") return new Uint8Array(0);
    try {
      if (this.#ended) throw new SyntaxError("characters behind the padding");
      this.#ended = text.endsWith("=");
      return Uint8Array.fromBase64(text);
    } catch (cause) {
      throw new DhipError("DHIP_BAD_REPLY", "The Base64 of an answer cannot be read", {
        host: this.#host,
        cause,
      });
    }
  }
}

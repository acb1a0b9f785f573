/**
 * A realm as a byte stream.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import { DhipError } from "../errors.ts";
import type { ByteStream } from "../net/stream.ts";
import type { Realm, RealmEnd } from "./_realm.ts";

/** Why reading or writing fails, in words. */
const REASONS: Readonly<Record<RealmEnd, string>> = {
  closed: "closed here",
  disconnected: "closed by the device",
  refused: "refused by the device",
  "no-answer": "not answered by the device",
  stuck: "closed because nobody read it while other connections waited",
  failed: "lost with the tunnel",
};

/** A connection through the tunnel. */
export class RealmStream implements ByteStream {
  readonly #realm: Realm;
  readonly #host: string;
  readonly #wake: () => void;
  readonly #opened = Promise.withResolvers<void>();
  readonly #broken = Promise.withResolvers<DhipError>();
  #readable: (() => void) | undefined;
  #written: (() => void) | undefined;

  /** @param wake lets the session send what this stream has caused */
  constructor(realm: Realm, host: string, wake: () => void) {
    this.#realm = realm;
    this.#host = host;
    this.#wake = wake;
    this.#opened.promise.catch(() => {}); // those who wait are told
    realm.onChange = () => this.#changed();
    this.#changed();
    wake();
  }

  /** Resolves when the device has connected; rejects when it does not. */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  /** {@inheritDoc ByteStream.broken} */
  get broken(): Promise<DhipError> {
    return this.#broken.promise;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    const realm = this.#realm;
    for (;;) {
      const read = realm.read(buffer);
      if (read > 0) {
        this.#wake();
        return read;
      }
      if (buffer.length === 0) return 0;
      if (realm.state === "closed") {
        if (this.#isBroken) throw this.#lost();
        return null;
      }
      await new Promise<void>((resolve) => this.#readable = resolve);
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    const realm = this.#realm;
    if (realm.state === "closed") throw this.#lost();
    if (bytes.length === 0) return;
    realm.write(bytes);
    this.#wake();
    while (realm.writing) await new Promise<void>((resolve) => this.#written = resolve);
    if ((realm.state as string) === "closed") throw this.#lost();
  }

  close(): void {
    this.#realm.close();
    this.#wake();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  #changed(): void {
    const { state } = this.#realm;
    if (state === "open") this.#opened.resolve();
    else if (state === "closed") this.#opened.reject(this.#notOpened());
    if (this.#isBroken) this.#broken.resolve(this.#lost());
    const [readable, written] = [this.#readable, this.#written];
    this.#readable = this.#written = undefined;
    // After the datagrams that are here already: a reader then takes many at once, not one by one.
    if (readable !== undefined) setImmediate(readable);
    written?.();
  }

  get #isBroken(): boolean {
    const { end } = this.#realm;
    return end === "stuck" || end === "failed";
  }

  #notOpened(): DhipError {
    const { end = "failed", port } = this.#realm;
    if (end !== "refused" && end !== "no-answer") return this.#lost();
    return new DhipError(
      "DHIP_BIND_REFUSED",
      `Port ${port} of ${this.#host}: ${REASONS[end]}`,
      { host: this.#host },
    );
  }

  #lost(): DhipError {
    const { end = "failed", port } = this.#realm;
    const code = end === "failed" ? "DHIP_TUNNEL_LOST" : "DHIP_CONNECTION_LOST";
    const message = `Connection to port ${port} of ${this.#host}: ${REASONS[end]}`;
    return new DhipError(code, message, { host: this.#host });
  }
}

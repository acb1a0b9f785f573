/**
 * Which way to a Dahua device's events.
 *
 * @module
 */

import { AuthError, DhipError, type ErrorCode } from "../../errors.ts";
import type { CallOptions } from "../../net/stream.ts";
import type { DahuaLink } from "../link.ts";
import type { Attachment } from "./attachment.ts";
import { attachToWebApi } from "./cgi_attachment.ts";
import { RESTART_CODES } from "./codes.ts";
import type { EventTransport } from "./event.ts";
import { SessionEvents } from "./session_attachment.ts";

/** Answers that mean: not this way. */
const NOT_THIS_WAY: ReadonlySet<ErrorCode> = new Set([
  "DHIP_NOT_SUPPORTED",
  "DHIP_WRONG_PROTOCOL",
  "DHIP_HTTP_REDIRECT",
  "DHIP_METHOD_NOT_FOUND",
  "DHIP_NO_PERMISSION",
  "DHIP_BAD_PARAMS",
  "DHIP_BAD_REPLY",
  "DHIP_BAD_JSON",
  "DHIP_STALE_OBJECT",
  "DHIP_DEVICE_REFUSED",
]);

/** What is wanted of an attachment. */
export interface AttachWishes {
  readonly via: "auto" | EventTransport;
  /** Undefined is all. */
  readonly codes: ReadonlySet<string> | undefined;
  /** Seconds between heartbeats of the web API. */
  readonly heartbeat: number;
}

/**
 * Attaches to one device. By itself it takes pushes over DHIP; where there is no DHIP the web API,
 * whose heartbeats show a dead link; and pushes over HTTP, which have none, as the last resort. A
 * way that has worked is the way from then on.
 */
export class DahuaAttach {
  readonly #link: DahuaLink;
  readonly #wishes: AttachWishes;
  readonly #codes: readonly string[];
  readonly #session: SessionEvents;
  #way: "session" | "cgi" | undefined;

  /** Attaches over the given link. */
  constructor(link: DahuaLink, wishes: AttachWishes) {
    this.#link = link;
    this.#wishes = wishes;
    const { codes, via } = wishes;
    // Restarts are listened for in any case: they are the earliest news of a lost link.
    this.#codes = codes === undefined ? ["All"] : [...new Set([...codes, ...RESTART_CODES])];
    this.#session = new SessionEvents(link, this.#codes);
    if (via !== "auto") this.#way = via === "cgi" ? "cgi" : "session";
  }

  /** See `Attach`. */
  async attach(options: CallOptions): Promise<Attachment> {
    const attachment = this.#way === "cgi"
      ? await this.#overWebApi(options)
      : this.#way === "session"
      ? await this.#overSession(options)
      : await this.#choose(options);
    this.#way = attachment.transport === "cgi" ? "cgi" : "session";
    return attachment;
  }

  async #choose(options: CallOptions): Promise<Attachment> {
    let first: unknown;
    try {
      const { transport } = await this.#link.session(options);
      if (transport === "dhip") return await this.#overSession(options);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      first = error;
    }
    try {
      return await this.#overWebApi(options);
    } catch (second) {
      if (second instanceof AuthError) throw second;
      if (first !== undefined) throw first; // it tells more
      if (!isRefusal(second)) throw second;
      return await this.#overSession(options);
    }
  }

  async #overSession(options: CallOptions): Promise<Attachment> {
    const attachment = await this.#session.attach(options);
    const { via } = this.#wishes;
    if (via === "auto" || attachment.transport === via) return attachment;
    await attachment.detach();
    throw new DhipError("DHIP_NOT_SUPPORTED", `The session is not one for events over ${via}`, {
      host: this.#link.host,
      hint: via === "dhip" ? "Connect with --transport dhip." : "Connect with --transport http.",
    });
  }

  #overWebApi(options: CallOptions): Promise<Attachment> {
    return attachToWebApi(this.#link, this.#codes, this.#wishes.heartbeat, options);
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof DhipError && NOT_THIS_WAY.has(error.code);
}

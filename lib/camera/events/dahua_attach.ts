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

/** Attaches to one device; once a way has worked, it is the way. */
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
    if (this.#way === "cgi") return await this.#overWebApi(options);
    let attachment: Attachment;
    try {
      attachment = await this.#session.attach(options);
    } catch (error) {
      const isRefusal = error instanceof DhipError && NOT_THIS_WAY.has(error.code) &&
        !(error instanceof AuthError);
      if (this.#way !== undefined || !isRefusal) throw error;
      attachment = await this.#overWebApi(options).catch((second) => {
        throw second instanceof AuthError ? second : error; // the first tells more
      });
      this.#way = "cgi";
      return attachment;
    }
    const { via } = this.#wishes;
    if (via !== "auto" && attachment.transport !== via) {
      await attachment.detach();
      throw new DhipError(
        "DHIP_NOT_SUPPORTED",
        `The session is not one for events over ${via}`,
        {
          host: this.#link.host,
          hint: via === "dhip"
            ? "Connect with --transport dhip."
            : "Connect with --transport http.",
        },
      );
    }
    this.#way = "session";
    return attachment;
  }

  #overWebApi(options: CallOptions): Promise<Attachment> {
    return attachToWebApi(this.#link, this.#codes, this.#wishes.heartbeat, options);
  }
}

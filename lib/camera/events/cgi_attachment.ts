/**
 * Events as an endless answer of the web API, with heartbeats.
 *
 * @module
 */

import { type CgiClient, refusalIn } from "../../dhip/cgi_client.ts";
import { EventTextDecoder, type EventTextItem } from "../../dhip/event_text.ts";
import { DhipError } from "../../errors.ts";
import { boundaryOf } from "../../http/multipart.ts";
import type { HttpResponse } from "../../http/response.ts";
import type { CallOptions } from "../../net/stream.ts";
import type { DahuaLink } from "../link.ts";
import type { Attachment, AttachmentSink } from "./attachment.ts";

/** Heartbeats without a byte before a stream is dead. */
const PATIENCE = 2;
/** Longest answer that is no stream, in bytes. */
const MAX_TEXT = 64 * 1024;

type Link = Pick<DahuaLink, "openCgi" | "cgi" | "clock">;

/**
 * Opens a stream. It has connections of its own.
 *
 * @param codes codes to ask for; `All` is all
 * @param heartbeat seconds, 1 to 60
 * @throws {DhipError} the refusals of `CgiClient.get`; `DHIP_NOT_SUPPORTED` when what comes is no
 *   stream
 */
export async function attachToWebApi(
  link: Link,
  codes: readonly string[],
  heartbeat: number,
  { signal }: CallOptions,
): Promise<Attachment> {
  const client = link.openCgi();
  const stop = () => client.close();
  signal?.addEventListener("abort", stop, { once: true });
  try {
    const response = await client.get("eventManager", [
      ["action", "attach"],
      ["codes", `[${codes.join(",")}]`],
      ["heartbeat", heartbeat],
    ], {
      timeout: Infinity, // the caller's limit ends it
      idleTimeout: Infinity, // how long it may be silent, the heartbeat says
    });
    const boundary = boundaryOf(response.headers.get("content-type"));
    if (boundary === undefined) throw await noStream(response, client.host);
    return new CgiAttachment(link, client, response, boundary, heartbeat);
  } catch (error) {
    client.close();
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

async function noStream(response: HttpResponse, host: string): Promise<DhipError> {
  const text = await response.text({ maxBody: MAX_TEXT }).catch(() => "");
  const refusal = refusalIn(response.status, text, "eventManager");
  return new DhipError(
    refusal?.code ?? "DHIP_NOT_SUPPORTED",
    refusal?.message ?? "eventManager.cgi answered with no event stream",
    { host, hint: refusal?.hint },
  );
}

/** One `eventManager.cgi?action=attach`. */
class CgiAttachment implements Attachment {
  readonly transport = "cgi";
  readonly silence: number;
  readonly overlaps = true;
  readonly maxAge = Infinity;
  readonly connection: object = this;
  readonly #link: Link;
  readonly #client: CgiClient;
  readonly #response: HttpResponse;
  readonly #decoder: EventTextDecoder;
  #heardAt: number;
  #left = false;

  constructor(
    link: Link,
    client: CgiClient,
    response: HttpResponse,
    boundary: string,
    heartbeat: number,
  ) {
    this.#link = link;
    this.#client = client;
    this.#response = response;
    this.#decoder = new EventTextDecoder(boundary);
    this.silence = PATIENCE * heartbeat * 1000;
    this.#heardAt = link.clock.now();
  }

  get heardAt(): number {
    return this.#heardAt;
  }

  deliver(sink: AttachmentSink): void {
    const take = (items: readonly EventTextItem[]) => {
      if (this.#left) return;
      for (const item of items) if (item !== "heartbeat") sink.onEvent(item.event, 0);
    };
    const run = async () => {
      for await (const chunk of this.#response.body) {
        this.#heardAt = this.#link.clock.now();
        take(this.#decoder.push(chunk));
      }
      take(this.#decoder.end());
      throw new DhipError("DHIP_CONNECTION_LOST", "The device ended the event stream", {
        host: this.#client.host,
      });
    };
    run().catch((error) => {
      this.#client.close();
      if (!this.#left) sink.onEnd(error);
    });
  }

  /** Its heartbeats are signs of life. */
  probe(): Promise<void> {
    return Promise.resolve();
  }

  async underWay(code: string, options: CallOptions): Promise<readonly number[] | undefined> {
    const query = [["action", "getEventIndexes"], ["code", code]] as const;
    try {
      const text = await this.#link.cgi.text("eventManager", query, options);
      return [...text.matchAll(/^channels\[\d+\]=(\d+)\s*$/gm)].map((match) => Number(match[1]));
    } catch (error) {
      // "Error" is how devices say that nothing is under way.
      if (error instanceof DhipError && error.code === "DHIP_DEVICE_REFUSED") return [];
      // It has a connection of its own, whose failures say nothing about the stream.
      if (error instanceof DhipError && !this.#left) return undefined;
      throw error;
    }
  }

  detach(): Promise<void> {
    this.#left = true;
    this.#client.close();
    return Promise.resolve();
  }
}

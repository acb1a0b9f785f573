/** What a device sends on its own over HTTP: the endless answer of `SubscribeNotify.cgi`. */

import { DhipError } from "../errors.ts";
import type { HttpClient } from "../http/client.ts";
import type { JsonObject } from "./frame.ts";
import { NotifyScriptDecoder } from "./notify_script.ts";

/** What {@linkcode HttpPushes} needs. */
export interface HttpPushesOptions {
  /** Closed together with the pushes. */
  readonly client: HttpClient;
  /** Session whose pushes are wanted; made of word characters only. */
  readonly session: string;
  /** Headers of the session. */
  readonly headers: Readonly<Record<string, string>>;
  /** Gets every push. */
  readonly onPush: (json: JsonObject) => void;
  /** Called once, when the answer ended or never began. */
  readonly onLost: (error: DhipError) => void;
}

/** One open request. It has no heartbeat: that the device lives, the session's keep-alives tell. */
export class HttpPushes {
  /** Resolves when the device has begun to answer; rejects when it never will. */
  readonly begun: Promise<void>;
  readonly #options: HttpPushesOptions;
  readonly #leaving = new AbortController();

  /** Sends the request. */
  constructor(options: HttpPushesOptions) {
    this.#options = options;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.begun = promise;
    promise.catch(() => {});
    this.#receive(resolve).catch((error: DhipError) => {
      options.client.close();
      reject(error);
      if (!this.#leaving.signal.aborted) options.onLost(error);
    });
  }

  /** Ends it; nothing is delivered any more. */
  close(): void {
    this.#leaving.abort();
    this.#options.client.close();
  }

  async #receive(onBegin: () => void): Promise<never> {
    const { client, session, headers, onPush } = this.#options;
    const { host } = client.origin;
    const response = await client.request(`/SubscribeNotify.cgi?sessionId=${session}`, {
      headers,
      signal: this.#leaving.signal,
      // A device may send the head together with the first push, hours later.
      timeout: Infinity,
      idleTimeout: Infinity,
    });
    if (!response.ok) {
      await response.discard();
      const { status } = response;
      const none = [301, 302, 404, 405, 501].includes(status);
      throw none
        ? new DhipError("DHIP_NOT_SUPPORTED", "The device sends nothing on its own over HTTP", {
          host,
          deviceCode: status,
          hint: "Use the DHIP port (--transport dhip) or the event stream of the web API.",
        })
        : new DhipError("DHIP_CONNECTION_LOST", `The pushes ended with HTTP status ${status}`, {
          host,
        });
    }
    onBegin();
    const decoder = new NotifyScriptDecoder();
    for await (const chunk of response.body) {
      for (const json of decoder.push(chunk)) {
        if (!this.#leaving.signal.aborted) onPush(json);
      }
    }
    throw new DhipError("DHIP_CONNECTION_LOST", "The device ended its pushes", { host });
  }
}

/** Who waits for pushes of a session. */

import { DhipError } from "../errors.ts";
import type { RpcChannel } from "./channel.ts";
import type { SessionId } from "./envelope.ts";
import { type Push, PushStream, type SubscribeOptions } from "./push_stream.ts";

/** The subscribers of one session. The channel listens while there is one. */
export class Subscribers {
  readonly #streams = new Set<PushStream>();
  #listening: Promise<void> = Promise.resolve();
  #since = 0;

  /** See `RpcSession.listening`. */
  get listening(): Promise<void> {
    return this.#listening;
  }

  /** Adds a subscriber; `now` in milliseconds. */
  add(
    channel: RpcChannel,
    session: SessionId,
    options: SubscribeOptions,
    now: number,
  ): PushStream {
    if (now - this.#since >= (options.maxAge ?? Infinity)) {
      this.end(new DhipError("DHIP_CONNECTION_LOST", "The pushes are asked for anew"));
    }
    const stream = new PushStream(options, (ended) => {
      if (this.#streams.delete(ended) && this.#streams.size === 0) channel.listen(undefined);
    });
    this.#streams.add(stream);
    if (this.#streams.size === 1) {
      this.#since = now;
      this.#listening = channel.listen(session);
      this.#listening.catch(() => {}); // the subscribers are told
    }
    return stream;
  }

  /** Hands a push to everybody. */
  deliver(push: Push): void {
    for (const stream of this.#streams) stream.offer(push);
  }

  /** Ends all subscriptions, with the reason when they were lost. */
  end(error?: DhipError): void {
    for (const stream of this.#streams) stream.end(error);
  }
}

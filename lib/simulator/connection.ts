/**
 * One DHIP connection of the device: bytes in, requests served, bytes out.
 *
 * All requests that one read delivers are served at once; their replies leave in one write, those
 * of a long burst in several.
 *
 * @module
 */

import { type JsonObject, type Message, MessageDecoder } from "../dhip/frame.ts";
import type { Timer } from "../net/clock.ts";
import type { ByteStream } from "../net/stream.ts";
import { type Answer, refuse, replyText } from "./answer.ts";
import { dispatch } from "./dispatch.ts";
import type { PushTarget } from "./events.ts";
import { framesOf, httpAnswer } from "./frames.ts";
import { LoginDesk } from "./login.ts";
import { Outbox } from "./outbox.ts";
import { spoil, waitOf } from "./reply_faults.ts";
import type { Catalogue } from "./service.ts";
import type { SessionKey } from "./sessions.ts";
import type { DeviceState } from "./state.ts";

/** Size of the read buffer in bytes. */
const READ_BUFFER = 65_536;

/** Replies of up to this many UTF-16 units take the short way out. */
const SHORT = 4096;

/** Replies of this many bytes leave before the rest of a burst is served. */
const EARLY = 4096;

const NO_BYTES = new Uint8Array(0);

/** A connection and the login that goes on over it. */
export class DhipConnection implements PushTarget {
  readonly #stream: ByteStream;
  readonly #state: DeviceState;
  readonly #catalogue: Catalogue;
  readonly #outbox: Outbox;
  readonly #desk: LoginDesk;
  readonly #address: string;
  readonly #decoder: MessageDecoder;
  readonly #waiting = new Set<Timer>();
  #afterwards: (() => void)[] = [];
  /** Time of the last read: requests that came together came at one time. */
  #now = 0;
  #mute = false;
  #dying = false;
  #closed = false;

  /** `address` is where the client is, for the list of active users. */
  constructor(stream: ByteStream, state: DeviceState, catalogue: Catalogue, address: string) {
    this.#stream = stream;
    this.#state = state;
    this.#catalogue = catalogue;
    this.#outbox = new Outbox(stream, state, () => this.close());
    this.#desk = new LoginDesk(state, { service: "dhip", keys: "number", pending: 1 });
    this.#address = address;
    const { maxMessage, maxBinary } = state.options;
    this.#decoder = new MessageDecoder({ maxMessage, maxBinary, maxAssemblies: 4 });
  }

  /** Serves the connection until it ends. Never rejects. */
  async run(): Promise<void> {
    const buffer = new Uint8Array(READ_BUFFER);
    try {
      for (;;) {
        const length = await this.#stream.read(buffer);
        if (length === null || this.#closed) break;
        if (this.#mute) continue;
        const { faults } = this.#state;
        if (!faults.none && faults.strike("http-answer") !== undefined) {
          this.#outbox.add(httpAnswer());
          await this.#outbox.flush();
          break;
        }
        this.#now = this.#state.clock.now();
        const messages = this.#decoder.push(buffer.subarray(0, length));
        while (this.#serveNext(messages)) {
          // The client works on the first replies of a long burst while we make the rest.
          if (this.#outbox.size < EARLY) continue;
          const written = this.#outbox.flush();
          if (written !== undefined) await written;
        }
        const written = this.#outbox.flush();
        if (written !== undefined) await written;
        if (this.#dying) break;
        if (this.#afterwards.length > 0) this.#runAfterwards();
      }
    } catch {
      // A broken connection or bytes that are not DHIP cost this connection and nothing else.
    } finally {
      this.close();
    }
  }

  /** Sends a push; false when the connection is gone. */
  push(requestId: number, key: SessionKey, json: object): boolean {
    if (this.#closed) return false;
    if (this.#mute) return true;
    const { options, counters } = this.#state;
    const text = `${JSON.stringify(json)}\n`;
    const session = typeof key === "number" ? key : 0;
    const message = { session, requestId, text, binary: NO_BYTES };
    for (const frame of framesOf(message, options.fragments, options.maxFrameBody)) {
      this.#outbox.add(frame);
    }
    counters.pushes++;
    this.#outbox.flush();
    return true;
  }

  /** From now on: swallow everything, say nothing, stay open. */
  mute(): void {
    this.#mute = true;
    this.#outbox.close();
    this.#cancelWaiting();
  }

  /** Ends the connection; sessions live on. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelWaiting();
    this.#outbox.close();
    this.#state.events.forget(this);
    this.#stream.close();
  }

  /** Serves one request of those that came; false when that was all. */
  #serveNext(messages: Generator<Message, void, void>): boolean {
    let next: IteratorResult<Message, void>;
    try {
      next = messages.next();
    } catch (error) {
      this.#state.counters.badFrames++;
      throw error;
    }
    if (next.done) return false;
    this.#serve(next.value);
    return !this.#closed && !this.#dying;
  }

  #serve(message: Message): void {
    const { json } = message;
    if (json === null) {
      if (message.packageIndex > 0) return; // a further piece of a message that was answered
      this.#reply(message.requestId, message.session, "", refuse("parse"), message.requestId);
      return;
    }
    // Clients of door stations leave the header's id 0; the JSON has the right one.
    const id = isU32(json.id) ? json.id : message.requestId;
    const method = typeof json.method === "string" ? json.method : "";
    const session = sessionOf(json, message.session);
    const answer = session === undefined
      ? refuse("session")
      : this.#answer(method, json, session, id, message.binary);
    if (answer.afterwards !== undefined) this.#afterwards.push(answer.afterwards);
    const echo = typeof json.id === "string" || typeof json.id === "number" ? json.id : id;
    const own = typeof answer.session === "number" ? answer.session : undefined;
    this.#reply(id, own ?? session ?? message.session, method, answer, echo);
  }

  #answer(
    method: string,
    json: JsonObject,
    number: number,
    id: number,
    binary: Uint8Array,
  ): Answer {
    if (method === "") return refuse("parse");
    if (method === "global.login") return this.#desk.login(json.params, number, this.#address);
    const state = this.#state;
    const session = state.sessions.touch(number, "dhip", this.#now);
    if (session === undefined) return refuse("session");
    const { params, object } = json;
    const request = { method, params, object, id, binary, nested: false };
    return dispatch(this.#catalogue, request, { state, session, target: this });
  }

  #reply(id: number, session: number, method: string, answer: Answer, echo: number | string): void {
    const { binary = NO_BYTES } = answer;
    const text = replyText(answer, echo, session);
    const state = this.#state;
    if (state.faults.none) {
      const { fragments, maxFrameBody } = state.options;
      if (binary.length === 0 && text.length <= SHORT && text.length * 3 <= maxFrameBody) {
        return this.#outbox.addShort(session, id, text);
      }
      const message = { session, requestId: id, text, binary };
      for (const frame of framesOf(message, fragments, maxFrameBody)) this.#outbox.add(frame);
      return;
    }
    const send = () => {
      const message = { session, requestId: id, text, binary };
      const { frames, dies } = spoil(message, method, state);
      for (const frame of frames) this.#outbox.add(frame);
      if (dies) this.#dying = true;
    };
    const wait = waitOf(state, method);
    if (wait === "never") return;
    if (wait === 0) send();
    else this.#later(wait, send);
  }

  #later(wait: number, send: () => void): void {
    const timer = this.#state.clock.timer(async () => {
      this.#waiting.delete(timer);
      send();
      await this.#outbox.flush();
      if (this.#dying) this.close();
    }, wait);
    this.#waiting.add(timer);
  }

  #cancelWaiting(): void {
    for (const timer of this.#waiting) timer.cancel();
    this.#waiting.clear();
  }

  #runAfterwards(): void {
    const work = this.#afterwards;
    this.#afterwards = [];
    for (const each of work) each();
  }
}

/**
 * The session of a request: the JSON names it, the header has to agree or be 0. Undefined when
 * they contradict each other or there is no number.
 */
function sessionOf(json: JsonObject, header: number): number | undefined {
  const { session } = json;
  if (session === undefined || session === null || session === 0) return header;
  const number = typeof session === "string" && /^\d{1,10}$/.test(session)
    ? Number(session)
    : session;
  if (!isU32(number)) return undefined;
  return header === 0 || header === number ? number : undefined;
}

function isU32(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 2 ** 32;
}

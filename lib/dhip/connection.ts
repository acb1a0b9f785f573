/**
 * Requests and replies over one byte stream. Knows nothing of logins.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import type { Clock } from "../net/clock.ts";
import type { ByteStream } from "../net/stream.ts";
import { forMethod } from "./_errors.ts";
import { PendingCalls } from "./_pending.ts";
import type { ChannelEvents, ChannelRequest, RpcChannel } from "./channel.ts";
import { isPush, requestEnvelope } from "./envelope.ts";
import { type FrameLimits, type Message, MessageDecoder, MessageEncoder } from "./frame.ts";
import type { RpcReply } from "./rpc.ts";

/** Bytes read at once. */
const READ_SIZE = 64 * 1024;
/** Bytes of waiting frames that are worth a write of their own. */
const WRITE_SIZE = 16 * 1024;
const EMPTY = new Uint8Array(0);

/** What a connection needs. */
export interface ConnectionOptions extends Pick<ChannelEvents, "onPush" | "onLost"> {
  /** `host:port`, for errors. */
  readonly host: string;
  /** Time. */
  readonly clock: Clock;
  /** Bounds of the decoder. */
  readonly limits?: FrameLimits | undefined;
  /** Most calls in flight. */
  readonly maxPending: number;
  /** Gets a line for each message: method, id, sizes, time. Never any content. */
  readonly onTrace?: ((line: string) => void) | undefined;
}

/** Multiplexes calls over one stream: replies find their call by id, whatever comes between. */
export class DhipConnection implements RpcChannel {
  /** See {@linkcode RpcChannel.transport}. */
  readonly transport = "dhip";
  readonly #stream: ByteStream;
  readonly #options: ConnectionOptions;
  readonly #pending: PendingCalls;
  readonly #outgoing = new MessageEncoder();
  #writing = false;
  #ended: DhipError | undefined;
  #heardAt: number;

  /** Takes the stream over and starts to read. */
  constructor(stream: ByteStream, options: ConnectionOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#pending = new PendingCalls(options.clock, options.maxPending, options.host);
    this.#heardAt = options.clock.now();
    this.#receive();
  }

  /** When the last byte arrived, in the clock's milliseconds. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** Why the connection is over, or undefined while it is not. */
  get ended(): DhipError | undefined {
    return this.#ended;
  }

  /** Sends a request and waits for its reply. */
  request(request: ChannelRequest): Promise<RpcReply> {
    if (this.#ended !== undefined) {
      return Promise.reject(forMethod(this.#ended, request.method));
    }
    const { onTrace, clock } = this.#options;
    const reply = this.#pending.add(request, (id) => {
      const { session, binary } = request;
      const before = this.#outgoing.length;
      this.#outgoing.add({
        session: typeof session === "number" ? session : 0,
        requestId: id,
        json: requestEnvelope(id, request),
        binary,
      });
      onTrace?.(`> ${request.method} #${id}, ${this.#outgoing.length - before} bytes`);
      this.#send(before === 0);
    });
    if (onTrace === undefined) return reply;
    const start = clock.now();
    return reply.then((value) => {
      const time = (clock.now() - start).toFixed(1);
      onTrace(`< ${request.method} #${value.envelope.id}, ${time} ms`);
      return value;
    });
  }

  /** See {@linkcode RpcChannel.listen}. */
  listen(): Promise<void> {
    return Promise.resolve();
  }

  /** Ends the connection; calls in flight get `error`. */
  close(error: DhipError): void {
    if (this.#ended !== undefined) return;
    this.#ended = error;
    this.#pending.rejectAll((method) => forMethod(error, method));
    this.#stream.close();
  }

  /** Ends calls in flight with `error` but leaves the connection open, for the logout. */
  rejectCalls(error: DhipError): void {
    this.#pending.rejectAll((method) => forMethod(error, method));
  }

  /**
   * Frames of one turn of the event loop leave together, but not more than `WRITE_SIZE`: the device
   * works on the first while the next are being encoded.
   */
  #send(first: boolean): void {
    if (this.#writing) return;
    if (this.#outgoing.length >= WRITE_SIZE) this.#flush();
    else if (first) queueMicrotask(this.#flush);
  }

  readonly #flush = async (): Promise<void> => {
    if (this.#writing) return;
    this.#writing = true;
    try {
      while (this.#outgoing.length > 0 && this.#ended === undefined) {
        await this.#stream.write(this.#outgoing.take());
      }
    } catch (error) {
      this.#lose(error);
    } finally {
      this.#writing = false;
    }
  };

  async #receive(): Promise<void> {
    const buffer = new Uint8Array(READ_SIZE);
    const decoder = new MessageDecoder(this.#options.limits);
    try {
      for (;;) {
        const length = await this.#stream.read(buffer);
        if (length === null) break;
        this.#heardAt = this.#options.clock.now();
        for (const message of decoder.push(buffer.subarray(0, length))) this.#dispatch(message);
        const { receiving } = decoder;
        if (receiving !== undefined) this.#pending.touch(receiving);
      }
      decoder.end();
      throw new DhipError("DHIP_CONNECTION_LOST", "The device closed the connection", {
        host: this.#options.host,
      });
    } catch (error) {
      this.#lose(error);
    }
  }

  #lose(cause: unknown): void {
    if (this.#ended !== undefined) return;
    const error = cause instanceof DhipError
      ? cause
      : new DhipError("DHIP_CONNECTION_LOST", "The connection broke", { cause });
    error.host ??= this.#options.host;
    this.close(error);
    this.#options.onLost(error);
  }

  #dispatch(message: Message): void {
    const { json } = message;
    if (json === null) {
      const { error } = message;
      if (error !== undefined) {
        this.#pending.reject(message.requestId, (method) => forMethod(error, method));
      }
      return;
    }
    // The decoder's view is overwritten by the next read; a caller may keep its bytes.
    const binary = message.binary.length === 0 ? EMPTY : message.binary.slice();
    if (isPush(json)) {
      this.#options.onTrace?.(`< push ${json.method}, ${message.messageLength} bytes`);
      const method = typeof json.method === "string" ? json.method : "";
      this.#options.onPush({ method, params: json.params, envelope: json, binary, dropped: 0 });
      return;
    }
    const id = typeof json.id === "number" ? json.id : message.requestId;
    if (!this.#pending.resolve(id, { envelope: json, binary })) {
      this.#options.onTrace?.(`< reply #${id} that nobody waits for (any more), dropped`);
    }
  }
}

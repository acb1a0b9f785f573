/**
 * One RTSP connection: requests find their answers, packets go to whoever plays.
 *
 * @module
 */

import { DhipError } from "../../errors.ts";
import type { Authenticator } from "../../http/authenticator.ts";
import type { Clock } from "../../net/clock.ts";
import { withDeadline } from "../../net/deadline.ts";
import type { ByteStream, CallOptions } from "../../net/stream.ts";
import { RtspDecoder, type RtspEvent } from "./rtsp_decoder.ts";

/** What a connection needs to know. */
export interface RtspConnectionOptions {
  /** `host:port`, for errors. */
  readonly host: string;
  /** Answers challenges. */
  readonly authenticator: Authenticator;
  /** Time. */
  readonly clock: Clock;
  /** Limit for an answer in milliseconds. */
  readonly timeout: number;
  /**
   * Gets each interleaved packet: a view that is good until it returns. While a promise that it
   * returns is open, nothing more is read.
   */
  readonly onPacket: (channel: number, bytes: Uint8Array) => Promise<void> | undefined;
  /** Called once when the connection ended by itself. */
  readonly onLost: (error: DhipError) => void;
  /** Gets a line for each message: method, status. Never URLs, headers or bodies. */
  readonly onTrace?: ((line: string) => void) | undefined;
}

/** An answer. */
export type RtspResponse = Omit<Extract<RtspEvent, { kind: "response" }>, "kind">;

/** Bytes read at once. */
const READ_SIZE = 64 * 1024;
const NOTHING = (): Promise<void> => Promise.resolve();

/** Requests and answers over one stream. */
export class RtspConnection implements AsyncDisposable {
  readonly #stream: ByteStream;
  readonly #options: RtspConnectionOptions;
  readonly #pending = new Map<number, PromiseWithResolvers<RtspResponse>>();
  #sequence = 0;
  #ended: DhipError | undefined;
  #writing: Promise<void> = Promise.resolve();
  /** When the device was last heard, in the clock's milliseconds. */
  heardAt: number;

  /** Takes over a stream; reading begins at once. */
  constructor(stream: ByteStream, options: RtspConnectionOptions) {
    this.#stream = stream;
    this.#options = options;
    this.heardAt = options.clock.now();
    void this.#read();
  }

  /** Why the connection is over; undefined while it is not. */
  get ended(): DhipError | undefined {
    return this.#ended;
  }

  /**
   * Sends a request, with whatever authorization it needs, and returns its answer, a refusal too.
   *
   * @param url what the request is about; holds no password
   * @throws {DhipError} `DHIP_TIMEOUT`, `DHIP_CONNECTION_LOST`, `DHIP_INTERRUPTED`,
   *   `DHIP_WRONG_PROTOCOL`, `DHIP_BAD_HTTP`
   * @throws {AuthError} see `Authenticator.exchange`
   */
  async request(
    method: string,
    url: string,
    headers: Readonly<Record<string, string>> = {},
    options: CallOptions = {},
  ): Promise<RtspResponse> {
    const { authenticator, host } = this.#options;
    const { signal } = options;
    const origin = { host, secure: false };
    const reply = await authenticator.exchange(
      { method, uri: url, origin, signal },
      async (authorization) => {
        const all = authorization === undefined ? headers : { ...headers, authorization };
        return { ...await this.#exchange(method, url, all, options), discard: NOTHING };
      },
    );
    const { status, reason, body } = reply;
    return { status, reason, headers: reply.headers, body };
  }

  /** Sends an interleaved packet. Never fails: what a lost connection means others find out. */
  async send(channel: number, bytes: Uint8Array): Promise<void> {
    const packet = new Uint8Array(4 + bytes.length);
    packet.set([0x24, channel, bytes.length >> 8, bytes.length & 0xff]);
    packet.set(bytes, 4);
    await this.#write(packet).catch(() => {});
  }

  /** Closes the connection. Closing twice is harmless. */
  close(): void {
    this.#end(closed(this.#options.host));
  }

  /** The same as {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  async #exchange(
    method: string,
    url: string,
    headers: Readonly<Record<string, string>>,
    { signal, timeout = this.#options.timeout }: CallOptions,
  ): Promise<RtspResponse> {
    const { host, clock, onTrace } = this.#options;
    if (this.#ended !== undefined) throw this.#ended;
    const sequence = ++this.#sequence;
    const reply = Promise.withResolvers<RtspResponse>();
    reply.promise.catch(() => {}); // a lost race must not count as unhandled
    this.#pending.set(sequence, reply);
    try {
      return await withDeadline(async () => {
        await this.#write(encodeRequest(method, url, sequence, headers));
        const response = await reply.promise;
        onTrace?.(`RTSP ${method}: ${response.status}`);
        return response;
      }, { what: `RTSP ${method}`, host, signal, timeout, clock });
    } finally {
      this.#pending.delete(sequence);
    }
  }

  #write(bytes: Uint8Array): Promise<void> {
    // One write at a time; one that failed does not hold up the next, which fails by itself.
    return this.#writing = this.#writing.catch(() => {}).then(() => this.#stream.write(bytes));
  }

  async #read(): Promise<void> {
    const { host, clock, onPacket } = this.#options;
    const decoder = new RtspDecoder();
    const buffer = new Uint8Array(READ_SIZE);
    try {
      for (;;) {
        const length = await this.#stream.read(buffer);
        if (length === null) break;
        this.heardAt = clock.now();
        for (const event of decoder.push(buffer.subarray(0, length))) {
          if (event.kind === "packet") {
            const wait = onPacket(event.channel, event.bytes);
            if (wait !== undefined) await wait;
          } else if (event.kind === "response") this.#answer(event);
          else this.#serve(event);
        }
      }
      this.#end(lost(host, "The device closed the RTSP connection"));
    } catch (error) {
      this.#end(
        error instanceof DhipError ? error : lost(host, "The RTSP connection broke", error),
      );
    }
  }

  #answer(response: Extract<RtspEvent, { kind: "response" }>): void {
    const sequence = Number(response.headers.get("cseq") ?? NaN);
    // Without a number it answers the oldest request, as there is no pipelining here.
    const [oldest] = this.#pending.keys();
    this.#pending.get(Number.isNaN(sequence) ? oldest ?? -1 : sequence)?.resolve(response);
  }

  /** Servers ask for little: whether we live, or they tell something. */
  #serve({ method, headers }: Extract<RtspEvent, { kind: "request" }>): void {
    const known = ["OPTIONS", "GET_PARAMETER", "SET_PARAMETER", "ANNOUNCE"].includes(method);
    const sequence = headers.get("cseq")?.slice(0, 20) ?? "0";
    const status = known ? "200 OK" : "501 Not Implemented";
    const text = `RTSP/1.0 ${status}\r\nCSeq: ${sequence.replace(/\D/g, "")}\r\n\r\n`;
    this.#write(new TextEncoder().encode(text)).catch(() => {});
  }

  #end(error: DhipError): void {
    if (this.#ended !== undefined) return;
    this.#ended = error;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#stream.close();
    if (error.code !== "DHIP_CLOSED") this.#options.onLost(error);
  }
}

function encodeRequest(
  method: string,
  url: string,
  sequence: number,
  headers: Readonly<Record<string, string>>,
): Uint8Array {
  const lines = Object.entries({ cseq: String(sequence), "user-agent": "dhip", ...headers })
    .map(([name, value]) => `${NAMES[name] ?? name}: ${value}\r\n`);
  const text = `${method} ${url} RTSP/1.0\r\n${lines.join("")}\r\n`;
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** Some cameras compare header names to the letter. */
const NAMES: Readonly<Record<string, string>> = {
  cseq: "CSeq",
  "user-agent": "User-Agent",
  authorization: "Authorization",
  accept: "Accept",
  transport: "Transport",
  session: "Session",
  range: "Range",
  scale: "Scale",
};

function lost(host: string, what: string, cause?: unknown): DhipError {
  return new DhipError("DHIP_CONNECTION_LOST", what, { host, cause });
}

function closed(host: string): DhipError {
  return new DhipError("DHIP_CLOSED", "The RTSP connection was closed here", { host });
}

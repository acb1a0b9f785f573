/**
 * Writes answers to a connection, spoilt or not.
 *
 * @module
 */

import { concat } from "../../net/bytes.ts";
import { sleep } from "../../net/deadline.ts";
import type { ByteStream } from "../../net/stream.ts";
import { noise, spoilText } from "../reply_faults.ts";
import type { DeviceState } from "../state.ts";
import { piecesOf } from "../write_faults.ts";
import { doomOf } from "../media/doom.ts";
import { chunkOf, LAST_CHUNK } from "./chunks.ts";
import { type FileBody, type HttpAnswer, type HttpRequest, reasonOf } from "./message.ts";
import { Outlet } from "./outlet.ts";

/** Bytes of one write of a huge body. */
const BLOCK = 65_536;

const encoder = new TextEncoder();

/** The writing side of a connection. */
export class AnswerWriter {
  readonly #stream: ByteStream;
  readonly #state: DeviceState;
  readonly #signal: AbortSignal;

  /** `signal` ends the waits of slow answers. */
  constructor(stream: ByteStream, state: DeviceState, signal: AbortSignal) {
    this.#stream = stream;
    this.#state = state;
    this.#signal = signal;
  }

  /** Gives a client leave to send its body. */
  async proceed(): Promise<void> {
    await this.#send(encoder.encode("HTTP/1.1 100 Continue\r\n\r\n"));
  }

  /** Writes an answer; true when the connection goes on, `silent` when it stays without a word. */
  async write(
    request: Pick<HttpRequest, "method" | "keepAlive">,
    answer: HttpAnswer,
  ): Promise<boolean | "silent"> {
    const { faults } = this.#state;
    this.#state.counters.answered(answer.status);
    const goesOn = request.keepAlive && answer.last !== true;
    if (answer.file !== undefined) return await this.#file(request, answer, answer.file, goesOn);
    if (!faults.none && answer.call !== undefined && request.method !== "HEAD") {
      return await this.#spoilt(answer, answer.call, goesOn);
    }
    const body = typeof answer.body === "string" ? encoder.encode(answer.body) : answer.body;
    const head = headOf(answer, goesOn, `Content-Length: ${body.length}`);
    await this.#send(request.method === "HEAD" ? head : concat([head, body]));
    return goesOn;
  }

  /** Begins an answer without an end: its head is on its way, the rest is put into the outlet. */
  open(answer: HttpAnswer): Outlet {
    const { faults, counters } = this.#state;
    counters.answered(answer.status);
    const chunked = faults.strike("chunked", answer.call) !== undefined;
    const head = headOf(answer, false, chunked ? "Transfer-Encoding: chunked" : "");
    return new Outlet(this.#stream, this.#state, head, chunked);
  }

  async #file(
    request: Pick<HttpRequest, "method">,
    answer: HttpAnswer,
    { length, pieces }: FileBody,
    wanted: boolean,
  ): Promise<boolean | "silent"> {
    const goesOn = wanted && length !== undefined;
    await this.#send(
      headOf(answer, goesOn, length === undefined ? "" : `Content-Length: ${length}`),
    );
    if (request.method === "HEAD") return goesOn;
    const doom = doomOf(this.#state.faults, "http");
    let sent = 0;
    for await (const piece of pieces) {
      if (doom !== undefined && sent + piece.length >= doom.after) {
        await this.#send(piece.subarray(0, doom.after - sent));
        return doom.silent ? "silent" : false;
      }
      sent += piece.length;
      if (piece.length > 0) await this.#send(piece);
    }
    return goesOn && sent === length; // a body that is too short ends with the connection
  }

  async #spoilt(answer: HttpAnswer, call: string, goesOn: boolean): Promise<boolean> {
    const { faults, random } = this.#state;
    if (faults.strike("garbage", call) !== undefined) {
      await this.#send(noise(random));
      return false;
    }
    const body = typeof answer.body === "string"
      ? spoilText(answer.body, call, faults)
      : answer.body;
    const sized = headOf(answer, goesOn, `Content-Length: ${body.length}`);
    if (faults.strike("reset-mid-frame", call) !== undefined) {
      const whole = concat([sized, body]);
      await this.#send(whole.subarray(0, random.integer(1, whole.length - 1)));
      return false;
    }
    if (faults.strike("truncated-body", call) !== undefined) {
      await this.#send(concat([sized, body.subarray(0, body.length >> 1)]));
      return false;
    }
    const huge = faults.strike("huge-body", call);
    if (huge !== undefined) {
      await this.#huge(answer, body, huge.number("size"), huge.flag("chunked"), goesOn);
      return goesOn;
    }
    const chunked = faults.strike("chunked", call) !== undefined;
    const wire = chunked ? this.#inChunks(body) : body;
    const head = chunked ? headOf(answer, goesOn, "Transfer-Encoding: chunked") : sized;
    const slow = faults.strike("slow-body", call);
    if (slow === undefined) {
      await this.#send(concat([head, wire]));
      return goesOn;
    }
    await this.#send(head);
    const size = slow.number("size");
    for (let offset = 0; offset < wire.length; offset += size) {
      await sleep(slow.number("pause"), this.#signal, this.#state.clock);
      await this.#send(wire.subarray(offset, offset + size));
    }
    return goesOn;
  }

  async #huge(
    answer: HttpAnswer,
    body: Uint8Array,
    size: number,
    chunked: boolean,
    goesOn: boolean,
  ): Promise<void> {
    const length = Math.max(size, body.length);
    const framing = chunked ? "Transfer-Encoding: chunked" : `Content-Length: ${length}`;
    await this.#send(headOf(answer, goesOn, framing));
    const send = (bytes: Uint8Array) => this.#send(chunked ? chunkOf(bytes) : bytes);
    await send(body);
    const spaces = new Uint8Array(BLOCK).fill(0x20);
    for (let left = length - body.length; left > 0; left -= BLOCK) {
      await send(spaces.subarray(0, left));
    }
    if (chunked) await this.#send(LAST_CHUNK);
  }

  #inChunks(body: Uint8Array): Uint8Array {
    const { random } = this.#state;
    const most = Math.max(16, body.length >> 2);
    const parts: Uint8Array[] = [];
    for (let offset = 0; offset < body.length;) {
      const size = random.integer(1, most);
      parts.push(chunkOf(body.subarray(offset, offset + size)));
      offset += size;
    }
    return concat([...parts, LAST_CHUNK]);
  }

  async #send(bytes: Uint8Array): Promise<void> {
    const state = this.#state;
    state.counters.served("http", bytes.length);
    if (state.faults.none) return await this.#stream.write(bytes);
    for (const piece of piecesOf(bytes, state)) await this.#stream.write(piece);
  }
}

function headOf(answer: HttpAnswer, goesOn: boolean, framing: string): Uint8Array {
  const fields = [
    `HTTP/1.1 ${answer.status} ${reasonOf(answer.status)}`,
    "Server: Webs",
    `Content-Type: ${answer.type}`,
    framing,
    `Connection: ${goesOn ? "keep-alive" : "close"}`,
    "Cache-Control: no-store",
    ...(answer.headers ?? []).map(([name, value]) => `${name}: ${value}`),
  ];
  return encoder.encode(`${fields.filter((field) => field !== "").join("\r\n")}\r\n\r\n`);
}

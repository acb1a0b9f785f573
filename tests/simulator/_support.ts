/** What the simulator's tests share: virtual time, raw frames, digests of their own. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { encodeMessage, type JsonObject, MessageDecoder } from "../../lib/dhip/frame.ts";
import { streamPair } from "../../lib/net/memory.ts";
import type { ByteStream } from "../../lib/net/stream.ts";
import { tcpDialer } from "../../lib/net/tcp.ts";
import { type DeviceOptions, SimulatedDevice } from "../../lib/simulator/mod.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

/** Lets everything happen that needs no time. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve();
}

/** A message that may be kept. */
export interface Received {
  session: number;
  requestId: number;
  packageIndex: number;
  json: JsonObject;
  binary: Uint8Array;
}

/** A client that knows frames and nothing else. */
export class RawClient {
  readonly stream: ByteStream;
  /** Session put into requests. */
  session = 0;
  /** Sizes of the chunks that arrived. */
  chunks: number[] = [];
  readonly #decoder = new MessageDecoder();
  readonly #inbox: Received[] = [];
  readonly #buffer = new Uint8Array(65_536);
  #id = 0;

  constructor(stream: ByteStream) {
    this.stream = stream;
  }

  static async connect(port: number, host = "127.0.0.1"): Promise<RawClient> {
    return new RawClient(await tcpDialer(host).dial(port));
  }

  /** Sends a request and returns its id. */
  async send(method: string, params?: unknown, more: JsonObject = {}, binary?: Uint8Array) {
    const id = ++this.#id;
    await this.stream.write(this.frame(method, params, id, more, binary));
    return id;
  }

  frame(method: string, params: unknown, id: number, more: JsonObject = {}, binary?: Uint8Array) {
    const json = { method, id, params: params ?? null, session: this.session, ...more };
    const ids = { session: this.session, requestId: id };
    return encodeMessage(binary === undefined ? { ...ids, json } : { ...ids, json, binary });
  }

  /** The next message, or null at the end of the connection. */
  async next(): Promise<Received | null> {
    for (;;) {
      const message = this.#inbox.shift();
      if (message !== undefined) return message;
      const length = await this.stream.read(this.#buffer);
      if (length === null) {
        this.#decoder.end();
        return null;
      }
      this.chunks.push(length);
      for (const each of this.#decoder.push(this.#buffer.subarray(0, length))) {
        if (each.error !== undefined) throw each.error;
        this.#inbox.push({ ...each, json: each.json ?? {}, binary: each.binary.slice() });
      }
    }
  }

  /** Sends a request and takes the next message as its reply. */
  async call(method: string, params?: unknown, more: JsonObject = {}, binary?: Uint8Array) {
    const id = await this.send(method, params, more, binary);
    const reply = await this.next();
    assert(reply !== null, "the connection ended instead of a reply");
    assert.equal(reply.json.id, id);
    assert.equal(reply.requestId, id);
    return reply;
  }

  /** `params` of a call that succeeds. */
  async ask(method: string, params?: unknown, more: JsonObject = {}): Promise<JsonObject> {
    const { json } = await this.call(method, params, more);
    assert.equal(json.error, undefined, JSON.stringify(json.error));
    return json.params as JsonObject;
  }

  /** Error number of a call that fails. */
  async refusal(method: string, params?: unknown, more: JsonObject = {}): Promise<number> {
    const { json } = await this.call(method, params, more);
    assert.equal(json.result, false, `${method} was not refused`);
    return errorOf(json).code;
  }

  /** Stage 1. */
  challenge(user = "admin") {
    this.session = 0;
    return this.call("global.login", {
      userName: user,
      password: "",
      clientType: "Web3.0",
      loginType: "Direct",
    });
  }

  /** Both stages with the salted digest; returns the second reply and keeps its session. */
  async login(user = "admin", password = "admin54321"): Promise<JsonObject> {
    const first = await this.challenge(user);
    if (errorOf(first.json).code !== 268632079) return first.json;
    const { realm, random, encryption } = first.json.params as Record<string, string>;
    this.session = first.session;
    const { json } = await this.call("global.login", {
      userName: user,
      password: saltedDigest(user, password, realm!, random!),
      clientType: "Web3.0",
      loginType: "Direct",
      authorityType: encryption,
      passwordType: encryption,
    });
    this.session = json.result === true ? json.session as number : 0;
    return json;
  }

  close(): void {
    this.stream.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** The error of a reply. */
export function errorOf(json: JsonObject): { code: number; message: string } {
  return json.error as { code: number; message: string };
}

/** Upper-case hexadecimal MD5. */
function md5(text: string): string {
  return createHash("md5").update(text).digest("hex").toUpperCase();
}

/** The answer to a `Default` challenge. */
export function saltedDigest(user: string, password: string, realm: string, random: string) {
  return md5(`${user}:${random}:${md5(`${user}:${realm}:${password}`)}`);
}

/** A device on virtual time. */
export interface Bench extends AsyncDisposable {
  clock: VirtualClock;
  device: SimulatedDevice;
  /** A new connection. */
  connect(): RawClient;
  /** A new connection, logged in. */
  open(user?: string, password?: string): Promise<RawClient>;
}

export function bench(options: DeviceOptions = {}): Bench {
  const clock = new VirtualClock();
  const device = new SimulatedDevice({
    clock,
    time: Date.UTC(2026, 0, 2),
    utcOffset: 60,
    ...options,
  });
  const connect = () => {
    const [client, server] = streamPair();
    device.serve(server);
    return new RawClient(client);
  };
  return {
    clock,
    device,
    connect,
    async open(user?: string, password?: string) {
      const client = connect();
      const json = await client.login(user, password);
      assert.equal(json.result, true, JSON.stringify(json));
      return client;
    },
    async [Symbol.asyncDispose]() {
      await device.close();
      assert.equal(clock.pending, 0, "timers are left after close");
    },
  };
}

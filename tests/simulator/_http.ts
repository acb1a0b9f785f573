/** What the tests of the simulator's web server share: HTTP by hand, and RPC2 on top of it. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { JsonObject } from "../../lib/dhip/frame.ts";
import { streamPair } from "../../lib/net/memory.ts";
import type { ByteStream } from "../../lib/net/stream.ts";
import { type Bench, errorOf, saltedDigest } from "./_support.ts";

export interface Reply {
  status: number;
  /** Fields in their order, names in lower case. */
  fields: [string, string][];
  /** The values of a field. */
  all(name: string): string[];
  /** The one value of a field. */
  field(name: string): string | undefined;
  body: Uint8Array;
  text: string;
  json: JsonObject;
}

type Fields = Record<string, string>;

/** A client that knows lines, lengths and chunks, and nothing else. */
export class RawHttp {
  readonly stream: ByteStream;
  readonly #buffer = new Uint8Array(65_536);
  #bytes = new Uint8Array(0);

  constructor(stream: ByteStream) {
    this.stream = stream;
  }

  /** A new connection to the device of a bench. */
  static open(it: Bench, secure = false): RawHttp {
    const [client, server] = streamPair();
    it.device.serveHttp(server, "127.0.0.7", secure);
    return new RawHttp(client);
  }

  async send(data: string | Uint8Array): Promise<void> {
    await this.stream.write(typeof data === "string" ? new TextEncoder().encode(data) : data);
  }

  /** Sends a request and returns its answer. */
  async request(
    method: string,
    target: string,
    fields: Fields = {},
    body: string | Uint8Array = "",
  ): Promise<Reply> {
    const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
    const all: Fields = { Host: "127.0.0.1", ...fields };
    if (bytes.length > 0 && !("Transfer-Encoding" in all)) {
      all["Content-Length"] = String(bytes.length);
    }
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    await this.send(`${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n`);
    if (bytes.length > 0) await this.send(bytes);
    const reply = await this.next(method === "HEAD");
    assert(reply !== null, "the connection ended instead of an answer");
    return reply;
  }

  get(target: string, fields?: Fields): Promise<Reply> {
    return this.request("GET", target, fields);
  }

  /** The next answer; null at the end of the connection. A body that ends early throws. */
  async next(bodiless = false): Promise<Reply | null> {
    const first = await this.line();
    if (first === null) return null;
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]);
    assert(status > 0, first);
    const fields: [string, string][] = [];
    for (let line; (line = await this.line());) {
      const colon = line.indexOf(":");
      fields.push([line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]);
    }
    const all = (name: string) => fields.filter(([key]) => key === name).map(([, value]) => value);
    const [length] = all("content-length");
    const body = bodiless || status === 100
      ? new Uint8Array(0)
      : all("transfer-encoding")[0] === "chunked"
      ? await this.#chunks()
      : await this.take(Number(length));
    const text = new TextDecoder().decode(body);
    return {
      status,
      fields,
      all,
      field: (name) => all(name)[0],
      body,
      text,
      get json() {
        return JSON.parse(text);
      },
    };
  }

  /** A line without its end; null at the end of the connection. */
  async line(): Promise<string | null> {
    for (;;) {
      const end = this.#bytes.indexOf(0x0a);
      if (end >= 0) {
        const line = new TextDecoder().decode(this.#bytes.subarray(0, end));
        this.#bytes = this.#bytes.slice(end + 1);
        return line.replace(/\r$/, "");
      }
      if (!await this.#more()) return null;
    }
  }

  async take(length: number): Promise<Uint8Array> {
    while (this.#bytes.length < length) {
      if (!await this.#more()) throw new Error(`ended after ${this.#bytes.length} of ${length}`);
    }
    const taken = this.#bytes.slice(0, length);
    this.#bytes = this.#bytes.slice(length);
    return taken;
  }

  close(): void {
    this.stream.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #chunks(): Promise<Uint8Array> {
    const bytes: number[] = [];
    for (;;) {
      const size = parseInt((await this.line())!, 16);
      bytes.push(...await this.take(size));
      assert.equal(await this.line(), "");
      if (size === 0) return new Uint8Array(bytes);
    }
  }

  async #more(): Promise<boolean> {
    const length = await this.stream.read(this.#buffer);
    if (length === null) return false;
    const grown = new Uint8Array(this.#bytes.length + length);
    grown.set(this.#bytes);
    grown.set(this.#buffer.subarray(0, length), this.#bytes.length);
    this.#bytes = grown;
    return true;
  }
}

/** RPC2 over a connection. */
export class RawRpc2 {
  readonly http: RawHttp;
  session: unknown = 0;
  /** Fields that carry the session: those of every generation unless a test takes some away. */
  fields: Fields = {};
  #id = 0;

  constructor(http: RawHttp) {
    this.http = http;
  }

  post(path: string, json: object, fields: Fields = {}): Promise<Reply> {
    return this.http.request("POST", path, fields, JSON.stringify(json));
  }

  async call(method: string, params: unknown = null): Promise<JsonObject> {
    const id = ++this.#id;
    const request = { method, params, id, session: this.session };
    const reply = await this.post("/RPC2", request, this.fields);
    assert.equal(reply.status, 200, reply.text);
    assert.equal(reply.field("content-type"), "application/json");
    assert.equal(reply.json.id, id);
    return reply.json;
  }

  /** Error number of a call that fails. */
  async refusal(method: string, params?: unknown): Promise<number> {
    const json = await this.call(method, params);
    assert.equal(json.result, false, `${method} was not refused`);
    return errorOf(json).code;
  }

  /** Both stages; returns the second answer and carries its session from now on. */
  async login(user = "admin", password = "admin54321"): Promise<Reply> {
    const stage = (params: object, session: unknown) =>
      this.post("/RPC2_Login", {
        method: "global.login",
        params: { userName: user, clientType: "Web3.0", loginType: "Direct", ...params },
        id: ++this.#id,
        session,
      });
    const first = await stage({ password: "" }, 0);
    if (errorOf(first.json).code !== 268632079) return first;
    const { realm, random } = first.json.params as Record<string, string>;
    const second = await stage({
      password: saltedDigest(user, password, realm!, random!),
      authorityType: "Default",
      passwordType: "Default",
    }, first.json.session);
    if (second.json.result === true) {
      this.session = second.json.session;
      const cookies = second.all("set-cookie").map((cookie) => cookie.split(";")[0]);
      this.fields = { Cookie: cookies.join("; "), "X-Api-Session": String(this.session) };
    }
    return second;
  }
}

/** What a Digest answer is made of. */
export interface Asked {
  challenge: string;
  user?: string;
  password?: string;
  method?: string;
  target: string;
  nc?: number;
  cnonce?: string;
  qop?: string;
  body?: string;
}

/** The Authorization field of a Digest, with single parameters replaced or (undefined) left out. */
export function digest(asked: Asked, changes: Record<string, string | undefined> = {}): string {
  const { challenge, user = "admin", password = "admin54321", method = "GET", target } = asked;
  const offered = (name: string) => new RegExp(`${name}="?([^",]+)`).exec(challenge)?.[1];
  const algorithm = offered("algorithm");
  const hash = algorithm?.startsWith("SHA-256") ? "sha256" : "md5";
  const h = (text: string) => createHash(hash).update(text).digest("hex");
  const [realm, nonce, opaque] = ["realm", "nonce", "opaque"].map(offered);
  const { cnonce = "0a4f113b", qop = offered("qop") } = asked;
  const nc = (asked.nc ?? 1).toString(16).padStart(8, "0");
  let a1 = h(`${user}:${realm}:${password}`);
  if (algorithm?.endsWith("-sess")) a1 = h(`${a1}:${nonce}:${cnonce}`);
  const a2 = h(`${method}:${target}${qop === "auth-int" ? `:${h(asked.body ?? "")}` : ""}`);
  const middle = qop === undefined ? nonce : `${nonce}:${nc}:${cnonce}:${qop}`;
  const params: Record<string, string | undefined> = {
    username: user,
    realm,
    nonce,
    uri: target,
    response: h(`${a1}:${middle}:${a2}`),
    algorithm,
    opaque,
    ...(qop === undefined ? {} : { qop, nc, cnonce }),
    ...(algorithm?.endsWith("-sess") ? { cnonce } : {}),
    ...changes,
  };
  const quoted = Object.entries(params).filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}="${value!.replace(/["\\]/g, "\\$&")}"`);
  return `Digest ${quoted.join(", ")}`;
}

/** GET behind a Digest: asks, answers the challenge. */
export async function authorised(
  http: RawHttp,
  target: string,
  who: { user?: string; password?: string } = {},
): Promise<Reply> {
  const first = await http.get(target);
  assert.equal(first.status, 401);
  const challenge = first.field("www-authenticate")!;
  return await http.get(target, { Authorization: digest({ challenge, target, ...who }) });
}

/** What the tests of the RTSP server share: a client that knows lines, dollars and RTP. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { streamPair } from "../../lib/net/memory.ts";
import type { ByteStream } from "../../lib/net/stream.ts";
import type { Bench } from "./_support.ts";

export interface RtspReply {
  status: number;
  fields: Map<string, string>;
  challenges: string[];
  body: string;
}

export interface Rtp {
  channel: number;
  marker: boolean;
  type: number;
  sequence: number;
  time: number;
  ssrc: number;
  payload: Uint8Array;
}

export class RawRtsp {
  readonly stream: ByteStream;
  /** Packets on even channels. */
  readonly rtp: Rtp[] = [];
  /** Packets on odd channels. */
  readonly rtcp: Uint8Array[] = [];
  session: string | undefined;
  user = "admin";
  password = "admin54321";
  /** True: nothing more is read, as by a client that has no time. */
  idle = false;
  ended = false;
  #challenge: string | undefined;
  #sequence = 0;
  #bytes = Buffer.alloc(0);
  readonly #buffer = new Uint8Array(65_536);

  #wake = Promise.withResolvers<void>();
  #pumping = false;

  constructor(stream: ByteStream) {
    this.stream = stream;
  }

  static open(it: Bench): RawRtsp {
    const [client, server] = streamPair();
    it.device.serveRtsp(server, "127.0.0.1");
    return new RawRtsp(client);
  }

  async send(
    method: string,
    uri: string,
    fields: Record<string, string> = {},
  ): Promise<void> {
    const all: Record<string, string> = { CSeq: String(++this.#sequence), ...fields };
    if (this.session !== undefined) all.Session ??= this.session;
    if (this.#challenge !== undefined) all.Authorization ??= this.#digest(method, uri);
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("");
    await this.stream.write(
      new TextEncoder().encode(`${method} ${uri} RTSP/1.0\r\n${lines}\r\n`),
    );
  }

  /** Sends a request and returns its answer; a challenge is answered once. */
  async ask(
    method: string,
    uri: string,
    fields: Record<string, string> = {},
  ): Promise<RtspReply> {
    await this.send(method, uri, fields);
    const reply = await this.#reply();
    const challenge = reply.challenges.find((each) => each.startsWith("Digest"));
    if (reply.status !== 401 || challenge === undefined || this.#challenge !== undefined) {
      return reply;
    }
    this.#challenge = challenge;
    return await this.ask(method, uri, fields);
  }

  /** Takes the stream of a path over the connection, up to and with PLAY. */
  async play(path: string, fields: Record<string, string> = {}): Promise<RtspReply> {
    const uri = `rtsp://127.0.0.1:554${path}`;
    const { status, body, fields: described } = await this.ask("DESCRIBE", uri);
    assert.equal(status, 200);
    const base = described.get("content-base")!;
    const tracks = body.match(/trackID=\d/g)!;
    for (const [index, track] of tracks.entries()) {
      const transport = `RTP/AVP/TCP;unicast;interleaved=${index * 2}-${index * 2 + 1}`;
      const reply = await this.ask("SETUP", `${base}${track}`, { Transport: transport });
      assert.equal(reply.status, 200);
      this.session = reply.fields.get("session")!.split(";")[0];
    }
    return await this.ask("PLAY", uri, fields);
  }

  /** Reads packets until `enough` says so, or the connection ends. */
  async gather(enough: () => boolean): Promise<void> {
    for (;;) {
      this.sort();
      if (enough() || !await this.#more()) return;
    }
  }

  /** Sorts what has come so far into packets. */
  sort(): void {
    while (this.#bytes[0] === 0x24 && this.#packet());
  }

  /** Goes on reading what comes. */
  read(): void {
    this.idle = false;
    if (!this.#pumping) this.#pump();
  }

  close(): void {
    this.stream.close();
  }

  async #reply(): Promise<RtspReply> {
    for (;;) {
      if (this.#bytes[0] === 0x24) {
        if (this.#packet()) continue;
      } else {
        const text = this.#bytes.toString("latin1");
        const end = text.indexOf("\r\n\r\n");
        if (end >= 0) {
          const [first, ...lines] = text.slice(0, end).split("\r\n");
          const status = Number(/^RTSP\/1\.0 (\d{3}) /.exec(first!)![1]);
          const pairs = lines.map((line) => {
            const colon = line.indexOf(":");
            return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
          });
          const fields = new Map(pairs);
          assert.equal(fields.get("cseq"), String(this.#sequence));
          const length = Number(fields.get("content-length") ?? 0);
          while (this.#bytes.length < end + 4 + length) assert(await this.#more());
          const body = this.#bytes.toString("utf8", end + 4, end + 4 + length);
          this.#bytes = this.#bytes.subarray(end + 4 + length);
          const challenges = pairs.filter(([name]) => name === "www-authenticate");
          return { status, fields, challenges: challenges.map(([, value]) => value), body };
        }
      }
      assert(await this.#more(), "the connection ended instead of an answer");
    }
  }

  #packet(): boolean {
    if (this.#bytes.length < 4) return false;
    const length = this.#bytes.readUInt16BE(2);
    if (this.#bytes.length < 4 + length) return false;
    const channel = this.#bytes[1]!;
    const bytes = Uint8Array.from(this.#bytes.subarray(4, 4 + length));
    this.#bytes = this.#bytes.subarray(4 + length);
    if (channel % 2 === 1) this.rtcp.push(bytes);
    else this.rtp.push(parseRtp(bytes, channel));
    return true;
  }

  #digest(method: string, uri: string): string {
    const part = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(this.#challenge!)![1]!;
    const h = (text: string) => createHash("md5").update(text).digest("hex");
    const [realm, nonce] = [part("realm"), part("nonce")];
    const response = h(
      `${h(`${this.user}:${realm}:${this.password}`)}:${nonce}:${h(`${method}:${uri}`)}`,
    );
    return `Digest username="${this.user}", realm="${realm}", nonce="${nonce}", uri="${uri}", ` +
      `response="${response}"`;
  }

  /** False at the end of the connection. */
  async #more(): Promise<boolean> {
    if (this.ended) return false;
    this.read();
    await this.#wake.promise;
    return !this.ended;
  }

  async #pump(): Promise<void> {
    this.#pumping = true;
    while (!this.idle && !this.ended) {
      const length = await this.stream.read(this.#buffer);
      if (length === null) this.ended = true;
      else this.#bytes = Buffer.concat([this.#bytes, this.#buffer.subarray(0, length)]);
      this.#wake.resolve();
      this.#wake = Promise.withResolvers();
    }
    this.#pumping = false;
  }
}

export function parseRtp(bytes: Uint8Array, channel = 0): Rtp {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  assert.equal(view.getUint8(0), 0x80);
  return {
    channel,
    marker: view.getUint8(1) >= 0x80,
    type: view.getUint8(1) & 0x7f,
    sequence: view.getUint16(2),
    time: view.getUint32(4),
    ssrc: view.getUint32(8),
    payload: bytes.subarray(12),
  };
}

/** The units of one picture from its packets; anything that RFC 6184 or RFC 7798 forbids throws. */
export function unitsOf(payloads: readonly Uint8Array[], codec: "H.264" | "H.265"): Uint8Array[] {
  const header = codec === "H.264" ? 1 : 2;
  const [aggregate, fragment] = codec === "H.264" ? [24, 28] : [48, 49];
  const units: Uint8Array[] = [];
  let open: Uint8Array[] | undefined;
  for (const payload of payloads) {
    const type = codec === "H.264" ? payload[0]! & 31 : payload[0]! >> 1 & 63;
    if (type === aggregate) {
      let at = header;
      while (at < payload.length) {
        const length = payload[at]! << 8 | payload[at + 1]!;
        units.push(payload.subarray(at + 2, at + 2 + length));
        at += 2 + length;
      }
      assert.equal(at, payload.length);
    } else if (type === fragment) {
      const flags = payload[header]!;
      if (flags >= 0x80) {
        assert.equal(open, undefined);
        const head = codec === "H.264"
          ? Uint8Array.of(payload[0]! & 0xe0 | flags & 31)
          : Uint8Array.of(payload[0]! & 0x81 | (flags & 63) << 1, payload[1]!);
        open = [head];
      }
      assert(open !== undefined, "a part without a beginning");
      assert((flags & 0xc0) !== 0xc0, "a part that is the whole");
      open.push(payload.subarray(header + 1));
      if ((flags & 0x40) === 0) continue;
      units.push(Uint8Array.from(open.flatMap((part) => [...part])));
      open = undefined;
    } else units.push(payload);
  }
  assert.equal(open, undefined, "a unit without its end");
  return units;
}

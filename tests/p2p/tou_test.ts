/** Inner messages of PTCP: vectors whole, byte by byte and at random cuts; hostile bytes. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { emptyHeader, HEADER_SIZE, readHeader } from "../../lib/p2p/segment.ts";
import {
  AUTH_DONE,
  authMessage,
  bindMessage,
  disconnectMessage,
  HEARTBEAT,
  SIGN_REQUEST,
  type TouMessage,
  TouParser,
  writeDataHead,
} from "../../lib/p2p/tou.ts";
import vectors from "../vectors/ptcp_segments.json" with { type: "json" };
import { between, scaled, seeded } from "../support/random.ts";

interface Vector {
  name: string;
  datagrams_hex: string[];
  expected: { messages: Record<string, unknown>[]; error?: string };
}

const hex = (bytes: Uint8Array) => bytes.toHex();
const bodyOf = (datagram: string) => Uint8Array.fromHex(datagram).subarray(HEADER_SIZE);

/** Messages as the vectors write them. */
class Collector {
  readonly messages: Record<string, unknown>[] = [];
  readonly unknownTypes: number[] = [];
  #payload = "";
  readonly parser = new TouParser({
    data: (realm, payload, last) => {
      this.#payload += hex(payload);
      if (!last) return;
      this.messages.push({ type: "DATA", realm, payload_hex: this.#payload });
      this.#payload = "";
    },
    message: (message) => void this.messages.push(inVectorForm(message)),
    unknown: (type) => void this.unknownTypes.push(type),
  });
}

function inVectorForm(message: TouMessage): Record<string, unknown> {
  switch (message.type) {
    case "bind": {
      const { realm, port, host } = message;
      return { type: "BIND", realm, port, host };
    }
    case "status":
      return { type: "STATUS", realm: message.realm, status: message.status };
    case "sign":
      return { type: "SIGN_RESPONSE", sign_hex: hex(message.sign) };
    case "auth":
      return { type: "AUTH", sign_hex: hex(message.sign) };
    case "auth-ok":
      return { type: "AUTH_OK", tail_hex: hex(message.tail) };
    default:
      return { type: message.type.toUpperCase().replace("-", "_") };
  }
}

/** Bodies of the stream: in order, once, without SYN and what is not of the stream. */
function streamOf(vector: Vector): Uint8Array[] {
  const header = emptyHeader();
  const bodies: { at: number; body: Uint8Array }[] = [];
  for (const datagram of vector.datagrams_hex) {
    const bytes = Uint8Array.fromHex(datagram);
    if (!readHeader(bytes, header) || header.flags !== 0 || header.control !== 0) continue;
    const at = (header.sequence - 0x8000_0000) >>> 0; // those that wrap stay in order
    bodies.push({ at, body: bodyOf(datagram) });
  }
  bodies.sort((a, b) => a.at - b.at);
  const stream: Uint8Array[] = [];
  let next = bodies[0]?.at ?? 0;
  for (const { at, body } of bodies) {
    if (at + body.length <= next) continue;
    stream.push(body.subarray(next - at));
    next = at + body.length;
  }
  return stream;
}

const list = vectors as Vector[];
const expectedOf = (vector: Vector) =>
  vector.expected.messages.filter((message) => message.type !== "SYN");
/** The end of a segment is part of the message: those cannot be cut elsewhere. */
const endsWithSegment = (vector: Vector) =>
  /length field 0|0x19|0x1a|unknown message type/.test(vector.name);

for (const vector of list) {
  Deno.test(`inner messages: ${vector.name}`, { permissions: "none" }, () => {
    const collector = new Collector();
    for (const body of streamOf(vector)) collector.parser.push(body);
    assert.deepEqual(collector.messages, expectedOf(vector));
  });
}

Deno.test("inner messages are the same byte by byte and at random cuts", () => {
  const random = seeded(7);
  for (const vector of list.filter((each) => !endsWithSegment(each))) {
    const stream = new Uint8Array(streamOf(vector).flatMap((body) => [...body]));
    for (let run = 0; run < scaled(200); run++) {
      const collector = new Collector();
      for (let at = 0; at < stream.length;) {
        const size = run === 0 ? 1 : between(random, 1, 40);
        collector.parser.push(stream.subarray(at, at += size));
      }
      assert.deepEqual(collector.messages, expectedOf(vector), vector.name);
    }
  }
});

Deno.test("what is written is read back, and is what the vectors hold", () => {
  const collector = new Collector();
  const realm = 0x1a2b3c4d;
  const data = new Uint8Array(15);
  writeDataHead(data, realm, 3);
  data.set([1, 2, 3], 12);
  const sign = new TextEncoder().encode("opaque-sign-0001");
  const messages = [
    bindMessage(realm, 554),
    data,
    disconnectMessage(realm),
    HEARTBEAT,
    SIGN_REQUEST,
    authMessage(sign),
    AUTH_DONE,
  ];
  for (const message of messages) collector.parser.push(message);
  assert.deepEqual(collector.messages, [
    { type: "BIND", realm, port: 554, host: "127.0.0.1" },
    { type: "DATA", realm, payload_hex: "010203" },
    { type: "STATUS", realm, status: "DISC" },
    { type: "HEARTBEAT" },
    { type: "SIGN_REQUEST" },
    { type: "AUTH", sign_hex: hex(sign) },
    { type: "AUTH_DONE" },
  ]);
  const named = (name: string) => list.find((vector) => vector.name === name)!.datagrams_hex[0]!;
  assert.equal(hex(messages[0]!), hex(bodyOf(named("BIND"))));
  assert.equal(hex(messages[2]!), hex(bodyOf(named("DISC"))));
  assert.equal(hex(messages[5]!), hex(bodyOf(named("auth 0x19 with sign"))));
});

Deno.test("hostile bytes neither throw nor fill memory", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 1_400 }), { maxLength: 20 }), (segments) => {
      const collector = new Collector();
      for (const segment of segments) {
        if (segment.length > 1) segment[0] = 0x10 | segment[0]! & 0x0f;
        collector.parser.push(segment);
      }
      const all = segments.reduce((sum, { length }) => sum + length, 0);
      assert.ok(collector.messages.length <= all);
    }),
    { numRuns: scaled(20_000), seed: 11 },
  );
});

Deno.test("a sign longer than any is skipped, and the stream goes on", () => {
  const collector = new Collector();
  collector.parser.push(Uint8Array.of(0x18, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
  collector.parser.push(HEARTBEAT);
  assert.deepEqual(collector.unknownTypes, [0x18]);
  assert.deepEqual(collector.messages, [{ type: "HEARTBEAT" }]);
});

/** Golden segments: header by header, through a session, and up to the messages inside. */

import assert from "node:assert/strict";
import { emptyHeader, HEADER_SIZE, readHeader, writeHeader } from "../../lib/p2p/segment.ts";
import { type TouMessage, TouParser } from "../../lib/p2p/tou.ts";
import { PseudoTcp } from "../../lib/p2p/pseudo_tcp.ts";
import { fromHex } from "../support/vectors.ts";
import segments from "../vectors/ptcp_segments.json" with { type: "json" };
import { segment, SYN_BODY } from "./_script.ts";

interface Vector {
  readonly name: string;
  readonly initialRcvNxt: number;
  readonly datagrams_hex: readonly string[];
  readonly expected: {
    readonly error?: string;
    readonly headers?: readonly {
      readonly seq: number;
      readonly ack: number;
      readonly control: number;
      readonly flags: number;
      readonly window: number;
      readonly timestamp: number;
      readonly timestampEcho: number;
      readonly bodyLength: number;
    }[];
    readonly messages: readonly (Readonly<Record<string, unknown>> & { readonly type: string })[];
    readonly state?: {
      readonly rcvNxt?: number;
      readonly rcvNxtAfterEach?: readonly number[];
      readonly peerAck?: number;
      readonly peerAckAfterEach?: readonly number[];
      readonly bytesNewlyAcked?: number;
      readonly peerWindowAfterEach?: readonly number[];
      readonly ackNeeded?: boolean;
      readonly closed?: boolean;
    };
  };
}

const vectors = segments as unknown as readonly Vector[];
const NOW = 60_100;

for (const { name, datagrams_hex, expected } of vectors) {
  Deno.test({
    name: `header: ${name}`,
    permissions: "none",
    fn() {
      for (const [index, hex] of datagrams_hex.entries()) {
        const datagram = fromHex(hex);
        const header = emptyHeader();
        if (expected.error !== undefined) {
          assert.equal(readHeader(datagram, header), false);
          assert.deepEqual(header, emptyHeader());
          continue;
        }
        assert.ok(readHeader(datagram, header));
        const { seq, ack, bodyLength, ...rest } = expected.headers![index]!;
        const { magic: _, ...fields } = rest as typeof rest & { magic: string };
        assert.deepEqual(header, { sequence: seq, acknowledgement: ack, ...fields });
        assert.equal(datagram.length - HEADER_SIZE, bodyLength);
        const rebuilt = datagram.slice();
        rebuilt.fill(0, 0, HEADER_SIZE);
        writeHeader(rebuilt, header);
        assert.equal(rebuilt.toHex(), hex);
      }
    },
  });
}

/** Collects messages in the words of the vectors. */
function collector(): { readonly parser: TouParser; readonly messages: unknown[] } {
  const messages: unknown[] = [];
  let payload = "";
  const parser = new TouParser({
    data(realm, bytes, last) {
      payload += bytes.toHex();
      if (!last) return;
      messages.push({ type: "DATA", realm, payload_hex: payload });
      payload = "";
    },
    message: (message) => void messages.push(inWords(message)),
  });
  return { parser, messages };
}

function inWords(message: TouMessage): unknown {
  const type = message.type.toUpperCase().replace("-", "_");
  switch (message.type) {
    case "sign":
      return { type: "SIGN_RESPONSE", sign_hex: message.sign.toHex() };
    case "auth":
      return { type, sign_hex: message.sign.toHex() };
    case "auth-ok":
      return { type, tail_hex: message.tail.toHex() };
    default:
      return { ...message, type };
  }
}

/** A session that expects the vector's first byte, with bytes on the way up to its last ack. */
function session(vector: Vector, deliver: (bytes: Uint8Array) => void): PseudoTcp {
  const { initialRcvNxt, expected } = vector;
  // Vectors acknowledge 8: our SYN and a message of 4 bytes; one of them crosses 2^32.
  const wraps = expected.state?.peerAckAfterEach !== undefined;
  const initialSequence = wraps ? 0xffff_ffe0 : 0;
  const tcp = new PseudoTcp({ deliver, initialSequence });
  tcp.connect(NOW - 100);
  while (tcp.poll(NOW - 100) !== null);
  if (initialRcvNxt === 0) return tcp;
  const fields = {
    sequence: (initialRcvNxt - 4) >>> 0,
    acknowledgement: (initialSequence + 4) >>> 0,
  };
  tcp.input(segment({ ...fields, flags: 2 }, SYN_BODY), NOW - 50);
  tcp.send(new Uint8Array(wraps ? 44 : 4));
  while (tcp.poll(NOW - 50) !== null);
  return tcp;
}

/** What the session acknowledges when it does so next; undefined when it has nothing to say. */
function acknowledged(tcp: PseudoTcp): number | undefined {
  const header = emptyHeader();
  let value: number | undefined;
  // Later than any delayed acknowledgement, earlier than a retransmission.
  for (let datagram; (datagram = tcp.poll(NOW + 40)) !== null;) {
    readHeader(datagram, header);
    if (datagram.length === HEADER_SIZE) value = header.acknowledgement;
  }
  return value;
}

for (const vector of vectors) {
  const { name, datagrams_hex, expected } = vector;
  Deno.test({
    name: `session: ${name}`,
    permissions: "none",
    fn() {
      const { parser, messages } = collector();
      const tcp = session(vector, (bytes) => {
        parser.push(bytes);
        tcp.consume(bytes.length);
      });
      const { state = {} } = expected;
      const seen: { next: number | undefined; flight: number; window: number }[] = [];
      for (const hex of datagrams_hex) {
        tcp.input(fromHex(hex), NOW);
        const next = acknowledged(tcp);
        seen.push({ next, flight: tcp.stats.flight, window: tcp.stats.peerWindow });
      }
      const last = seen.at(-1)!;
      const inner = expected.messages.filter(({ type }) => type !== "SYN");
      assert.deepEqual(messages, inner);
      const syn = expected.messages.find(({ type }) => type === "SYN");
      if (syn !== undefined) {
        assert.equal(last.window, 0xffff << ((syn.windowScale as number | null) ?? 0));
      }
      if (state.rcvNxt !== undefined && expected.headers![0]!.control === 0) {
        assert.equal(last.next, state.rcvNxt);
      }
      if (state.rcvNxtAfterEach !== undefined) {
        assert.deepEqual(seen.map(({ next }) => next), state.rcvNxtAfterEach);
      }
      if (state.ackNeeded === false) assert.equal(last.next, undefined);
      if (state.peerAck !== undefined) assert.equal(last.flight, 0);
      if (state.bytesNewlyAcked !== undefined) {
        assert.equal(seen[0]!.flight - last.flight, state.bytesNewlyAcked);
        assert.equal(last.flight, 0);
      }
      if (state.peerWindowAfterEach !== undefined) {
        assert.deepEqual(seen.map(({ window }) => window), state.peerWindowAfterEach);
      }
      assert.equal(tcp.state === "failed", state.closed ?? false);
      if (expected.error !== undefined) assert.equal(last.next, undefined);
    },
  });
}

for (const { name, datagrams_hex, expected } of vectors) {
  const inner = expected.messages.filter(({ type }) => type !== "SYN");
  if (datagrams_hex.length > 1 || inner.length === 0) continue;
  // A message without a length ends with its segment: it can't be cut.
  const body = fromHex(datagrams_hex[0]!).subarray(HEADER_SIZE);
  if ([0x18, 0x19, 0x1a].includes(body[0]!) && body[3] === 0) continue;
  Deno.test({
    name: `byte by byte: ${name}`,
    permissions: "none",
    fn() {
      const { parser, messages } = collector();
      for (let at = 0; at < body.length; at++) parser.push(body.subarray(at, at + 1));
      assert.deepEqual(messages, inner);
    },
  });
}

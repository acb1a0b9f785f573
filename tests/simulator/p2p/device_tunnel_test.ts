/** The device's end of a tunnel, byte by byte. */

import assert from "node:assert/strict";
import { streamPair } from "../../../lib/net/memory.ts";
import type { ByteStream } from "../../../lib/net/stream.ts";
import { InnerMessageReader } from "../../../lib/simulator/p2p/inner_messages.ts";
import { streamService } from "../../../lib/simulator/p2p/services.ts";
import vectors from "../../vectors/ptcp_segments.json" with { type: "json" };
import { bind, data, hex, RawTunnel, status } from "./_raw_tunnel.ts";
import { read } from "./_segments.ts";

const text = (value: string) => new TextEncoder().encode(value);
const heartbeat = hex("130000000000000000000000");
const A = "1a2b3c4d";
const realmA = 0x1a2b3c4d;

interface Expected {
  readonly type: string;
  readonly realm?: number;
  readonly payload_hex?: string;
  readonly port?: number;
  readonly status?: string;
  readonly sign_hex?: string;
}

/** What a reader makes of these bodies, in the words of the vectors. */
function parse(bodies: readonly Uint8Array[]): Expected[] {
  const found: Expected[] = [];
  const names: Record<number, string> = {
    0x13: "HEARTBEAT",
    0x17: "SIGN_REQUEST",
    0x18: "SIGN_RESPONSE",
    0x19: "AUTH",
    0x1a: "AUTH_OK",
    0x1b: "AUTH_DONE",
  };
  const reader = new InnerMessageReader({
    data: (realm, bytes) => found.push({ type: "DATA", realm, payload_hex: bytes.toHex() }),
    bind: (realm, port) => found.push({ type: "BIND", realm, port }),
    status: (realm, word) => found.push({ type: "STATUS", realm, status: word }),
    other: (type, tail) =>
      found.push({
        type: names[type] ?? "?",
        ...(type === 0x18 || type === 0x19 ? { sign_hex: tail.toHex() } : {}),
      }),
    unknown: () => {},
  });
  for (const body of bodies) reader.push(body);
  const joined: Expected[] = [];
  for (const each of found) {
    const last = joined.at(-1);
    if (each.type === "DATA" && last?.type === "DATA" && last.realm === each.realm) {
      joined[joined.length - 1] = { ...last, payload_hex: last.payload_hex! + each.payload_hex! };
    } else joined.push(each);
  }
  return joined;
}

Deno.test("the inner messages of the vectors are read, whole and byte by byte", () => {
  let tried = 0;
  for (const { name, datagrams_hex, expected } of vectors) {
    const messages = (expected.messages as unknown as Expected[])
      .filter(({ type, payload_hex }) => type !== "SYN" && payload_hex !== "");
    if (messages.length === 0 || /second half|duplicate|overlap|control byte/.test(name)) continue;
    tried++;
    const bodies = datagrams_hex.map((each) => read(hex(each)).body);
    const wanted = messages.map((message) => {
      const { type, realm, payload_hex, port, status, sign_hex } = message;
      return Object.fromEntries(
        Object.entries({ type, realm, payload_hex, port, status, sign_hex })
          .filter(([, value]) => value !== undefined),
      );
    });
    assert.deepEqual(parse(bodies), wanted, name);
    if (/rest of the segment|rest of the|unknown message|0x19|auth/.test(name)) continue;
    const bytes = bodies.flatMap((body) => [...body].map((byte) => Uint8Array.of(byte)));
    assert.deepEqual(parse(bytes), wanted, `${name}, byte by byte`);
  }
  assert.ok(tried > 12);
});

Deno.test("BIND is answered with CONN, DATA comes back from port 7, DISC with DISC", () => {
  const raw = RawTunnel.open();
  raw.send(bind(A, 7));
  assert.deepEqual(raw.messages(), [["CONN", realmA, ""]]);
  raw.send(data(A, text("hello")));
  assert.deepEqual(raw.messages(), [["DATA", realmA, "hello"]]);
  raw.send(status(A, "DISC"));
  assert.deepEqual(raw.messages(), [["DISC", realmA, ""]]);
  assert.equal(raw.device.realms, 0);
});

Deno.test("messages may come merged, split, and with others between them", () => {
  const raw = RawTunnel.open();
  const all = [...bind(A, 7), ...heartbeat, ...data(A, text("abc")), ...bind("00000007", 7)];
  for (const byte of all) raw.send(Uint8Array.of(byte));
  assert.deepEqual(raw.messages().map(([kind]) => kind), ["CONN", "DATA", "DATA", "DATA", "CONN"]);
  assert.equal(raw.device.counters.heartbeats, 1);
});

Deno.test("a closed port, another target and an unknown realm are answered with DISC", () => {
  const raw = RawTunnel.open();
  raw.send(bind(A, 4711));
  raw.send(bind("00000001", 7, "c0a80101"));
  raw.send(data("00000002", text("?")));
  assert.deepEqual(raw.messages(), [["DISC", realmA, ""], ["DISC", 1, ""], ["DISC", 2, ""]]);
  const { refusedBinds, foreignTargets, strayData } = raw.device.counters;
  assert.deepEqual([refusedBinds, foreignTargets, strayData], [2, 1, 1]);
});

Deno.test("a BIND that is repeated is no second connection", () => {
  const raw = RawTunnel.open();
  raw.send(bind(A, 7), bind(A, 7));
  assert.deepEqual(raw.messages(), [["CONN", realmA, ""], ["CONN", realmA, ""]]);
  assert.equal(raw.device.realms, 1);
});

Deno.test("an unknown message costs the rest of its segment, not the tunnel", () => {
  const raw = RawTunnel.open();
  raw.send(hex("1e0000000000000000000000ffff"), bind(A, 7));
  assert.deepEqual(raw.messages(), [["CONN", realmA, ""]]);
  assert.equal(raw.device.counters.unknown, 1);
});

Deno.test("a heartbeat goes out every five seconds, and a minute of silence ends it", () => {
  const raw = RawTunnel.open();
  raw.wait(4999);
  assert.deepEqual(raw.messages(), []);
  raw.wait(1);
  assert.deepEqual(raw.messages(), [["13", 0, ""]]);
  raw.wait(15_000);
  assert.equal(raw.messages().length, 3);
  raw.acks = 0;
  raw.wait(60_000);
  assert.equal(raw.device.over, true);
});

Deno.test("0x17 is answered with a sign, which 0x19 may bring; a wrong one is not answered", () => {
  const raw = RawTunnel.open();
  raw.send(hex("170000000000000000000000"));
  assert.deepEqual(raw.messages(), [["18", 0, "opaque-sign-0001"]]);
  const body = raw.segments.at(-1)!.body;
  assert.equal(body.subarray(0, 12).toHex(), "180000000000000000000000");
  raw.send(hex(`190000000000000000000000 ${text("wrong").toHex()}`));
  assert.deepEqual(raw.messages(), []);
  raw.send(hex(`190000000000000000000000 ${text("opaque-sign-0001").toHex()}`));
  assert.deepEqual(raw.messages(), [["1a", 0, ""]]);
  raw.send(hex("1b0000000000000000000000"));
  assert.deepEqual(raw.messages(), []);
});

Deno.test("where a sign is needed, BIND without one is refused", () => {
  const raw = RawTunnel.open({ signNeeded: true, signLength: true });
  raw.send(bind(A, 7));
  assert.deepEqual(raw.messages(), [["DISC", realmA, ""]]);
  raw.send(hex("170000000000000000000000"));
  assert.deepEqual(raw.messages(), [["18", 0, "opaque-sign-0001"]]);
  raw.send(hex(`190000000000000000000000 ${text("opaque-sign-0001").toHex()}`));
  raw.send(bind(A, 7));
  assert.deepEqual(raw.messages(), [["1a", 0, ""], ["CONN", realmA, ""]]);
});

Deno.test("an unanswered 0x17, a refused and an unanswered BIND", () => {
  const fates: ("refuse" | "silence" | undefined)[] = ["refuse", "silence", undefined];
  const raw = RawTunnel.open({}, { sign: () => undefined, misbind: () => fates.shift() });
  raw.send(hex("170000000000000000000000"));
  assert.deepEqual(raw.messages(), []);
  for (const realm of ["00000001", "00000002", "00000003"]) raw.send(bind(realm, 7));
  assert.deepEqual(raw.messages(), [["DISC", 1, ""], ["CONN", 3, ""]]);
});

Deno.test("connections take turns, message by message, none larger than 1280 bytes", () => {
  const raw = RawTunnel.open();
  raw.acks = 0;
  raw.send(bind("00000001", 19));
  raw.send(bind("00000002", 19));
  raw.messages();
  raw.acks = 400;
  raw.send(new Uint8Array(0));
  const seen = raw.messages().filter(([kind]) => kind === "DATA");
  assert.ok(seen.every(([, , body]) => body.length <= 1280));
  assert.ok(raw.segments.every(({ body }) => body.length <= 1292));
  // The buffer was full of the first when the second came.
  const late = seen.slice(100).map(([, realm]) => realm);
  const ones = late.filter((realm) => realm === 1).length;
  assert.ok(Math.abs(ones - late.length / 2) < 20, `${ones} of ${late.length}`);
});

Deno.test("a service that writes without an end ends with its connection", () => {
  const raw = RawTunnel.open();
  raw.acks = 100;
  raw.send(bind(A, 19));
  raw.send(status(A, "DISC"));
  raw.acks = 200;
  raw.send(new Uint8Array(0));
  assert.deepEqual(raw.messages().at(-1), ["DISC", realmA, ""]);
  assert.equal(raw.device.realms, 0);
});

Deno.test("a service that reads nothing shuts the window at its limit, and for no longer", () => {
  let line: { consumed(bytes: number): void } | undefined;
  const raw = RawTunnel.open({ realmBuffer: 2000, ackDelay: 0 }, {
    open: (_port, own) => {
      line = own;
      own.accept();
      return { data: () => {}, closed: () => {} };
    },
  });
  raw.send(bind(A, 80));
  const window = () => {
    raw.messages();
    return raw.segments.at(-1)!.window;
  };
  const message = data(A, new Uint8Array(1000));
  raw.send(message, message);
  assert.ok(window() > 60_000 - 1100);
  for (let i = 0; i < 62; i++) raw.send(message);
  assert.equal(raw.device.tcp.counters.overruns > 0, true);
  assert.equal(window(), 0);
  line!.consumed(60_000);
  assert.ok(window() > 50_000);
});

Deno.test("a reset ends the tunnel and all its connections", () => {
  let closed = 0;
  const raw = RawTunnel.open({}, {
    open: (_port, line) => {
      line.accept();
      return { data: () => {}, closed: () => closed++ };
    },
  });
  raw.send(bind("00000001", 80), bind("00000002", 80));
  raw.device.reset();
  assert.equal(closed, 2);
  assert.equal(raw.device.over, true);
  assert.equal(raw.device.deadline, Infinity);
});

/** A tunnel whose port 80 is a stream. */
function withStream(): { raw: RawTunnel; far: ByteStream } {
  const [near, far] = streamPair();
  const raw = RawTunnel.open({}, {
    open: (_port, line) => streamService(line, Promise.resolve(near)),
  });
  return { raw, far };
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("a stream is a service: bytes both ways, and an end from either side", async () => {
  const { raw, far } = withStream();
  raw.send(bind(A, 80));
  await settle();
  assert.deepEqual(raw.messages(), [["CONN", realmA, ""]]);
  raw.send(data(A, text("GET")));
  const buffer = new Uint8Array(10);
  assert.equal(await far.read(buffer), 3);
  await far.write(text("200 OK"));
  await settle();
  assert.deepEqual(raw.messages(), [["DATA", realmA, "200 OK"]]);
  far.close();
  await settle();
  assert.deepEqual(raw.messages(), [["DISC", realmA, ""]]);
  const other = withStream();
  other.raw.send(bind(A, 80));
  await settle();
  other.raw.send(status(A, "DISC"));
  assert.equal(await other.far.read(buffer), null);
});

Deno.test("a stream that cannot be opened is a closed port", async () => {
  const raw = RawTunnel.open({}, {
    open: (_port, line) => streamService(line, Promise.reject(new Error("closed"))),
  });
  raw.send(bind(A, 80));
  await settle();
  assert.deepEqual(raw.messages(), [["DISC", realmA, ""]]);
});

/** scripts/wireshark/dhip.lua reads the golden data as we do. */

import assert from "node:assert/strict";
import segments from "../vectors/ptcp_segments.json" with { type: "json" };
import { type CapturedPacket, pcap } from "../support/pcap.ts";
import { peerTest, run, temporaryFolder } from "../support/peers.ts";
import { frameVectors } from "../support/vectors.ts";
import { cloudVectors } from "./_cloud_vectors.ts";

const SCRIPT = new URL("../../scripts/wireshark/dhip.lua", import.meta.url).pathname;

/** Values of the fields in each packet; a field that comes several times has commas. */
async function dissect(
  packets: readonly CapturedPacket[],
  fields: readonly string[],
): Promise<Record<string, string>[]> {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/capture.pcap`;
  await Deno.writeFile(file, pcap(packets));
  const text = await run("tshark", [
    ...["-X", `lua_script:${SCRIPT}`, "-r", file, "-Tfields", "-E", "separator=|"],
    ...["_ws.col.Protocol", ...fields].flatMap((field) => ["-e", field]),
  ]);
  assert.doesNotMatch(text, /lua|error/i, text);
  const lines = text.split("\n").filter((line) => line.includes("|"));
  assert.equal(lines.length, packets.length, text);
  return lines.map((line) => {
    const values = line.split("|");
    return Object.fromEntries(["protocol", ...fields].map((name, at) => [name, values[at] ?? ""]));
  });
}

interface SegmentVector {
  readonly name: string;
  readonly datagrams_hex: readonly string[];
  readonly expected: {
    readonly headers?: readonly Readonly<Record<string, number>>[];
    readonly messages?: readonly TouVector[];
    readonly error?: string;
  };
}

interface TouVector {
  readonly type: string;
  readonly realm?: number;
  readonly port?: number;
  readonly host?: string;
  readonly status?: string;
  readonly payload_hex?: string;
  readonly sign_hex?: string;
  readonly windowScale?: number | null;
}

const segmentVectors = (segments as unknown as SegmentVector[])
  .filter(({ expected }) => expected.error === undefined);

const TYPES: Record<string, string> = {
  ...{ DATA: "0x10", BIND: "0x11", STATUS: "0x12", HEARTBEAT: "0x13", SIGN_REQUEST: "0x17" },
  ...{ SIGN_RESPONSE: "0x18", AUTH: "0x19", AUTH_OK: "0x1a", AUTH_DONE: "0x1b" },
};

peerTest("Wireshark reads PTCP headers by their names", ["tshark"], async () => {
  const vectors = segmentVectors.filter(({ expected }) => expected.headers !== undefined);
  const packets = vectors.flatMap(({ datagrams_hex }, at) =>
    datagrams_hex.map((hex) => ({ from: 40_000 + at, to: 50_000, bytes: Uint8Array.fromHex(hex) }))
  );
  const names = ["seq", "ack", "control", "flags", "window", "timestamp", "timestamp_echo"];
  const fields = [...names, "length", "window_scale"].map((name) => `ptcp.${name}`);
  const read = await dissect(packets, fields);
  let at = 0;
  for (const { name, expected } of vectors) {
    for (const header of expected.headers!) {
      const packet = read[at++]!;
      assert.equal(packet.protocol, "PTCP", name);
      const { seq, ack, control, flags, window, timestamp, timestampEcho, bodyLength } = header;
      const told = names.concat("length").map((field) => Number(packet[`ptcp.${field}`]));
      assert.deepEqual(
        told,
        [seq, ack, control, flags, window, timestamp, timestampEcho, bodyLength],
        name,
      );
    }
    const scale = expected.messages?.find(({ type }) => type === "SYN")?.windowScale;
    if (scale !== undefined) {
      assert.equal(read[at - 1]!["ptcp.window_scale"], `${scale ?? ""}`, name);
    }
  }
  assert.equal(at, packets.length);
});

peerTest("Wireshark reads the messages inside PTCP, merged and split", ["tshark"], async () => {
  // A dissector does not sort segments as a receiver does: only what came once and in order.
  const vectors = segmentVectors.filter(({ name, expected }) =>
    expected.messages?.every(({ type }) => type !== "SYN") &&
    !/duplicate|overlap|arrives first/.test(name)
  );
  const packets = vectors.flatMap(({ datagrams_hex }, at) =>
    datagrams_hex.map((hex) => ({ from: 40_000 + at, to: 50_000, bytes: Uint8Array.fromHex(hex) }))
  );
  const names = ["type", "realm", "port", "host", "status", "payload", "sign"];
  const read = await dissect(packets, names.map((name) => `tou.${name}`));
  let at = 0;
  for (const { name, datagrams_hex, expected } of vectors) {
    const of = read.slice(at, at += datagrams_hex.length);
    const values = (field: string) =>
      of.flatMap((packet) => packet[`tou.${field}`]!.split(",")).filter((value) => value !== "");
    const messages = expected.messages!;
    const told = <T>(pick: (message: TouVector) => T | undefined) =>
      messages.map(pick).filter((value) => value !== undefined && `${value}` !== "").map(String);
    assert.deepEqual(values("type"), told(({ type }) => TYPES[type]), name);
    assert.deepEqual(values("realm").map(Number).map(String), told(({ realm }) => realm), name);
    assert.deepEqual(values("port"), told(({ port }) => port), name);
    assert.deepEqual(values("host"), told(({ host }) => host), name);
    assert.deepEqual(values("status"), told(({ status }) => status), name);
    assert.deepEqual(values("payload"), told(({ payload_hex }) => payload_hex), name);
    assert.deepEqual(values("sign"), told(({ sign_hex }) => sign_hex), name);
  }
});

peerTest("Wireshark reads messages of the cloud", ["tshark"], async () => {
  const packets: CapturedPacket[] = [];
  const expected: Record<string, string>[] = [];
  for (const vector of cloudVectors) {
    if (vector.kind === "request") {
      const bytes = Uint8Array.fromHex(vector.expected.bytes_hex);
      packets.push({ from: 50_000, to: 8800, bytes });
      expected.push({ code: "", path: vector.path, cseq: `${vector.cseq}` });
    } else if (vector.kind === "response" && vector.expected.code !== undefined) {
      packets.push({ from: 8800, to: 50_000, bytes: Uint8Array.fromHex(vector.input_hex) });
      expected.push({ code: `${vector.expected.code}`, path: "", cseq: vector.expected.cseq! });
    }
  }
  const read = await dissect(packets, ["dhcloud.code", "dhcloud.path", "dhcloud.cseq"]);
  assert.ok(expected.length > 20);
  assert.deepEqual(
    read,
    expected.map(({ code, path, cseq }) => ({
      protocol: "DHCLOUD",
      "dhcloud.code": code,
      "dhcloud.path": path,
      "dhcloud.cseq": cseq,
    })),
  );
});

peerTest(
  "Wireshark reads hole punching, and tells all kinds on one port apart",
  ["tshark"],
  async () => {
    const vectors = cloudVectors.filter((vector) => vector.kind === "istun_parse");
    const packets = vectors.map(({ input_hex }) => ({
      from: 50_000,
      to: 22_508,
      bytes: Uint8Array.fromHex(input_hex),
    }));
    const names = ["identify", "address", "port", "transaction"];
    const read = await dissect(packets, names.map((name) => `dhpunch.${name}`));
    const protocols: Record<string, string> = { http: "DHCLOUD", ptcp: "PTCP" };
    for (const [at, { name, expected }] of vectors.entries()) {
      const packet = read[at]!;
      const isPunch = expected.identify_hex !== undefined;
      const protocol = isPunch ? "DHPUNCH" : protocols[expected.message] ?? "UDP";
      // Plain STUN is Wireshark's own.
      if (expected.message !== "plain_stun") assert.equal(packet.protocol, protocol, name);
      assert.equal(packet["dhpunch.identify"], expected.identify_hex ?? "", name);
      assert.equal(packet["dhpunch.address"], expected.address ?? "", name);
      assert.equal(packet["dhpunch.port"], `${expected.port ?? ""}`, name);
      const wire = packet["dhpunch.transaction"]!;
      const inverted = Uint8Array.fromHex(wire).map((byte) => ~byte).toHex();
      assert.equal(inverted, expected.txid_wire_hex ?? "", name);
    }
  },
);

peerTest("Wireshark reads DHIP on any port, over split segments too", ["tshark"], async () => {
  const vectors = frameVectors.filter(({ expected }) =>
    expected.state === "complete" && expected.messages.length === 1 && expected.error === null
  ).filter(({ input_hex, encode }) => encode !== undefined && input_hex.length > 64);
  assert.ok(vectors.length > 0);
  // Each in two segments, cut at another place, on a connection of its own.
  const packets = vectors.flatMap(({ input_hex }, at): CapturedPacket[] => {
    const bytes = Uint8Array.fromHex(input_hex);
    const cut = 8 + (at * 37) % (bytes.length - 8);
    const ports = { from: 42_000 + at, to: at % 2 === 0 ? 37_777 : 80 + at };
    return [
      { ...ports, tcpSequence: 1, bytes: bytes.slice(0, cut) },
      { ...ports, tcpSequence: 1 + cut, bytes: bytes.slice(cut) },
    ];
  });
  const names = ["session", "request", "message_length", "method", "binary"];
  const read = await dissect(packets, names.map((name) => `dhip.${name}`));
  for (const [at, { name, encode, expected }] of vectors.entries()) {
    // tshark tells of a frame in the packet that completes it.
    const packet = read[2 * at + 1]!;
    assert.equal(packet.protocol, "DHIP", name);
    assert.equal(Number(packet["dhip.session"]), encode!.session, name);
    assert.equal(Number(packet["dhip.request"]), encode!.requestId, name);
    assert.equal(Number(packet["dhip.message_length"]), expected.messages[0]!.messageLength, name);
    assert.equal(packet["dhip.method"], encode!.json.method ?? "", name);
    assert.equal(packet["dhip.binary"], encode!.binary_hex, name);
  }
});

/** tshark reads our packets of hole punching as STUN, once they are inverted. */

import assert from "node:assert/strict";
import { encodePunch } from "../../lib/p2p/istun.ts";
import { pcap } from "../support/pcap.ts";
import { peerTest, run, temporaryFolder } from "../support/peers.ts";

peerTest("tshark reads our packets of hole punching as STUN", ["tshark"], async () => {
  await using folder = await temporaryFolder();
  const part = {
    cookie: Uint8Array.fromHex("2112a442"), // tshark takes other cookies for RFC 3489 alone
    transaction: Uint8Array.fromHex("101112131415161718191a1b"),
    identify: Uint8Array.fromHex("a434a505048d019c"),
    plain: false,
  };
  const address = { host: "198.51.100.9", port: 22508 };
  const packets = [
    encodePunch({ ...part, kind: "request", address }),
    encodePunch({ ...part, kind: "response", address }),
    encodePunch({ ...part, kind: "confirmation", address: null }),
  ];
  const file = `${folder.path}/punch.pcap`;
  await Deno.writeFile(
    file,
    pcap(packets.map((bytes) => ({ from: 3478, to: 3478, bytes: bytes.map((byte) => ~byte) }))),
  );
  const fields = ["type", "length", "id", "att.type", "att.tie-breaker", "att.ipv4", "att.port"];
  const text = await run("tshark", [
    ...["-r", file, "-Tfields", "-E", "separator=|"],
    ...fields.flatMap((field) => ["-e", `stun.${field}`]),
  ]);
  const lines = text.split("\n").filter((line) => line.includes("|"));
  const id = part.transaction.toHex();
  const tie = part.identify.toHex();
  assert.deepEqual(lines, [
    `0x0001|24|${id}|0x802a,0x0004|${tie}|198.51.100.9|22508`,
    `0x0101|24|${id}|0x8029,0x0004|${tie}|198.51.100.9|22508`,
    `0x0101|12|${id}|0x8029|${tie}||`,
  ]);
});

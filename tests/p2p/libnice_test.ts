/** The transport against libnice's PseudoTcp over real UDP: the peer that nobody here wrote. */

import assert from "node:assert/strict";
import { niceTest, startNicePeer } from "../support/nice_peer.ts";
import { scaled } from "../support/random.ts";
import { transfer } from "./_transfer.ts";
import { mixedSizes, UdpEnd } from "./_udp_end.ts";

const MB = 1_000_000;
const KIB = 1_024;

niceTest("its first segment is the SYN of a device, byte for byte", async () => {
  await using ours = await UdpEnd.open();
  await using peer = await startNicePeer({ active: ours.port });
  ours.connect(peer.port);
  await ours.until(() => ours.tcp.state === "established");
  const { out, in: came } = await peer.end();
  assert.match(out.first, /^5054435000000000000000000002ffff[0-9a-f]{8}0000000000030100$/);
  assert.match(came.first, /^5054435000000000000000000002ffff[0-9a-f]{8}0000000000030100$/);
});

niceTest("50 MB to it", () => transfer({ send: scaled(50 * MB) }));

niceTest("50 MB from it", () => transfer({ receive: scaled(50 * MB) }));

niceTest(
  "both ways at once, in messages of all sizes",
  () => transfer({ send: scaled(10 * MB), receive: scaled(10 * MB) }, { message: mixedSizes(3) }),
);

niceTest(
  "10 MB to it at 5 % loss",
  () => transfer({ send: scaled(10 * MB), in: { loss: 5 }, out: { loss: 5 } }),
);

niceTest(
  "256 KiB to it at 20 % loss",
  () => transfer({ send: scaled(256 * KIB), in: { loss: 20 }, out: { loss: 20 } }),
);

niceTest(
  "5 MB from it at 1 % loss",
  () => transfer({ receive: scaled(5 * MB), in: { loss: 1 }, out: { loss: 1 } }),
);

niceTest("2 MB to it over 20 ms with jitter, loss, duplicates and another order", () => {
  const way = { loss: 1, dup: 3, reorder: 5, delay: 20, jitter: 2 };
  return transfer({ send: scaled(2 * MB), in: way, out: way }, { message: mixedSizes(4) });
});

niceTest("5 MB to it with duplicates and another order", () => {
  const way = { dup: 5, reorder: 5 };
  return transfer({ send: scaled(5 * MB), in: way, out: way });
});

niceTest("1 MB from it with duplicates and another order", () => {
  const way = { dup: 5, reorder: 2 };
  return transfer({ receive: scaled(MB), in: way, out: way });
});

niceTest(
  "it merges and splits as it likes",
  () => transfer({ receive: scaled(5 * MB), mtu: 700, noDelay: true, sndBuf: 3_000 }),
);

niceTest("it sends back what comes, at 2 % loss", async () => {
  const send = scaled(MB);
  const way = { loss: 2 };
  await using ours = await UdpEnd.open({ send });
  await using peer = await startNicePeer({ echo: true, in: way, out: way });
  ours.connect(peer.port);
  await ours.settled(send);
  assert.equal(ours.receivedSha256(), ours.sentSha256());
  assert.equal((await peer.end()).overrun, 0);
});

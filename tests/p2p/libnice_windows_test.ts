/** Small and closed windows, lost beginnings and long silences against libnice's PseudoTcp. */

import assert from "node:assert/strict";
import { niceTest, startNicePeer } from "../support/nice_peer.ts";
import { scaled } from "../support/random.ts";
import { transfer } from "./_transfer.ts";
import { UdpEnd } from "./_udp_end.ts";

const MB = 1_000_000;
const KIB = 1_024;

niceTest("small windows of it", () => transfer({ send: scaled(2 * MB), rcvBuf: 4_000 }));

// It tells of a larger window only when it was closed: each segment waits for its delayed ack.
niceTest(
  "windows of it with room for one segment",
  () => transfer({ send: 10_000, rcvBuf: 2_000 }),
);

niceTest("windows of it smaller than a segment", () => transfer({ send: 20_000, rcvBuf: 900 }));

niceTest(
  "small windows of ours",
  () => transfer({ receive: scaled(5 * MB) }, { receiveBuffer: 3_000 }),
);

niceTest(
  "windows of ours smaller than a segment",
  () => transfer({ receive: scaled(500_000) }, { receiveBuffer: 700 }),
);

niceTest(
  "a slow reader on its side",
  () => transfer({ send: scaled(2 * MB), readRate: scaled(1.5 * MB) }),
);

niceTest(
  "a reader on its side that stalls",
  () =>
    transfer({ send: 500_000, stallAt: 50_000, stallMs: 3_500 }, {}, ({ nice }) => {
      assert.ok(nice.zeroWindows > 0, "its window closed");
    }),
);

niceTest(
  "a reader on our side that stalls, in test:all longer than libnice waits unanswered",
  () => {
    const stallMs = Math.max(3_500, scaled(17_000));
    return transfer({ receive: 500_000 }, { stallAt: 50_000, stallMs }, ({ nice }) => {
      assert.ok(nice.probes >= (stallMs > 15_000 ? 3 : 1), `${nice.probes} zero-window probes`);
    });
  },
);

niceTest(
  "its SYN repeated until ours arrives",
  () => transfer({ receive: 100_000, send: 100_000, in: { first: 3 } }),
);

niceTest(
  "its first segments lost",
  () =>
    transfer({ receive: 100_000, send: 100_000, out: { first: 2 } }, {}, ({ nice }) => {
      assert.ok(nice.out.syns >= 2);
    }),
);

niceTest("its SYN repeated for want of an acknowledgement is no byte of the stream", async () => {
  // Ours arrives, our first acknowledgements don't.
  await using ours = await UdpEnd.open({ send: 50_000 });
  await using peer = await startNicePeer({ active: ours.port, receive: 50_000, send: 50_000 });
  await ours.until(() => ours.seen >= 2);
  ours.connect(peer.port);
  await ours.settled(50_000);
  const report = await peer.end();
  assert.ok(report.out.syns >= 2, `${report.out.syns} SYNs`);
  assert.equal(report.receivedSha256, ours.sentSha256());
  assert.equal(report.sentSha256, ours.receivedSha256());
});

// It stalls for 1 s and more at each loss, doubling: its own slowness.
niceTest(
  "256 KiB from it at 10 % loss",
  () => transfer({ receive: scaled(256 * KIB), out: { loss: 10 }, in: { loss: 10 }, seed: 2 }),
);

/**
 * Promise 4: every byte, in order, once. The tunnel delivers so under loss, duplication, reordering,
 * merging and splitting of datagrams, or closes that connection with a reason; it never hangs.
 *
 * Worlds with everything at once, by the thousand, are in `tests/p2p/simulation_test.ts`; a peer
 * that nobody here wrote in `tests/p2p/libnice_test.ts`.
 */

import assert from "node:assert/strict";
import { startPair } from "../support/tunnel_processes.ts";
import { scaled, seeded } from "../support/random.ts";
import { eightClients } from "../p2p/_tunnel_clients.ts";
import { type Errand, live, type WorldOptions } from "../p2p/_world.ts";

interface Trouble extends Pick<WorldOptions, "device" | "blackhole" | "restartAt"> {
  readonly link: WorldOptions["toDevice"];
}

/** What a network and a device do, each far more often than a user ever meets it. */
const TROUBLES: Readonly<Record<string, Trouble>> = {
  loss: { link: { loss: 0.05 }, device: {} },
  duplication: { link: { duplicate: 0.5 }, device: {} },
  reordering: { link: { reorder: 0.3, lag: 60 }, device: {} },
  merging: { link: {}, device: { merge: 0.9 } },
  splitting: { link: {}, device: { split: 0.9 } },
  truncation: { link: { truncate: 0.05 }, device: {} },
  strays: { link: { stray: 0.5 }, device: {} },
  "all of it": {
    link: { loss: 0.03, duplicate: 0.1, reorder: 0.1, lag: 30, truncate: 0.01, stray: 0.1 },
    device: { merge: 0.3, split: 0.3 },
  },
};

const connection = (kind: Errand["kind"], bytes: number): Errand => ({
  kind,
  bytes,
  at: 0,
  chunk: 8_192,
  pause: 0,
  stall: undefined,
});

/** Four connections at once. The world itself throws when a byte is wrong, missing or too many. */
function run(seed: number, { link, device, ...rest }: Trouble) {
  const random = seeded(seed);
  const way = { delay: 20, jitter: 5, ...link };
  return live({
    ...rest,
    random,
    toDevice: way,
    toClient: way,
    device: { ...device, random },
    client: {},
    errands: [
      connection("echo", 40_000),
      connection("echo", 1),
      connection("source", 60_000),
      connection("source", 1_281),
    ],
  }).outcomes;
}

/** So long a device may take to open a connection, in milliseconds. */
const PATIENCE = 10_000;

for (const [name, trouble] of Object.entries(TROUBLES)) {
  Deno.test(`every byte in order, once, under ${name}`, { permissions: { env: true } }, () => {
    const runs = Math.max(10, scaled(500));
    let late = 0;
    for (let seed = 1; seed <= runs; seed++) {
      for (const { errand, end, received, endedAt } of run(seed, trouble)) {
        const what = `${errand.kind} of ${errand.bytes} bytes, seed ${seed}`;
        // A device that loses may answer later than anybody waits: that, too, is told.
        if (end === "no-answer" && received === 0 && endedAt >= PATIENCE && ++late < runs / 50) {
          continue;
        }
        assert.equal(end, errand.kind === "echo" ? "closed" : "disconnected", what);
        assert.equal(received, errand.bytes, what);
      }
    }
  });
}

/** After this time of silence a tunnel is given up, in milliseconds. */
const SILENCE = 11_000;

Deno.test("a network that dies, or a device that starts anew: a reason, and soon", {
  permissions: { env: true },
}, () => {
  for (let seed = 1; seed <= Math.max(10, scaled(500)); seed++) {
    const at = 50 + 3 * seed;
    const deaths: Pick<Trouble, "blackhole" | "restartAt">[] = [
      { blackhole: { at, time: 1e9 } },
      { restartAt: at },
    ];
    for (const death of deaths) {
      for (
        const { errand, end, received, endedAt } of run(seed, { ...death, link: {}, device: {} })
      ) {
        if (received === errand.bytes && end !== "failed") continue; // it was done before
        assert.equal(end, "failed", `seed ${seed}`);
        assert.ok(endedAt <= at + SILENCE + 100, `seed ${seed}: after ${endedAt - at} ms`);
      }
    }
  }
});

Deno.test("real processes, real sockets: eight clients get their bytes under all of it", async () => {
  const faults = [
    "p2p-loss:probability=0.02",
    "p2p-duplicate:probability=0.05",
    "p2p-reorder:probability=0.05,lag=10",
    "p2p-truncate:probability=0.005",
    "p2p-stray:probability=0.05",
    "p2p-merge:probability=0.3",
    "p2p-split:probability=0.3",
  ];
  await using pair = await startPair("127.77.92.21", {
    simulate: faults.map((fault) => `--fault=${fault}`),
  });
  // A device that gathers messages and loses some is slow: it waits for its timeouts.
  const share = Math.max(5_000, scaled(50_000));
  const right = await Promise.all(
    (await eightClients(pair)).map((client) => client(share)),
  );
  assert.ok(right.every((bytes) => bytes >= share));
  assert.ok(pair.tunnel.lines.every(({ type }) => type !== "lost"));
});

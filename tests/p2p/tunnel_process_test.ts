/** Clients of `dhip tunnel`, over real UDP: what they send and get arrives, whatever else happens. */

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { withDeadline } from "../../lib/net/deadline.ts";
import { isFullRun, scaled } from "../support/random.ts";
import { startPair, type TunnelPair } from "../support/tunnel_processes.ts";
import { type Client, echoClient, eightClients, endless } from "./_tunnel_clients.ts";

const MB = 1_000_000;
/** Far more than any of these takes, in milliseconds: it must not hang. */
const LIMIT = 120_000;

function test(name: string, work: () => Promise<void>): void {
  Deno.test(name, () => withDeadline(work, { what: name, timeout: LIMIT }));
}

interface Way {
  readonly what: string;
  readonly faults: readonly string[];
  /** In total; an echo comes back and counts twice. */
  readonly bytes: number;
  readonly clients: (pair: TunnelPair) => Promise<Client[]>;
}

const WAYS: readonly Way[] = [
  { what: "a clean link", faults: [], bytes: 200 * MB, clients: eightClients },
  {
    what: "2 % loss and 5 % reordering",
    faults: ["p2p-loss:probability=0.02", "p2p-reorder:probability=0.05,lag=5"],
    bytes: 10 * MB,
    clients: eightClients,
  },
  {
    what: "10 % loss on the way to the device",
    faults: ["p2p-loss:probability=0.1,direction=in"],
    bytes: 2 * MB,
    clients: (pair) =>
      Promise.resolve(Array.from({ length: 8 }, (_, seed) => echoClient(pair, seed))),
  },
];

for (const [index, { what, faults, bytes, clients: start }] of WAYS.entries()) {
  test(`eight clients at once: ${what}`, async () => {
    await using pair = await startPair(`127.77.92.${1 + index}`, {
      simulate: faults.map((fault) => `--fault=${fault}`),
    });
    const clients = await start(pair);
    const whole = scaled(bytes);
    const share = Math.ceil(whole / clients.length);
    const right = await Promise.all(clients.map((client) => client(share)));
    const total = right.reduce((sum, each) => sum + each, 0);
    assert.ok(total >= whole, `${total} of ${whole}`);
    assert.ok(pair.tunnel.lines.every(({ type }) => type !== "lost"), "one tunnel carried it all");
    const { p2p } = await pair.simulator.stats();
    assert.equal(p2p.overruns, 0, "the device's window was respected");
    assert.equal(p2p.strayData, 0, "nothing came for a connection that was closed");
    if (faults.length > 0 && isFullRun) assert.ok(p2p.duplicates + p2p.retransmissions > 0);
  });
}

test("a device that starts anew: connections end with a reason, clients are served again", async () => {
  await using pair = await startPair("127.77.92.5");
  const { simulator, tunnel, ports } = pair;
  const echo = echoClient(pair);
  const busy = await Promise.all([7, 19, 19].map((port) => endless(ports.get(port)!)));
  await Promise.all(busy.map(({ flows }) => flows));
  const restarted = simulator.restart(2_000);
  while ((await simulator.stats()).p2p.openTunnels > 0) await pause(10);
  // One that comes before the tunnel can know; others, one each second.
  let isBack = false;
  const later: Promise<number>[] = [echo(20_000)];
  const coming = (async () => {
    while (!isBack) {
      await pause(1_000);
      later.push(echo(20_000));
    }
  })();
  await restarted;
  const back = performance.now();
  isBack = true;
  await coming;
  assert.deepEqual(await Promise.all(later), later.map(() => 20_000));
  const served = performance.now() - back;
  assert.ok(served <= 15_000, `served ${served} ms after the device was back`); // the promise
  await Promise.all(busy.map(({ ended }) => ended));
  const lost = tunnel.lines.filter(({ type, reason }) => type === "closed" && reason === "lost");
  const codes = lost.map(({ error }) => (error as { code: string }).code);
  assert.deepEqual(codes, busy.map(() => "DHIP_TUNNEL_LOST"));
  const story = tunnel.lines.map(({ type }) => type).filter((type) =>
    type === "up" || type === "lost"
  );
  assert.deepEqual(story, ["up", "lost", "up"]);
});

test("a client that never reads stalls nobody, and is closed with a reason", async () => {
  await using pair = await startPair("127.77.92.6");
  const deaf = await Deno.connect({ hostname: "127.0.0.1", port: pair.ports.get(19)! });
  const clients = await eightClients(pair);
  const share = scaled(4 * MB);
  let isClosed = false;
  const closed = pair.tunnel.line(({ type, remotePort }) => type === "closed" && remotePort === 19);
  closed.then(() => isClosed = true, () => {});
  // They go on until it has used up what there is for all.
  await Promise.all(clients.map(async (client) => {
    do assert.ok(await client(share) >= share); while (!isClosed);
  }));
  const { reason, error } = await closed;
  assert.equal(reason, "lost");
  assert.equal((error as { code: string }).code, "DHIP_CONNECTION_LOST");
  deaf.close();
});

/** Clients of `dhip tunnel`, over real UDP: what they send and get arrives, whatever else happens. */

import assert from "node:assert/strict";
import { isFullRun, scaled } from "../support/random.ts";
import { startPair, type TunnelPair } from "../support/tunnel_processes.ts";
import { type Client, echoClient, eightClients } from "./_tunnel_clients.ts";

const MB = 1_000_000;

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
  Deno.test(`eight clients at once: ${what}`, async () => {
    await using pair = await startPair(`127.77.91.${1 + index}`, {
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

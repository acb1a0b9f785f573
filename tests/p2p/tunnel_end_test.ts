/** How `dhip tunnel` ends: at once, cleanly, whatever goes on and whoever is gone. */

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { withDeadline } from "../../lib/net/deadline.ts";
import { type DhipProcess, startPair } from "../support/tunnel_processes.ts";
import { endless } from "./_tunnel_clients.ts";

/** Promise 6, in milliseconds, and what a busy machine adds. */
const PROMISED = 1_000;
const TOLERANCE = 1_000;

/** Sends a signal; resolves to the exit code, when it has ended as fast as was promised. */
async function ended(tunnel: DhipProcess, signal: Deno.Signal): Promise<number> {
  tunnel.kill(signal);
  return await withDeadline(() => tunnel.ended, {
    what: `end with ${signal}`,
    timeout: PROMISED + TOLERANCE,
  });
}

for (const [index, way] of ["direct", "relay"].entries()) {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.test(`${signal} in mid-transfer (${way}): clients and device are told, exit code 0`, async () => {
      await using pair = await startPair(`127.77.92.${11 + index}`, { tunnel: [`--${way}`] });
      const { simulator, tunnel, ports } = pair;
      const busy = await Promise.all([7, 19].map((port) => endless(ports.get(port)!)));
      await Promise.all(busy.map(({ flows }) => flows));
      const { cloud: before } = await simulator.stats();
      assert.equal(before!.openRelays, way === "relay" ? 1 : 0);
      assert.equal(await ended(tunnel, signal), 0, await tunnel.errors);
      await Promise.all(busy.map(({ ended }) => ended));
      const ends = tunnel.lines.filter(({ type }) => type === "closed");
      assert.deepEqual(ends.map(({ reason }) => reason), ["stopped", "stopped"]);
      const { cloud, p2p } = await simulator.stats();
      assert.equal(p2p.openConnections, 0, "the device has closed them");
      assert.equal(cloud!.openRelays, 0);
      assert.equal(cloud!.unbinds - before!.unbinds, way === "relay" ? 1 : 0);
    });
  }
}

Deno.test("a peer that is frozen does not keep it from ending with 0", async () => {
  for (const way of ["direct", "relay"]) {
    await using pair = await startPair("127.77.92.13", { tunnel: [`--${way}`] });
    const busy = await endless(pair.ports.get(7)!);
    await busy.flows;
    pair.simulator.process.kill("SIGSTOP");
    assert.equal(await ended(pair.tunnel, "SIGINT"), 0, way);
    await busy.ended;
  }
});

Deno.test("a second SIGINT ends it at once", async () => {
  await using pair = await startPair("127.77.92.14", { tunnel: ["--relay"] });
  pair.simulator.process.kill("SIGSTOP"); // giving the relay back takes as long as it may
  let code: number | undefined;
  const over = pair.tunnel.ended.then((exit) => code = exit);
  // Two that come at once are one to the system.
  while (code === undefined && pair.tunnel.kill("SIGINT")) await pause(10);
  await over;
  assert.equal(code, 130);
});

Deno.test("a reader of its events that does not read does not keep it from ending", async () => {
  await using pair = await startPair("127.77.92.15");
  pair.tunnel.deaf = true;
  // Each client is about 300 bytes of events; a pipe holds 64 KiB.
  for (let client = 0; client < 400; client++) {
    using tcp = await Deno.connect({ hostname: "127.0.0.1", port: pair.ports.get(7)! });
    await tcp.write(Uint8Array.of(1));
    await tcp.read(new Uint8Array(1));
  }
  pair.tunnel.kill("SIGINT");
  await withDeadline(() => pair.tunnel.status, {
    what: "end",
    timeout: PROMISED + TOLERANCE,
  });
  pair.tunnel.deaf = false;
});

/**
 * The tunnel on a clean loopback: what it carries beside UDP alone and a TCP relay, what that costs,
 * how it is shared, and how much memory a hundred connections take.
 */

import process from "node:process";
import { P2pTunnel } from "../../lib/p2p/tunnel.ts";
import type { ByteStream } from "../../lib/net/stream.ts";
import { openDatagrams } from "../../lib/net/udp.ts";
import type { ReadyLine } from "../../lib/simulator/mod.ts";
import { PASSWORD, startPair } from "../support/tunnel_processes.ts";
import { run as runProgram } from "../support/peers.ts";
import { atLeast, atMost, type Row } from "./_harness.ts";
import { startServer } from "./_process.ts";
import { receiveAll, sendAll } from "./_udp_ends.ts";

/** Seconds of one measurement, and how often each is made; the best counts. */
const SECONDS = 2;
const ROUNDS = 3;
/** Ports of the device: one that only takes, one that only gives. */
const [DISCARD, FLOOD] = [9, 19];

/** Bytes a second, up (to the device) and down. */
interface Rates {
  readonly up: number;
  readonly down: number;
}

const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** Seconds of processor time of this process, with all its threads. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Measures how fast a counter grows, once it does. */
async function rateOf(count: () => number | Promise<number>): Promise<number> {
  await pause(0.3);
  const [before, start] = [await count(), performance.now()];
  await pause(SECONDS);
  return (await count() - before) / ((performance.now() - start) / 1000);
}

async function best(measure: () => Promise<Rates>): Promise<Rates> {
  const all: Rates[] = [];
  for (let round = 0; round < ROUNDS; round++) all.push(await measure());
  return {
    up: Math.max(...all.map(({ up }) => up)),
    down: Math.max(...all.map(({ down }) => down)),
  };
}

/** UDP alone, one way after the other: what arrives, whole datagrams. */
async function udpAlone(port: number): Promise<Rates> {
  await using socket = await openDatagrams({ host: "127.0.0.1" });
  const to = { host: "127.0.0.1", port };
  const start = performance.now();
  const arrived = await sendAll(socket, to, () => performance.now() - start >= SECONDS * 1000);
  const up = arrived / ((performance.now() - start) / 1000);
  let received = 0;
  let back = 0;
  await receiveAll(socket, (bytes) => {
    back ||= performance.now();
    received += bytes;
  });
  return { up, down: received / ((performance.now() - back) / 1000) };
}

/** Two TCP ports, behind whatever. */
async function overTcp(discard: number, flood: number): Promise<Rates> {
  const connect = (port: number) => Deno.connect({ hostname: "127.0.0.1", port });
  const bytes = new Uint8Array(64 * 1024);
  let [sent, received] = [0, 0];
  const sink = await connect(discard);
  const writing = (async () => {
    for (;;) sent += await sink.write(bytes);
  })().catch(() => {});
  // What the buffers of the system took at first is not counted.
  const up = await rateOf(() => sent);
  sink.close();
  await writing;
  const source = await connect(flood);
  const reading = (async () => {
    for (let count; (count = await source.read(bytes)) !== null;) received += count;
  })().catch(() => {});
  const down = await rateOf(() => received);
  source.close();
  await reading;
  return { up, down };
}

/** The library's tunnel in this process. */
async function throughTunnel(
  tunnel: P2pTunnel,
): Promise<Rates & { readonly upCpu: number; readonly downCpu: number }> {
  const bytes = new Uint8Array(64 * 1024);
  const measure = async (work: () => Promise<void>, close: () => void, count: () => number) => {
    const working = work().catch(() => {});
    const [used, before] = [processorTime(), count()];
    const rate = await rateOf(count);
    const cpu = (processorTime() - used) / ((count() - before) / 1e9);
    close();
    await working;
    return { rate, cpu };
  };
  const sink = await tunnel.dial(DISCARD);
  const up = await measure(
    async () => {
      for (;;) await sink.write(bytes);
    },
    () => sink.close(),
    () => tunnel.stats().bytesOut,
  );
  const source = await tunnel.dial(FLOOD);
  const down = await measure(
    async () => {
      while (await source.read(bytes) !== null);
    },
    () => source.close(),
    () => tunnel.stats().bytesIn,
  );
  return { up: up.rate, down: down.rate, upCpu: up.cpu, downCpu: down.cpu };
}

/** Jain's index: 1 when all have the same, 1/n when one has it all. */
function fairness(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0);
  return sum ** 2 / (shares.length * shares.reduce((total, share) => total + share ** 2, 0));
}

/** Eight connections, one way and then the other; every second one moves little at a time. */
async function sharing(tunnel: P2pTunnel): Promise<Rates> {
  const share = async (port: number, work: (stream: ByteStream, move: Move) => Promise<void>) => {
    const streams = await Promise.all(Array.from({ length: 8 }, () => tunnel.dial(port)));
    const shares = streams.map(() => 0);
    const working = streams.map((stream, at) =>
      work(stream, {
        bytes: new Uint8Array(at % 2 === 0 ? 64 * 1024 : 4 * 1024),
        count: (bytes) => shares[at]! += bytes,
      }).catch(() => {})
    );
    await pause(0.5);
    const before = [...shares];
    await pause(SECONDS);
    const index = fairness(shares.map((bytes, at) => bytes - before[at]!));
    for (const stream of streams) stream.close();
    await Promise.all(working);
    return index;
  };
  const up = await share(DISCARD, async (stream, { bytes, count }) => {
    for (;;) {
      await stream.write(bytes);
      count(bytes.length);
    }
  });
  const down = await share(FLOOD, async (stream, { bytes, count }) => {
    for (let read; (read = await stream.read(bytes)) !== null;) count(read);
  });
  return { up, down };
}

interface Move {
  readonly bytes: Uint8Array;
  readonly count: (bytes: number) => void;
}

/** Megabytes that `dhip tunnel` has at most while a hundred clients talk through it. */
async function crowd(): Promise<number> {
  await using pair = await startPair("127.77.92.32");
  const clients = await Promise.all(
    Array.from(
      { length: 100 },
      () => Deno.connect({ hostname: "127.0.0.1", port: pair.ports.get(7)! }),
    ),
  );
  const working = clients.flatMap((client) => [
    (async () => {
      const bytes = new Uint8Array(16 * 1024);
      for (;;) await client.write(bytes);
    })().catch(() => {}),
    (async () => {
      const bytes = new Uint8Array(16 * 1024);
      while (await client.read(bytes) !== null);
    })().catch(() => {}),
  ]);
  await pause(10);
  // Deno itself reads /proc only with all permissions.
  const status = await runProgram("cat", [`/proc/${pair.tunnel.pid}/status`]);
  const most = Number(/VmHWM:\s*(\d+)/.exec(status)![1]) / 1024;
  for (const client of clients) client.close();
  await Promise.all(working);
  return most;
}

export async function run(): Promise<Row[]> {
  const text = ({ up, down }: Rates) =>
    `${(up / 1e6).toFixed(1)} up, ${(down / 1e6).toFixed(1)} down`;
  await using udp = await startServer("tests/bench/_udp_ends.ts");
  const raw = await best(() => udpAlone(Number(udp.firstLine)));

  await using services = await startServer("tests/bench/_tcp_services.ts");
  const [discard, flood] = JSON.parse(services.firstLine) as [number, number];
  await using in_ = await startServer("tests/bench/_tcp_relay.ts", "127.0.0.1", String(discard));
  await using out = await startServer("tests/bench/_tcp_relay.ts", "127.0.0.1", String(flood));
  const relay = await best(() => overTcp(Number(in_.firstLine), Number(out.firstLine)));

  await using simulator = await startServer(
    "cli.ts",
    ...[
      "simulate",
      "--dhip-port=0",
      "--p2p-port=0",
      "--host=127.77.92.31",
      `--password=${PASSWORD}`,
    ],
  );
  const { cloud, devices: [device] }: ReadyLine = JSON.parse(simulator.firstLine);
  await using tunnel = new P2pTunnel({
    serial: device!.serial,
    profile: cloud!,
    mode: "direct",
    auth: "auto",
    credentials: { user: "admin", password: PASSWORD },
  });
  const costs: { upCpu: number; downCpu: number }[] = [];
  const ours = await best(async () => {
    const measured = await throughTunnel(tunnel);
    costs.push(measured);
    return measured;
  });
  const shares = await sharing(tunnel);
  await tunnel.close();

  let command: Rates;
  {
    await using pair = await startPair("127.77.92.33");
    command = await best(() => overTcp(pair.ports.get(DISCARD)!, pair.ports.get(FLOOD)!));
  }
  const known = (what: string, figure: string): Row => ({ what, figure, goal: "none", met: true });
  const cost = (key: "upCpu" | "downCpu") => Math.min(...costs.map((each) => each[key]));
  return [
    known("UDP alone, MB/s", text(raw)),
    known("a TCP relay, MB/s", text(relay)),
    known("the tunnel, MB/s", text(ours)),
    known("dhip tunnel, TCP to TCP, MB/s", text(command)),
    atLeast("tunnel to the device, of UDP alone", ours.up / raw.up, 0.33, "x"),
    atLeast("tunnel from the device, of UDP alone", ours.down / raw.down, 0.33, "x"),
    known("processor time per GB to the device", `${cost("upCpu").toFixed(1)} s`),
    known("processor time per GB from the device", `${cost("downCpu").toFixed(1)} s`),
    atLeast("fairness of 8 that send (Jain)", shares.up, 0.95, ""),
    atLeast("fairness of 8 that receive (Jain)", shares.down, 0.95, ""),
    atMost("dhip tunnel with 100 busy connections, memory", await crowd(), 150, "MB"),
  ];
}

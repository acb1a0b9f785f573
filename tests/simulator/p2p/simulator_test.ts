/** The whole simulator, reached by serial number over real UDP. */

import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { openDatagrams } from "../../../lib/net/udp.ts";
import { Simulator, type SimulatorOptions } from "../../../lib/simulator/mod.ts";
import { addressOf, ask, Listener } from "./_cloud_client.ts";
import { bind, data, RawPeer } from "./_raw_tunnel.ts";
import { CHECK, TYPE0 } from "./_room.ts";

const OWN = "127.77.6.1";
const text = (value: string) => new TextEncoder().encode(value);

/** Waits for something that needs no time. */
async function until<T>(find: () => T | undefined): Promise<T> {
  for (let i = 0; i < 500; i++) {
    const found = find();
    if (found !== undefined && found !== false) return found;
    await delay(10);
  }
  throw new Error("did not happen");
}

class Bench implements AsyncDisposable {
  readonly simulator: Simulator;
  readonly listener: Listener;

  constructor(simulator: Simulator, listener: Listener) {
    this.simulator = simulator;
    this.listener = listener;
  }

  static async open(options: SimulatorOptions = {}): Promise<Bench> {
    const simulator = await Simulator.start({
      host: OWN,
      p2pPort: 0,
      p2p: { auth: "none" },
      ...options,
    });
    return new Bench(simulator, new Listener(await openDatagrams({ host: "127.77.6.250" })));
  }

  /** An open tunnel to a device. */
  async tunnel(device = 0): Promise<RawPeer> {
    const { serial } = this.simulator.devices[device]!;
    const { host, port } = this.simulator.ready.cloud!;
    const body = `<body>${TYPE0}</body>`;
    this.listener.send(ask(`/device/${serial}/p2p-channel`, { body }), { host, port });
    const answer = await until(() => this.listener.answers.find(({ code }) => code === 200));
    this.listener.answers.length = 0;
    const to = addressOf(answer.fields.PubAddr!);
    assert.equal(to.host, this.simulator.devices[device]!.host);
    this.listener.send(CHECK, to);
    const peer = new RawPeer((datagram) => this.listener.send(datagram, to));
    this.listener.onSegment = (bytes) => peer.input(bytes);
    peer.connect();
    await until(() => peer.segments.length > 0);
    peer.send(new Uint8Array(0));
    return peer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.listener.close();
    await this.simulator.close();
  }
}

/** What a port says to a request; until the text holds `wanted`. */
async function asked(peer: RawPeer, port: number, request: string, wanted: string) {
  const realm = port.toString(16).padStart(8, "0");
  peer.send(bind(realm, port));
  const messages = () => peer.messages().filter((message) => message[1] === port);
  assert.equal((await until(() => messages()[0]))[0], "CONN", `port ${port}`);
  peer.send(data(realm, text(request)));
  let all = "";
  await until(() => {
    for (const message of messages()) all += message[2];
    return all.includes(wanted) || undefined;
  });
  return all;
}

Deno.test("the ready line says how devices are reached by their serial numbers", async () => {
  await using bench = await Bench.open({ cloud: { username: "me", key: "mine" } });
  const { p2pPort, cloud } = bench.simulator.ready;
  assert.deepEqual(cloud, {
    host: OWN,
    port: p2pPort!,
    username: "me",
    key: "mine",
    dialect: "dh",
  });
  await using without = await Simulator.start();
  assert.deepEqual([without.ready.p2pPort, without.ready.cloud], [null, null]);
  assert.equal(without.stats().cloud, null);
});

Deno.test("a tunnel leads to RTSP, HTTP and DHIP by their usual ports and by their own", async () => {
  await using bench = await Bench.open({ host: "127.77.6.2", httpPort: 0, rtspPort: 0 });
  const peer = await bench.tunnel();
  const { httpPort, rtspPort, dhipPort } = bench.simulator.devices[0]!;
  const dhip = Uint8Array.fromHex(
    "20000000444849500000000001000000000000000000000000000000000000007b7d",
  );
  for (const port of [554, rtspPort!]) {
    await asked(peer, port, "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n", "RTSP/1.0 200");
  }
  for (const port of [80, httpPort!]) {
    await asked(peer, port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200");
  }
  for (const port of [37_777, 5000, dhipPort]) {
    peer.send(bind(port.toString(16).padStart(8, "0"), port));
    peer.send(data(port.toString(16).padStart(8, "0"), dhip));
  }
  await until(() => bench.simulator.stats().connections === 7 || undefined);
});

Deno.test("HTTPS is there when the device has it", async () => {
  await using bench = await Bench.open({ host: "127.77.6.3", httpsPort: 0 });
  const peer = await bench.tunnel();
  peer.send(bind("00000001", 443), bind("00000002", bench.simulator.devices[0]!.httpsPort!));
  const kinds: string[] = [];
  await until(() => {
    kinds.push(...peer.messages().map(([kind]) => kind));
    return kinds.length === 2 || undefined;
  });
  assert.deepEqual(kinds, ["CONN", "CONN"]);
  await using without = await Bench.open({ host: "127.77.6.4" });
  const other = await without.tunnel();
  other.send(bind("00000001", 443));
  assert.deepEqual(await until(() => other.messages()[0]), ["DISC", 1, ""]);
});

Deno.test("every device has a way of its own, and the counters are each one's", async () => {
  await using bench = await Bench.open({ host: "127.77.6.5", devices: 2 });
  const peer = await bench.tunnel(1);
  peer.send(bind("00000007", 7), data("00000007", text("there and back")));
  await until(() => peer.messages().find(([kind]) => kind === "DATA"));
  const { devices, p2p, cloud } = bench.simulator.stats();
  assert.deepEqual(devices.map((each) => each.p2p.tunnels), [0, 1]);
  assert.deepEqual([p2p.binds, p2p.bytesReceived, p2p.bytesSent, p2p.overruns], [1, 14, 14, 0]);
  assert.equal(cloud!.requests["p2p-channel 200"], 1);
});

Deno.test("after a restart a device has the same port and knows no tunnel", async () => {
  await using bench = await Bench.open({ host: "127.77.6.8" });
  const peer = await bench.tunnel();
  await bench.simulator.restart();
  assert.equal(bench.simulator.stats().p2p.openTunnels, 0);
  peer.segments.length = 0;
  peer.send(bind("00000007", 7));
  await delay(50);
  assert.deepEqual(peer.segments, []);
  const again = await bench.tunnel();
  again.send(bind("00000007", 7));
  await until(() => again.messages().find(([kind]) => kind === "CONN"));
});

Deno.test("the counters of tunnels are among those of the control interface", async () => {
  await using bench = await Bench.open({ host: "127.77.6.9", controlPort: 0 });
  await bench.tunnel();
  const stats = await (await fetch(new URL("/stats", bench.simulator.control))).json();
  assert.equal(stats.p2p.tunnels, 1);
  assert.equal(stats.cloud.requests["p2p-channel 100"], 1);
});

Deno.test("a port of the cloud that is taken is named, and options out of range are refused", async () => {
  await using bench = await Bench.open({ host: "127.77.6.10" });
  const { p2pPort } = bench.simulator.ready;
  await assert.rejects(Simulator.start({ host: "127.77.6.10", p2pPort: p2pPort! }), {
    code: "DHIP_UNREACHABLE",
    message: `Cannot listen on 127.77.6.10:${p2pPort}: the port is in use`,
  });
  await assert.rejects(Simulator.start({ p2pPort: 65_536 }), RangeError);
  await assert.rejects(Simulator.start({ p2pPort: 0, cloud: { leaseSeconds: 0 } }), RangeError);
  await assert.rejects(Simulator.start({ p2p: { auth: "else" as "none" } }), RangeError);
});

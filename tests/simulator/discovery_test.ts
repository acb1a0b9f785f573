/** Discovery: what a simulated device answers on its UDP port, with a socket of our own. */

import assert from "node:assert/strict";
import { Simulator, type SimulatorOptions } from "../../lib/simulator/mod.ts";

/** The probe of the protocol reference, byte by byte. */
const PROBE = Uint8Array.fromHex(
  "200000004448495000000000000000003a000000000000003a00000000000000" +
    "7b226d6574686f64223a224448446973636f7665722e736561726368222c22706172616d73223a7b226d6163223a22222c22756e69223a317d7d",
);

/** That of the vendor's tool: spaces and a line feed. */
const SPACED = Uint8Array.fromHex(
  "2000000044484950000000000000000049000000000000004900000000000000" +
    "7b20226d6574686f6422203a20224448446973636f7665722e736561726368222c2022706172616d7322203a207b20226d616322203a2022222c2022756e6922203a2031207d207d0a",
);

const GROUP = "239.255.255.251";

interface Heard {
  from: string;
  header: Uint8Array;
  text: string;
  mac: unknown;
  info: Record<string, unknown>;
}

/** A client that sends datagrams and collects what comes back. */
class Prober implements Disposable {
  readonly #socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  send(bytes: Uint8Array, hostname: string): Promise<number> {
    return this.#socket.send(bytes, { transport: "udp", hostname, port: this.#port });
  }

  /** The next answer. */
  async next(): Promise<Heard> {
    const [bytes, from] = await this.#socket.receive();
    const text = new TextDecoder().decode(bytes.subarray(32));
    const json = JSON.parse(text.replace(/\0+$/, ""));
    assert.equal(json.method, "client.notifyDevInfo");
    const { deviceInfo } = json.params;
    return {
      from: (from as Deno.NetAddr).hostname,
      header: bytes.slice(0, 32),
      text,
      mac: json.mac,
      info: deviceInfo,
    };
  }

  async ask(hostname: string, bytes = PROBE): Promise<Heard> {
    await this.send(bytes, hostname);
    return await this.next();
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}

async function withDevices(
  options: SimulatorOptions,
  test: (simulator: Simulator, prober: Prober) => Promise<void>,
): Promise<void> {
  await using simulator = await Simulator.start({
    host: "127.78.1.1",
    discoveryPort: 0,
    ...options,
  });
  using prober = new Prober(simulator.ready.discoveryPort!);
  await test(simulator, prober);
}

Deno.test("a device answers a probe to its address with what it is", () =>
  withDevices({ httpPort: 0, channels: 4, name: "Вход" }, async (simulator, prober) => {
    const { from, header, text, mac, info } = await prober.ask("127.78.1.1");
    const size = new TextEncoder().encode(text).length;
    const expected = new Uint8Array(PROBE.subarray(0, 32));
    const view = new DataView(expected.buffer);
    view.setUint32(16, size, true);
    view.setUint32(24, size, true);
    assert.deepEqual(header, expected);
    assert.match(text, /}\n$/);
    assert.equal(from, "127.78.1.1");
    assert.match(String(mac), /^02(:[0-9a-f]{2}){5}$/);
    assert.equal(info.mac, undefined);
    assert.deepEqual(
      [info.SerialNo, info.DeviceClass, info.MachineName, info.Init, info.VideoInputChannels],
      [simulator.devices[0]!.serial, "IPC", "Вход", 14, 4],
    );
    assert.equal(info.HttpPort, simulator.httpPort);
    assert.equal(info.HttpsPort, undefined);
    assert.deepEqual(info.IPv4Address, {
      DefaultGateway: "192.168.1.1",
      DhcpEnable: false,
      IPAddress: "127.78.1.1",
      SubnetMask: "255.255.255.0",
    });
    assert.equal((await prober.ask("127.78.1.1", SPACED)).mac, mac);
    const { probes, replies, unreadable, otherMethods } = simulator.stats().discovery;
    assert.deepEqual([probes, replies, unreadable, otherMethods], [2, 2, 0, {}]);
  }));

Deno.test("the group is answered by all devices, each from its own address", () =>
  withDevices({ devices: 3 }, async (simulator, prober) => {
    await prober.send(PROBE, GROUP);
    const heard = [await prober.next(), await prober.next(), await prober.next()];
    const found = heard.map(({ from, info }) => `${from} ${info.SerialNo}`).sort();
    assert.deepEqual(
      found,
      simulator.devices.map(({ host, serial }) => `${host} ${serial}`).sort(),
    );
    assert.equal(new Set(heard.map(({ mac }) => mac)).size, 3);
    assert.equal((await prober.ask("127.78.1.2")).from, "127.78.1.2");
  }));

Deno.test("only a search with the whole header is answered; what else comes is counted", () =>
  withDevices({}, async (simulator, prober) => {
    const other = PROBE.slice();
    other.set(new TextEncoder().encode("config"), 54); // DHDiscover.search -> DHDiscover.config
    const wrongMagic = PROBE.slice();
    wrongMagic[4] = 0x50;
    const wrongLength = PROBE.slice();
    wrongLength[16] = 0x39;
    for (
      const bytes of [
        PROBE.subarray(32), // bare JSON
        PROBE.subarray(0, 32),
        PROBE.subarray(0, 60),
        new Uint8Array(0),
        wrongMagic,
        wrongLength,
        other,
        other,
      ]
    ) await prober.send(bytes, "127.78.1.1");
    await prober.ask("127.78.1.1"); // datagrams keep their order on loopback
    const { probes, replies, unreadable, otherMethods } = simulator.stats().discovery;
    assert.deepEqual([probes, replies, unreadable], [1, 1, 6]);
    assert.deepEqual(otherMethods, { "DHDiscover.config": 2 });
  }));

Deno.test("a device that is not initialised says so; one that is off says nothing", () =>
  withDevices({ devices: [{ initialised: false, type: "VTO2311R" }, {}] }, async (it, prober) => {
    const { info } = await prober.ask("127.78.1.1");
    assert.deepEqual([info.Init, info.DeviceClass], [13, "VTO"]);
    const restarted = it.restart({ device: 0, downtime: 100 });
    await prober.send(PROBE, GROUP);
    assert.equal((await prober.next()).from, "127.78.1.2");
    await restarted;
    assert.equal((await prober.ask("127.78.1.1")).from, "127.78.1.1");
    assert.equal(it.stats().devices[0]!.discovery.replies, 2);
  }));

Deno.test("answers may come twice, late, on a later probe, and in other forms", () =>
  withDevices({}, async (simulator, prober) => {
    const to = "127.78.1.1";
    simulator.fault("odd-discovery");
    const first = await prober.ask(to);
    assert.equal((await prober.next()).text, first.text);
    simulator.fault("odd-discovery", { copies: 1, nul: true, mac: "inside", "no-address": true });
    const odd = await prober.ask(to);
    assert.match(odd.text, /\n\0\0$/);
    assert.deepEqual([odd.mac, odd.info.mac], [undefined, first.mac]);
    assert.equal(odd.info.IPv4Address, undefined);
    simulator.fault("odd-discovery", { copies: 1, mac: "empty", deaf: 1 });
    await prober.send(PROBE, to);
    assert.equal((await prober.ask(to)).mac, "");
    await prober.send(PROBE, to);
    assert.equal((await prober.ask(to)).mac, "");
    assert.equal(simulator.stats().discovery.replies, 2 + 1 + 2);
    simulator.fault("odd-discovery", { copies: 1, delay: 30, times: 1 });
    await prober.send(PROBE, to); // late
    const both = [await prober.ask(to), await prober.next()];
    assert.equal(both.length, 2);
    simulator.fault("odd-discovery", { delay: 60_000 });
    await prober.send(PROBE, to); // never sent: the simulator ends before
    simulator.clearFault("odd-discovery");
    await prober.ask(to);
  }));

Deno.test("a discovery port that is taken is an error that names it", async () => {
  await using one = await Simulator.start({ host: "127.78.2.1", discoveryPort: 0 });
  const discoveryPort = one.ready.discoveryPort!;
  await assert.rejects(Simulator.start({ host: "127.78.2.1", discoveryPort }), {
    code: "DHIP_UNREACHABLE",
    message: `Cannot listen on 127.78.2.1:${discoveryPort}: the port is in use`,
  });
  // Another simulator on other addresses shares the group.
  await using two = await Simulator.start({ host: "127.78.2.9", discoveryPort });
  assert.equal(two.ready.discoveryPort, discoveryPort);
  await assert.rejects(Simulator.start({ discoveryPort: 65_536 }), RangeError);
});

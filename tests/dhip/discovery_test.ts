/** The search for devices: whom it asks, what it sends, what it makes of the answers. */

import assert from "node:assert/strict";
import { discover, discoverAll, type DiscoverOptions } from "../../lib/dhip/discovery.ts";
import { DISCOVERY_PROBES, LEGACY_DISCOVERY_PROBE } from "../../lib/dhip/discovery_codec.ts";
import { discoveryTargets, type OwnNetwork } from "../../lib/dhip/discovery_targets.ts";
import { encodeMessage } from "../../lib/dhip/frame.ts";
import { DhipError } from "../../lib/errors.ts";
import { type Answering, FakeDatagrams } from "../support/fake_datagrams.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const NETWORKS: readonly OwnNetwork[] = [
  { name: "eth0", address: "192.168.1.5", netmask: "255.255.255.0" },
  { name: "eth1", address: "203.0.113.5", netmask: "255.255.255.0" },
];

const camera = (serial: string, more: object = {}) =>
  encodeMessage({ json: { params: { deviceInfo: { SerialNo: serial, ...more } } } });

/** Runs a search to its end on virtual time. */
async function search(options: DiscoverOptions, network = new FakeDatagrams()) {
  const clock = new VirtualClock();
  const found = discoverAll({ networks: NETWORKS, open: network.opener, clock, ...options });
  const report = await clock.settle(found);
  return { report, network, clock };
}

Deno.test("every interface is asked by multicast, in both spellings, several times", async () => {
  const { report, network, clock } = await search({});
  assert.deepEqual(report.interfaces, ["eth0", "eth1"]);
  const places = network.sent.map(({ via, to }) => `${via} ${to.host}:${to.port}`);
  const round = ["192.168.1.5", "203.0.113.5"].map((via) => `${via} 239.255.255.251:37810`);
  assert.deepEqual(places, [...round, ...round, ...round]);
  const probes = new Set(network.sent.map(({ bytes }) => bytes.toHex()));
  assert.deepEqual(probes, new Set(DISCOVERY_PROBES.map((probe) => probe.toHex())));
  assert.deepEqual(network.opened.map(({ multicast }) => multicast?.group), [
    "239.255.255.251",
    "239.255.255.251",
  ]);
  assert.equal(clock.now(), 3000);
  assert.deepEqual([network.open, clock.pending], [0, 0]);
});

Deno.test("only searches are ever sent, whatever is asked and answered", async () => {
  const hostile: Answering = ({ to }) => [
    [to.host, camera("S", { Init: 1 })],
    [to.host, encodeMessage({ json: { method: "DHDiscover.setConfig", params: {} } })],
    [to.host, new Uint8Array([1, 2, 3])],
  ];
  const allowed = new Set(
    [...DISCOVERY_PROBES, LEGACY_DISCOVERY_PROBE].map((probe) => probe.toHex()),
  );
  const all: DiscoverOptions[] = [
    {},
    { legacy: true },
    { targets: ["192.168.1.9", "[fe80::1]:5", "10.0.0.0/29"], legacy: true, probes: 5 },
  ];
  for (const options of all) {
    const { network } = await search(options, new FakeDatagrams(hostile));
    assert.ok(network.sent.length > 0);
    for (const { bytes } of network.sent) assert.ok(allowed.has(bytes.toHex()), bytes.toHex());
  }
});

Deno.test("hosts and subnets are asked directly, each once a round", async () => {
  const targets = ["192.168.1.8/30", "192.168.1.9", "cam.example.org:4000", "2001:db8::7"];
  const { report, network } = await search({ targets, probes: 1 });
  assert.equal(report.hosts, 4);
  assert.deepEqual(report.interfaces, []);
  assert.deepEqual(network.sent.map(({ via, to }) => [via, to.host, to.port]), [
    ["0.0.0.0", "192.168.1.9", 37810],
    ["0.0.0.0", "192.168.1.10", 37810],
    ["0.0.0.0", "cam.example.org", 4000],
    ["::", "2001:db8::7", 37810],
  ]);
});

Deno.test("an interface can be chosen by name or address", async () => {
  const one = await search({ interfaces: ["eth1"], probes: 1 });
  assert.deepEqual(one.network.sent.map(({ via }) => via), ["203.0.113.5"]);
  const direct = await search({ interfaces: ["192.168.1.5"], targets: ["10.1.1.1"], probes: 1 });
  assert.deepEqual(direct.network.sent.map(({ via }) => via), ["192.168.1.5"]);
  await assert.rejects(search({ interfaces: ["wlan7"] }), { name: "RangeError", message: /eth0/ });
});

Deno.test("a device is told of when it is first heard and merged with what it says later", async () => {
  const answering: Answering = ({ via }) =>
    via === "192.168.1.5"
      ? [["192.168.1.108", camera("A", { HttpPort: 80 })]]
      : [["192.168.1.108", camera("A", { Version: "2.8" })], ["203.0.113.9", camera("B")]];
  const network = new FakeDatagrams(answering);
  const clock = new VirtualClock();
  const searching = discover({ networks: NETWORKS, open: network.opener, clock });
  const first = [await searching.next(), await searching.next()].map(({ value }) => value);
  assert.equal(clock.now(), 0, "they are known long before the end");
  assert.deepEqual(
    first.map((device) => device !== undefined && "serial" in device && device.serial),
    ["A", "B"],
  );
  const last = await clock.settle(searching.next());
  assert.ok(last.done);
  const [a, b] = last.value.devices;
  assert.deepEqual([a!.httpPort, a!.version, b!.serial], [80, "2.8", "B"]);
  assert.equal(last.value.devices.length, 2);
});

Deno.test("the answer to the last probe of a large subnet is waited for", async () => {
  const answering: Answering = ({ to }) =>
    to.host === "10.0.15.254" ? [[to.host, camera("LAST")]] : [];
  const network = new FakeDatagrams(answering);
  const { report } = await search({ targets: ["10.0.0.0/20"], probes: 1, timeout: 100 }, network);
  assert.equal(report.hosts, 4094);
  assert.equal(report.devices[0]?.serial, "LAST");
});

Deno.test("a flood of answers is bounded, and what is no device is counted", async () => {
  let n = 0;
  const answering: Answering = () =>
    Array.from({ length: 50 }, () => [
      ["192.168.1.9", n++ % 2 === 0 ? camera(`S${n}`) : new Uint8Array(n)],
    ]).flat() as [string, Uint8Array][];
  const network = new FakeDatagrams(answering);
  const { report } = await search({ interfaces: ["eth0"], maxDevices: 10 }, network);
  assert.equal(report.devices.length, 10);
  assert.deepEqual([report.unreadable, report.dropped], [75, 65]);
});

Deno.test("old recorders are asked and heard only on request", async () => {
  const reply = new Uint8Array(120);
  reply.set([0xb3, 0x00]);
  reply.set([192, 168, 1, 20], 32 + 24);
  const answering: Answering = ({ to }) => to.port === 5050 ? [["192.168.1.20", reply]] : [];
  const silent = await search({ probes: 1 }, new FakeDatagrams(answering));
  assert.deepEqual(silent.report.devices, []);
  const { report, network } = await search(
    { legacy: true, probes: 1 },
    new FakeDatagrams(answering),
  );
  assert.equal(report.devices[0]?.ip, "192.168.1.20");
  const legacy = network.sent.filter(({ to }) => to.port === 5050);
  assert.deepEqual(legacy.map(({ via, to }) => [via, to.host]), [
    ["192.168.1.5", "255.255.255.255"],
    ["203.0.113.5", "255.255.255.255"],
  ]);
});

Deno.test("one interface that cannot send does not cost the others; none at all is an error", async () => {
  const refused = new DhipError("DHIP_UNREACHABLE", "Cannot open");
  const one = new FakeDatagrams(
    undefined,
    ({ host }) => host === "192.168.1.5" ? refused : undefined,
  );
  const { report } = await search({}, one);
  assert.deepEqual(report.interfaces, ["eth1"]);
  assert.deepEqual(report.problems, [refused]);
  const none = new FakeDatagrams(undefined, () => refused);
  await assert.rejects(search({}, none), refused);
  assert.equal(none.open, 0);
});

Deno.test("a search that is interrupted or abandoned closes its sockets", async () => {
  const network = new FakeDatagrams(() => [["192.168.1.9", camera("A")]]);
  const clock = new VirtualClock();
  const options = { networks: NETWORKS, open: network.opener, clock };
  const controller = new AbortController();
  const interrupted = discoverAll({ ...options, signal: controller.signal });
  await clock.advance(10);
  controller.abort();
  await assert.rejects(interrupted, { code: "DHIP_INTERRUPTED" });
  assert.equal(network.open, 0);
  for await (const device of discover(options)) {
    assert.equal(device.serial, "A");
    break;
  }
  assert.deepEqual([network.open, clock.pending], [0, 0]);
});

Deno.test("subnets are small and the caller's own", () => {
  const hosts = (...texts: string[]) => discoveryTargets(texts, NETWORKS).map(({ host }) => host);
  assert.deepEqual(hosts("192.168.1.77/30"), ["192.168.1.77", "192.168.1.78"]);
  assert.deepEqual(hosts("10.0.0.4/31"), ["10.0.0.4", "10.0.0.5"]);
  assert.deepEqual(hosts("10.0.0.4/32"), ["10.0.0.4"]);
  assert.equal(hosts("10.0.0.0/20").length, 4094);
  assert.equal(hosts("255.255.255.255").length, 1);
  assert.equal(hosts("203.0.113.0/28").length, 14, "public, but this host is in it");
  assert.deepEqual(hosts("8.8.8.8"), ["8.8.8.8"], "a single host may be anywhere");
  const wrong: [string[], ErrorConstructor][] = [
    [["10.0.0.0/19"], RangeError],
    [["0.0.0.0/0"], RangeError],
    [["10.0.0.0/20", "10.1.0.0/20"], RangeError],
    [["8.8.8.0/24"], RangeError],
    [["203.0.112.0/23"], RangeError],
    [["192.168.1.0/33"], SyntaxError],
    [["192.168.1.300/24"], SyntaxError],
    [["fe80::/64"], SyntaxError],
    [["192.168.1.0/"], SyntaxError],
    [["cam/24"], SyntaxError],
    [["a b"], SyntaxError],
  ];
  for (const [texts, type] of wrong) assert.throws(() => hosts(...texts), type, texts.join());
});

Deno.test("options out of range are refused", async () => {
  for (const options of [{ probes: 0 }, { timeout: 0 }, { maxDevices: 0 }]) {
    await assert.rejects(discoverAll(options), RangeError);
  }
});

import assert from "node:assert/strict";
import { Simulator } from "../../lib/simulator/mod.ts";
import { errorOf, RawClient } from "./_support.ts";

/** An address of this file's own: a port that is given up for a moment is not taken by others. */
const OWN = "127.77.0.1";

Deno.test("a device answers on a loopback port", async () => {
  await using simulator = await Simulator.start();
  using client = await RawClient.connect(simulator.dhipPort);
  assert.equal((await client.login()).result, true);
  const { sn } = await client.ask("magicBox.getSerialNo");
  assert.equal(sn, simulator.devices[0]!.serial);
  const { users } = await client.ask("userManager.getActiveUserInfoAll");
  assert.equal((users as Record<string, unknown>[])[0]!.ClientAddress, "127.0.0.1");
  assert.equal(simulator.stats().openConnections, 1);
});

Deno.test("what is printed when ready names the devices and no password", async () => {
  await using simulator = await Simulator.start({ devices: 2, user: "op", password: "hidden-9" });
  const { ready } = simulator;
  assert.equal(ready.user, "op");
  assert.equal(ready.controlPort, null);
  assert.equal(simulator.control, undefined);
  assert.deepEqual(ready.devices, simulator.devices);
  assert.equal(ready.dhipPort, ready.devices[0]!.dhipPort);
  assert.doesNotMatch(JSON.stringify(ready), /hidden/);
});

Deno.test("several devices have addresses, serial numbers and state of their own", async () => {
  await using simulator = await Simulator.start({ devices: 3 });
  const { devices } = simulator;
  assert.deepEqual(devices.map((device) => device.host), ["127.0.0.1", "127.0.0.2", "127.0.0.3"]);
  assert.equal(new Set(devices.map((device) => device.serial)).size, 3);
  assert.deepEqual(devices.map((device) => device.name), ["Camera-01", "Camera-02", "Camera-03"]);
  using first = await RawClient.connect(devices[0]!.dhipPort, devices[0]!.host);
  using third = await RawClient.connect(devices[2]!.dhipPort, devices[2]!.host);
  await first.login();
  await third.login();
  const table = { Enable: true };
  await first.ask("configManager.setConfig", { name: "NTP", table });
  assert.notDeepEqual((await third.ask("configManager.getConfig", { name: "NTP" })).table, table);
  assert.equal((await third.ask("magicBox.getSerialNo")).sn, devices[2]!.serial);
  await first.ask("eventManager.attach", { codes: ["All"] });
  await third.ask("eventManager.attach", { codes: ["All"] });
  assert.equal(simulator.event({ code: "X", device: 2 }), 1);
  assert.match(String((await third.next())!.json.method), /notifyEventStream/);
  simulator.fault("locked-account", { device: 1 });
  using second = await RawClient.connect(devices[1]!.dhipPort, devices[1]!.host);
  assert.equal(errorOf(await second.login()).code, 268632081);
  assert.equal((await first.login()).result, true);
  assert.equal(simulator.clearFault("locked-account"), true);
  assert.equal((await second.login()).result, true);
  assert.throws(() => simulator.fault("garbage", { device: 3 }), RangeError);
  const stats = simulator.stats();
  assert.equal(stats.logins, 4);
  assert.deepEqual(stats.devices.map((each) => each.logins), [2, 1, 1]);
});

Deno.test("devices can share a port number and differ in behaviour", async () => {
  await using one = await Simulator.start({ host: "127.0.0.9" });
  const dhipPort = one.dhipPort; // free on 127.0.0.9, so most likely on its neighbours
  await using simulator = await Simulator.start({
    host: "127.0.0.21",
    dhipPort,
    devices: [{ type: "VTO2311R" }, { encryption: "Basic", name: "Gate" }],
  });
  assert.deepEqual(simulator.devices.map((device) => device.dhipPort), [dhipPort, dhipPort]);
  assert.equal(simulator.devices[1]!.name, "Gate");
  using client = await RawClient.connect(dhipPort, "127.0.0.22");
  const { json } = await client.challenge();
  assert.equal((json.params as Record<string, string>).encryption, "Basic");
});

Deno.test("a restart kills connections and sessions and keeps the port", async () => {
  await using simulator = await Simulator.start({ host: OWN });
  const { dhipPort } = simulator;
  using before = await RawClient.connect(dhipPort, OWN);
  await before.login();
  await simulator.restart({ downtime: 20 });
  assert.equal(await before.next().catch(() => null), null);
  assert.equal(simulator.dhipPort, dhipPort);
  using after = await RawClient.connect(dhipPort, OWN);
  after.session = before.session;
  assert.equal(await after.refusal("magicBox.getSerialNo"), 287637505);
  assert.equal((await after.login()).result, true);
});

Deno.test("a device is not reachable while it is down", async () => {
  await using simulator = await Simulator.start({ host: OWN });
  const back = simulator.restart({ downtime: 100 });
  await assert.rejects(RawClient.connect(simulator.dhipPort, OWN), { code: "DHIP_UNREACHABLE" });
  await back;
  using client = await RawClient.connect(simulator.dhipPort, OWN);
  assert.equal((await client.login()).result, true);
});

Deno.test("magicBox.reboot answers, dies and comes back", async () => {
  await using simulator = await Simulator.start({ host: OWN, bootTime: 0 });
  using client = await RawClient.connect(simulator.dhipPort, OWN);
  await client.login();
  assert.equal((await client.call("magicBox.reboot", { delay: 1 })).json.result, true);
  assert.equal(await client.next().catch(() => null), null);
  for (;;) { // the port is back within moments, not in this very one
    try {
      using again = await RawClient.connect(simulator.dhipPort, OWN);
      assert.equal((await again.login()).result, true);
      break;
    } catch (error) {
      assert.equal((error as { code?: string }).code, "DHIP_UNREACHABLE");
    }
  }
});

Deno.test("magicBox.shutdown switches off until a restart", async () => {
  await using simulator = await Simulator.start({ host: OWN });
  using client = await RawClient.connect(simulator.dhipPort, OWN);
  await client.login();
  assert.equal((await client.call("magicBox.shutdown")).json.result, true);
  assert.equal(await client.next().catch(() => null), null);
  await assert.rejects(RawClient.connect(simulator.dhipPort, OWN), { code: "DHIP_UNREACHABLE" });
  await simulator.restart();
  using again = await RawClient.connect(simulator.dhipPort, OWN);
  assert.equal((await again.login()).result, true);
});

Deno.test("closing ends restarts, late replies and open connections", async () => {
  const simulator = await Simulator.start({ host: OWN, faults: ["late-reply:delay=100000"] });
  using client = await RawClient.connect(simulator.dhipPort, OWN);
  await client.send("global.login", { userName: "admin", password: "" });
  while (simulator.stats().calls["global.login"] !== 1) await new Promise((r) => setTimeout(r, 1));
  const restarts = [simulator.restart({ downtime: 100_000 }), simulator.restart({ downtime: 5 })];
  const close = simulator.close();
  await Promise.all([...restarts, close, simulator.close()]);
  await assert.rejects(RawClient.connect(simulator.dhipPort, OWN), { code: "DHIP_UNREACHABLE" });
});

Deno.test("faults can be given at the start, with options in their text", async () => {
  await using simulator = await Simulator.start({
    devices: 2,
    faults: ["fragments-a:size=20", { name: "stale-config", options: { times: 1, device: 1 } }],
  });
  assert.deepEqual(simulator.device(0).faults(), ["fragments-a"]);
  assert.deepEqual(simulator.device(1).faults(), ["fragments-a", "stale-config"]);
  await assert.rejects(Simulator.start({ faults: ["no-such"] }), /known: split-frames/);
  await assert.rejects(Simulator.start({ faults: ["garbage:times=many"] }), /times .* a number/);
});

Deno.test("one byte at a time and split frames work over sockets", async () => {
  await using simulator = await Simulator.start({ faults: ["one-byte"] });
  using client = await RawClient.connect(simulator.dhipPort);
  assert.equal((await client.login()).result, true);
  simulator.clearFault("one-byte");
  simulator.fault("split-frames");
  await client.ask("configManager.getConfig", { name: "All" });
});

Deno.test("a port that answers HTTP says so in full before it closes", async () => {
  await using simulator = await Simulator.start({ faults: ["http-answer"] });
  using client = await RawClient.connect(simulator.dhipPort);
  await client.send("global.login", {});
  await assert.rejects(client.next(), { code: "DHIP_WRONG_PROTOCOL", fault: "not_dhip_http" });
});

Deno.test("a port in use is named, and nothing stays open", async () => {
  await using simulator = await Simulator.start();
  await assert.rejects(
    Simulator.start({ dhipPort: simulator.dhipPort }),
    {
      code: "DHIP_UNREACHABLE",
      message: `Cannot listen on 127.0.0.1:${simulator.dhipPort}: the port is in use`,
    },
  );
});

Deno.test("impossible options are refused", async () => {
  await assert.rejects(Simulator.start({ devices: 0 }), RangeError);
  await assert.rejects(Simulator.start({ dhipPort: 70_000 }), RangeError);
  await assert.rejects(Simulator.start({ keepAliveInterval: 0 }), /keepAliveInterval/);
  await assert.rejects(Simulator.start({ seed: 1.5 }), RangeError);
  await assert.rejects(Simulator.start({ host: "127.255.255.254", devices: 2 }), RangeError);
});

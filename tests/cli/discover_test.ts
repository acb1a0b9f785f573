/** `dhip discover`, against something on the loopback interface that answers. */

import assert from "node:assert/strict";
import { DISCOVERY_PROBES } from "../../lib/dhip/discovery_codec.ts";
import { Simulator } from "../../lib/simulator/mod.ts";
import { deviceAnswer, type Responder, startResponder } from "../support/discovery_responder.ts";
import { dhip, privateHome } from "../support/cli_process.ts";
import { cli, type FakeSurroundings } from "./_support.ts";

const HOST = "127.77.0.81";
const IPC = deviceAnswer({
  SerialNo: "FAKE1",
  DeviceType: "IPC-TEST",
  DeviceClass: "IPC",
  MachineName: "Вход 1",
  Version: "2.8",
  Port: 37777,
  HttpPort: 8080,
  Init: 14,
  IPv4Address: { IPAddress: HOST },
}, "a0:bd:1d:00:00:01");
const NEW = deviceAnswer({
  SerialNo: "FAKE2",
  DeviceType: "IPC-NEW",
  MachineName: "info",
  Init: 1,
});

const search = (responder: Responder, args: readonly string[], around?: FakeSurroundings) =>
  cli(["discover", "--timeout", "300ms", "--port", String(responder.port), ...args], around);

Deno.test("discover prints what answers as JSON, NDJSON, CSV and a table", async () => {
  await using responder = await startResponder(HOST, [IPC, NEW]);
  const json = await search(responder, [HOST]);
  assert.deepEqual([json.code, json.err], [0, ""]);
  const [first, second] = JSON.parse(json.out);
  assert.deepEqual(
    [first.mac, first.serial, first.machineName, first.ip, first.httpPort, first.initialised],
    ["a0:bd:1d:00:00:01", "FAKE1", "Вход 1", HOST, 8080, true],
  );
  assert.deepEqual([second.serial, second.initialised, second.mac], ["FAKE2", false, null]);

  const lines = await search(responder, [`${HOST}/32`, "-o", "ndjson"]);
  assert.deepEqual(lines.out.trim().split("\n").map((line) => JSON.parse(line).serial), [
    "FAKE1",
    "FAKE2",
  ]);
  const csv = await search(responder, [HOST, "-o", "csv"]);
  assert.match(csv.out, /^ip,source,mac,serial,device_type,/);
  assert.match(csv.out, /127\.77\.0\.81,127\.77\.0\.81,a0:bd:1d:00:00:01,FAKE1,IPC-TEST,/);
  const table = await search(responder, [HOST, "-o", "table"]);
  assert.match(table.out, /^ADDRESS +MAC +MODEL +CLASS +SERIAL +VERSION +PORTS +NAME +STATE$/m);
  assert.match(table.out, /37777 8080 +Вход 1/);
  assert.match(table.out, /FAKE2.*not initialised$/m);
  assert.deepEqual(
    new Set(responder.heard),
    new Set(DISCOVERY_PROBES.map((probe) => probe.toHex())),
  );
});

Deno.test("NDJSON comes while the search goes on", async () => {
  await using responder = await startResponder(HOST, [IPC]);
  const interrupt = new AbortController();
  const { code, out } = await cli(
    ["discover", HOST, "--port", String(responder.port), "-o", "ndjson", "--timeout", "60"],
    { interrupt: interrupt.signal, onOutput: () => interrupt.abort() },
  );
  assert.deepEqual([code, JSON.parse(out).serial], [130, "FAKE1"]);
});

Deno.test("nobody there is an empty list, exit 0, and one line of what was tried", async () => {
  const closed = await startResponder(HOST, []);
  await closed[Symbol.asyncDispose]();
  const { code, out, err } = await search(closed, [HOST]);
  assert.deepEqual([code, out], [0, "[]\n"]);
  assert.match(err, /^Nobody answered: asked 1 host on UDP port \d+; .*\n$/);
  const group = await search(closed, ["--interface", "127.0.0.1"]);
  assert.deepEqual([group.code, group.out], [0, "[]\n"]);
  assert.match(group.err, /^Nobody answered: asked 239\.255\.255\.251 .* lo.*another subnet.*\n$/);
});

Deno.test("names and tags of the config file are hosts to ask", async () => {
  await using responder = await startResponder(HOST, [IPC]);
  const text = `[devices.front]\nhost = "${HOST}:5001"\ntags = ["hall"]\n`;
  const config = "/c/config.toml";
  const around = { env: { DHIP_CONFIG: config }, files: { [config]: { text, mode: 0o600 } } };
  for (const where of ["front", "@hall", `front,${HOST}`]) {
    const { out } = await search(responder, [where], around);
    assert.equal(JSON.parse(out)[0]?.serial, "FAKE1", where);
  }
});

Deno.test("--save adds what is new, with free names, tags, and no password", async () => {
  await using responder = await startResponder(HOST, [IPC, NEW]);
  await using home = await privateHome();
  const run = (...args: string[]) =>
    dhip(["discover", HOST, "--port", String(responder.port), "--timeout", "300ms", ...args], {
      env: home.env,
    });
  const first = await run("--save", "--tag", "new");
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stderr, /^Added Вход-1 \(127\.77\.0\.81\) to .*config\.toml$/m);
  assert.match(first.stderr, /^1 of 2 were in the config file already$/m, "one address, one entry");
  const path = `${home.path}/config/dhip/config.toml`;
  const text = await Deno.readTextFile(path);
  assert.match(text, /host = "127\.77\.0\.81"\nhttp_port = 8080\ntags = \[ "new" \]/);
  assert.doesNotMatch(text, /password/);
  const again = await run("--save");
  assert.match(again.stderr, /^2 of 2 were in the config file already$/m);
  assert.equal(await Deno.readTextFile(path), text);
});

Deno.test("a device whose name is a command is named by model and serial number", async () => {
  await using responder = await startResponder(HOST, [NEW]);
  const config = "/c/config.toml";
  const { written, code } = await search(responder, [HOST, "--save"], {
    env: { DHIP_CONFIG: config },
    files: { [config]: { text: "", mode: 0o600 } },
  });
  assert.equal(code, 0);
  const text = new TextDecoder().decode(written.get(config));
  assert.match(text, /^\[devices\.IPC-NEW-FAKE2\]$/m);
});

Deno.test("the simulator is found by address and by multicast, with one entry each", async () => {
  await using simulator = await Simulator.start({
    host: HOST,
    devices: 2,
    dhipPort: 0,
    httpPort: 0,
    discoveryPort: 0,
    faults: ["odd-discovery:copies=3,nul=true,mac=inside,device=1"],
  });
  const serials = simulator.devices.map(({ serial }) => serial).sort();
  const found = async (...args: string[]) => {
    const port = String(simulator.ready.discoveryPort);
    const line = ["discover", ...args, "--port", port, "--timeout", "600ms"];
    const { code, stdout, stderr } = await dhip(line);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as { serial: string; mac: string; httpPort: number }[];
  };
  for (const args of [["127.77.0.80/29"], ["--interface", "127.0.0.1"]]) {
    const devices = await found(...args);
    assert.deepEqual(devices.map(({ serial }) => serial).sort(), serials, args.join(" "));
    assert.ok(devices.every(({ mac }) => /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac)));
  }
  const { discovery, connections } = simulator.stats();
  assert.ok(discovery.probes >= 4, "several probes");
  assert.deepEqual([discovery.otherMethods, discovery.unreadable, connections], [{}, 0, 0]);
});

Deno.test("python-dhip's line works, and its host is ignored", async () => {
  // Without permission for the other networks, the loopback interface is all that is asked.
  const { code, stdout, stderr } = await dhip(["192.0.2.1", "discover", "--timeout", "0.2"]);
  assert.equal(code, 0, stderr);
  assert.ok(Array.isArray(JSON.parse(stdout)));
  assert.match(stderr, /^native form: dhip discover --timeout=0\.2$/m);
  const { translatePython } = await import("../../lib/cli/python_dhip.ts");
  const { Words } = await import("../../lib/cli/usage.ts");
  const argv = ["192.0.2.1", "-P", "secret", "-p", "5001", "discover", "--timeout", "2"];
  assert.deepEqual(translatePython(argv, new Words(argv)).argv, ["discover", "--timeout=2"]);
  const { pythonDiscoveryView } = await import("../../lib/cli/discovery/discovery_view.ts");
  const { readDiscoveryAnswer } = await import("../../lib/dhip/discovery_codec.ts");
  const [shown] = pythonDiscoveryView.json!([readDiscoveryAnswer(IPC, HOST)!]) as Record<
    string,
    unknown
  >[];
  assert.deepEqual([shown!.SerialNo, shown!.mac, shown!._source], [
    "FAKE1",
    "a0:bd:1d:00:00:01",
    HOST,
  ]);
});

Deno.test("wrong input of discover is exit 2", async () => {
  const lines = [["8.8.8.0/24"], ["10.0.0.0/8"], ["x/24"], ["--tag", "a"], ["--interface", "no0"]];
  for (const args of [...lines, ["--timeout", "0"], ["--port", "0"]]) {
    const { code, out } = await cli(["discover", ...args]);
    assert.deepEqual([code, out], [2, ""], args.join(" "));
  }
});

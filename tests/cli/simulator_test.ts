/** The command line against the simulator, over loopback. */

import assert from "node:assert/strict";
import { library } from "../../lib/cli/devices.ts";
import { DhipError } from "../../lib/errors.ts";
import { Simulator } from "../../lib/simulator/mod.ts";
import { cli, type FakeSurroundings, memoryState, type Ran } from "./_support.ts";

const PASSWORD = "k4n4ry pässword";

function run(argv: string[], around: FakeSurroundings = {}): Promise<Ran> {
  const state = () => Promise.resolve(memoryState());
  const env = { DHIP_PASSWORD: PASSWORD, NO_COLOR: "1" };
  return cli(argv, { env, library: { ...library, state }, ...around });
}

function start(options: Parameters<typeof Simulator.start>[0] = {}): Promise<Simulator> {
  return Simulator.start({ password: PASSWORD, ...options });
}

function address(simulator: Simulator, index = 0): string {
  const { host, dhipPort } = simulator.devices[index]!;
  return `${host}:${dhipPort}`;
}

Deno.test("info, services and call work over real sockets, with one login each", async () => {
  await using simulator = await start();
  const target = address(simulator);
  const info = await run(["info", target], { terminal: true });
  assert.match(info.out, /^Model +IPC-HFW5442E-ZE\n/);
  const services = await run(["services", target]);
  assert.ok(JSON.parse(services.out).includes("magicBox"));
  const methods = await run(["services", target, "magicBox"]);
  assert.ok(JSON.parse(methods.out).includes("magicBox.getSerialNo"));
  const call = await run(["call", target, "magicBox.getSerialNo"]);
  assert.match(JSON.parse(call.out).sn, /^SIM/);
  for (const { code, err } of [info, services, methods, call]) {
    assert.deepEqual([code, err], [0, ""]);
  }
  const { logins, logouts, sessionsOpen } = simulator.stats();
  assert.deepEqual({ logins, logouts, sessionsOpen }, { logins: 4, logouts: 4, sessionsOpen: 0 });
});

Deno.test("simulate with a cloud says how its devices are reached by serial number", async () => {
  const interrupt = new AbortController();
  const { code, out } = await run(["simulate", "--dhip-port", "0", "--p2p-port", "0"], {
    interrupt: interrupt.signal,
    onOutput: () => interrupt.abort(),
  });
  assert.equal(code, 0);
  const { p2pPort, cloud, devices } = JSON.parse(out);
  const { port, ...rest } = cloud;
  assert.equal(port, p2pPort);
  assert.deepEqual(rest, {
    host: "127.0.0.1",
    username: "exampleuser",
    key: "examplekey",
    dialect: "dh",
  });
  assert.match(devices[0].serial, /^SIM/);
});

Deno.test("several simulated devices give a row each", async () => {
  await using simulator = await start({ devices: 3 });
  const targets = [0, 1, 2].map((index) => address(simulator, index));
  const { code, out } = await run(["info", targets.join(","), "-o", "csv"]);
  assert.equal(code, 0);
  assert.deepEqual(
    out.trimEnd().split("\r\n").slice(1).map((row) => row.split(",")[0]),
    targets,
  );
  const some = await run(["info", targets[0]!, "127.0.0.1:1"]);
  assert.equal(some.code, 6);
});

Deno.test("a wrong password: exit 4, attempts left, one attempt", async () => {
  await using simulator = await start();
  const { code, err } = await run(["info", address(simulator), "-P", "wrong", "-q"], {
    terminal: true,
  });
  assert.equal(code, 4);
  assert.match(err, /^dhip: .*Login refused: .* \(4 attempts left/);
  assert.equal(err.trimEnd().split("\n").length, 2);
  assert.equal(simulator.stats().refusedLogins, 1);
});

Deno.test("documented exit codes come from real devices", async () => {
  await using simulator = await start();
  const target = address(simulator);
  assert.equal((await run(["call", target, "no.such"])).code, 5);
  assert.equal((await run(["info", "127.0.0.1:1"])).code, 3);
  simulator.fault("half-open", { scope: "all" });
  assert.equal((await run(["info", target, "--timeout", "100ms"])).code, 3);
});

Deno.test("Ctrl-C during a call to a device that answers late: logged out, exit 130", async () => {
  await using simulator = await start();
  simulator.fault("late-reply", { method: "magicBox.getSerialNo", delay: 60_000 });
  const interrupt = new AbortController();
  const running = run(["call", address(simulator), "magicBox.getSerialNo"], {
    interrupt: interrupt.signal,
  });
  while (simulator.stats().calls["magicBox.getSerialNo"] === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  interrupt.abort(new DhipError("DHIP_INTERRUPTED", "Interrupted"));
  assert.equal((await running).code, 130);
  const { logins, logouts } = simulator.stats();
  assert.deepEqual({ logins, logouts }, { logins: 1, logouts: 1 });
});

Deno.test("python-dhip's lines work over real sockets", async () => {
  await using simulator = await start();
  const { host, dhipPort } = simulator.devices[0]!;
  const line = [host, "-p", `${dhipPort}`, "-P", PASSWORD];
  const info = await run([...line, "info"]);
  assert.deepEqual(Object.keys(JSON.parse(info.out)), [
    "systemInfo",
    "softwareVersion",
    "vendor",
    "serial",
    "memory",
    "time",
  ]);
  assert.match(JSON.parse(info.out).time, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  const call = await run([...line, "call", "magicBox.getSerialNo"]);
  assert.equal(JSON.parse(call.out).result, true);
});

Deno.test("the password shows nowhere, also with -vv and with a wrong one", async () => {
  await using simulator = await start();
  const target = address(simulator);
  for (const password of [PASSWORD, "k4n4ry wrong"]) {
    for (const line of [["info", target], ["call", target, "no.such"], ["services", target]]) {
      const { out, err } = await run([...line, "-vv"], { env: { DHIP_PASSWORD: password } });
      assert.ok(!`${out}${err}`.includes("k4n4ry"), err);
    }
  }
});

Deno.test("simulate is a device for other command lines", async () => {
  const interrupt = new AbortController();
  const { promise: ready, resolve } = Promise.withResolvers<string>();
  const simulating = run(
    ["simulate", "--dhip-port=0", "--control-port=0", "--devices=2", "-P", PASSWORD],
    { interrupt: interrupt.signal, onOutput: resolve },
  );
  const line = await ready;
  assert.equal(line.split("\n").length, 2, "one line");
  assert.ok(!line.includes("k4n4ry"));
  const { devices: [first] } = JSON.parse(line);
  assert.equal((await run(["info", `${first.host}:${first.dhipPort}`])).code, 0);
  interrupt.abort();
  const { code, out, err } = await simulating;
  assert.deepEqual([code, out, err], [0, line, ""]);
});

Deno.test("simulate refuses faults that it does not know", async () => {
  const { code, err } = await run(["simulate", "--dhip-port=0", "--fault", "nonsense"]);
  assert.equal(code, 2);
  assert.match(JSON.parse(err).error.message, /nonsense/);
});

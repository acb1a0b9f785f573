/** `dhip doctor` against the simulator. */

import assert from "node:assert/strict";
import { Simulator } from "../../lib/simulator/mod.ts";
import { dhip, privateHome } from "../support/cli_process.ts";
import { cli } from "./_support.ts";

const PASSWORD = "cAnary-doctor-9";
const HOST = "127.77.0.83";

async function scene(faults: readonly string[] = []) {
  const home = await privateHome();
  const simulator = await Simulator.start({
    host: HOST,
    password: PASSWORD,
    dhipPort: 0,
    httpPort: 0,
    httpsPort: 0,
    faults,
  });
  const { httpPort, httpsPort } = simulator.devices[0]!;
  const ports = [
    `--dhip-port=${simulator.dhipPort}`,
    `--http-port=${httpPort}`,
    `--https-port=${httpsPort}`,
    "--rtsp-port=4",
    "--netsdk-port=5",
  ];
  return {
    home,
    simulator,
    async run(args: readonly string[], password = PASSWORD) {
      const env = { ...home.env, DHIP_PASSWORD: password };
      const ran = await dhip(["doctor", HOST, ...ports, "--timeout", "3", ...args], { env });
      for (const text of [ran.stdout, ran.stderr]) assert.ok(!text.includes(password), text);
      return ran;
    },
    async [Symbol.asyncDispose]() {
      await simulator[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

Deno.test("a healthy device: exit 0, a JSON list, one line of cause and of remedy in a table", async () => {
  await using place = await scene();
  const json = await place.run([]);
  assert.equal(json.code, 0, json.stderr);
  const findings = JSON.parse(json.stdout);
  assert.deepEqual(Object.keys(findings[0]), ["check", "status", "cause", "remedy", "data"]);
  assert.ok(findings.every(({ status }: { status: string }) => /^(ok|note)$/.test(status)));
  const table = await place.run(["-o", "table"]);
  assert.equal(table.code, 0, table.stderr);
  assert.match(table.stdout, /^ok {6}TCP \d+ speaks DHIP$/m);
  assert.match(table.stdout, /^note {4}Time synchronisation.*\n {8}-> dhip clock ntp TARGET/m);
  const { byService, sessionsOpen } = place.simulator.stats();
  assert.deepEqual([byService.dhip.logins, byService.cgi.logins, sessionsOpen], [2, 2, 0]);
});

Deno.test("a wrong password: exit 8, one refused login, and dhip's own latch the second time", async () => {
  await using place = await scene();
  const first = await place.run(["-o", "table"], "wrong-password-1");
  assert.equal(first.code, 8);
  assert.match(first.stdout, /^PROBLEM .*4 attempts left\n {8}-> Check user and password/m);
  assert.match(first.stderr, /^dhip: .*The doctor found 1 problem\nhint: /);
  const second = await place.run([], "wrong-password-1");
  assert.equal(second.code, 8);
  const login = JSON.parse(second.stdout).findLast(({ check }: { check: string }) =>
    check === "login"
  );
  assert.equal(login.data.code, "DHIP_AUTH_GUARDED");
  assert.ok(Math.abs(Date.parse(login.data.since) - Date.now()) < 600_000);
  assert.equal(JSON.parse(second.stderr).error.code, "DHIP_CHECK_FAILED");
  assert.equal(place.simulator.stats().refusedLogins, 1);
});

Deno.test("a warning is no failure", async () => {
  await using place = await scene(["clock-jump:ms=500000"]);
  const { code, stdout } = await place.run(["-o", "csv"]);
  assert.equal(code, 0);
  assert.match(stdout, /^check,status,cause,remedy\r?\n/);
  assert.match(stdout, /^clock,warning,/m);
});

Deno.test("several targets have a result each", async () => {
  await using place = await scene();
  const { code, stdout } = await place.run([`-t`, "127.77.0.84", "--no-login"]);
  assert.equal(code, 8);
  const [here, nowhere] = JSON.parse(stdout);
  assert.deepEqual([here.target, here.error], [HOST, undefined]);
  assert.equal(nowhere.error.code, "DHIP_CHECK_FAILED");
  assert.deepEqual(nowhere.result.map(({ check }: { check: string }) => check), ["reach"]);
  assert.equal(place.simulator.stats().logins, 0);
});

Deno.test("--bundle writes a file that can be posted", async () => {
  await using place = await scene();
  const file = `${place.home.path}/doctor.json`;
  const { code, stderr } = await place.run(["--bundle", file]);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /doctor\.json\. Findings, versions .*blotted out/);
  const text = await Deno.readTextFile(file);
  const { serial, name } = place.simulator.devices[0]!;
  for (const word of [PASSWORD, serial, name, HOST]) assert.ok(!text.includes(word), word);
  const bundle = JSON.parse(text);
  assert.deepEqual([bundle.format, bundle.target], ["dhip-doctor-1", null]);
  assert.ok(bundle.tables.Encode.length > 0);
  await place.run(["--bundle", file, "--include-identity"]);
  const known = await Deno.readTextFile(file);
  assert.ok(known.includes(serial) && known.includes(HOST) && !known.includes(PASSWORD));
});

Deno.test("wrong input of doctor is exit 2", async () => {
  const lines = [
    [],
    ["h", "--include-identity"],
    ["h,i", "--bundle", "one.json", "--no-login"],
    ["h,i", "--insecure", "--no-login"],
    ["h", "--rtsp-port", "0"],
  ];
  for (const args of lines) {
    const { code, out } = await cli(["doctor", ...args]);
    assert.deepEqual([code, out], [2, ""], args.join(" "));
  }
  const { code, err } = await cli(["doctor", "192.0.2.7"]);
  assert.equal(code, 2);
  assert.match(err, /DHIP_NO_PASSWORD/);
});

/** Promise 1: few logins. */

import assert from "node:assert/strict";
import { Simulator } from "../../lib/simulator/mod.ts";
import { dhip, privateHome } from "../support/cli_process.ts";

const PASSWORD = "right-one";

Deno.test("one command logs in once and logs out", async () => {
  await using simulator = await Simulator.start({ password: PASSWORD });
  await using home = await privateHome();
  const target = `127.0.0.1:${simulator.dhipPort}`;
  const env = { ...home.env, DHIP_PASSWORD: PASSWORD };
  const commands = [
    ["info", target],
    ["services", target],
    ["call", target, "magicBox.getSerialNo"],
    [target, "-m", "magicBox.getSerialNo"],
  ];
  for (const [index, args] of commands.entries()) {
    // python-dhip's form has no environment password.
    const all = index === 3 ? [...args, "-P", PASSWORD] : args;
    const { code, stderr } = await dhip(all, { env });
    assert.equal(code, 0, stderr);
    const { logins, logouts, sessionsOpen, refusedLogins } = simulator.stats();
    const seen = { logins, logouts, sessionsOpen, refusedLogins };
    assert.deepEqual(seen, {
      logins: index + 1,
      logouts: index + 1,
      sessionsOpen: 0,
      refusedLogins: 0,
    });
  }
});

Deno.test("a wrong password is sent once, explained, and ends with 4", async () => {
  await using simulator = await Simulator.start({ password: PASSWORD });
  await using home = await privateHome();
  const target = `127.0.0.1:${simulator.dhipPort}`;
  // The same device twice: the second one must not cost another attempt.
  const { code, stdout, stderr } = await dhip(["info", `${target},${target}`], {
    env: { ...home.env, DHIP_PASSWORD: "wrong-one" },
  });
  assert.equal(code, 4);
  assert.equal(simulator.stats().refusedLogins, 1);
  const told = `${stdout}${stderr}`;
  assert.match(told, /DHIP_AUTH_REFUSED/);
  assert.match(told, /"attemptsLeft": ?4/);
});

Deno.test("a wrong password in table mode is one line of cause and one of remedy", async () => {
  await using simulator = await Simulator.start({ password: PASSWORD });
  await using home = await privateHome();
  const { code, stdout, stderr } = await dhip(
    ["info", `127.0.0.1:${simulator.dhipPort}`, "-o", "table"],
    { env: { ...home.env, DHIP_PASSWORD: "wrong-one" } },
  );
  assert.equal(code, 4);
  assert.equal(stdout, "");
  const lines = stderr.trimEnd().split("\n");
  assert.equal(lines.length, 2, stderr);
  assert.match(lines[0]!, /^dhip: 127\.0\.0\.1:\d+: Login refused: .*4 attempts left/);
  assert.match(lines[1]!, /^hint: /);
});

Deno.test("a locked account tells how long and gets no password", async () => {
  await using simulator = await Simulator.start({ password: PASSWORD });
  await using home = await privateHome();
  simulator.fault("locked-account", { seconds: 280 });
  const { code, stderr } = await dhip(
    ["info", `127.0.0.1:${simulator.dhipPort}`, "-o", "table"],
    { env: { ...home.env, DHIP_PASSWORD: PASSWORD } },
  );
  assert.equal(code, 4);
  assert.match(stderr, /locked/);
  assert.match(stderr, /2(7\d|80) s|4 min/);
});

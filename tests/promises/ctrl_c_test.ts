/** Promise 6: Ctrl-C logs out and ends; a second one ends at once. */

import assert from "node:assert/strict";
import { Simulator } from "../../lib/simulator/mod.ts";
import { privateHome, startDhip } from "../support/cli_process.ts";

const PASSWORD = "right-one";

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

Deno.test("Ctrl-C during a call logs out and ends with 130", async () => {
  await using home = await privateHome();
  await using simulator = await Simulator.start({ password: PASSWORD });
  simulator.fault("late-reply", { method: "magicBox.getVendor", delay: 600_000 });
  const child = startDhip(
    ["call", `127.0.0.1:${simulator.dhipPort}`, "magicBox.getVendor", "--timeout", "10m"],
    { env: { ...home.env, DHIP_PASSWORD: PASSWORD } },
  );
  const output = child.output();
  await until(() => simulator.stats().calls["magicBox.getVendor"] === 1);
  child.kill("SIGINT");
  const { code } = await output;
  assert.equal(code, 130);
  const { logins, logouts, sessionsOpen } = simulator.stats();
  assert.deepEqual({ logins, logouts, sessionsOpen }, { logins: 1, logouts: 1, sessionsOpen: 0 });
});

Deno.test("Ctrl-C ends a command whose device no longer answers", async () => {
  await using home = await privateHome();
  await using simulator = await Simulator.start({ password: PASSWORD });
  simulator.fault("late-reply", { delay: 600_000, after: 2 });
  const child = startDhip(["info", `127.0.0.1:${simulator.dhipPort}`, "--timeout", "10m"], {
    env: { ...home.env, DHIP_PASSWORD: PASSWORD },
  });
  const output = child.output();
  await until(() => (simulator.stats().calls["magicBox.getVendor"] ?? 0) > 0);
  simulator.fault("half-open");
  child.kill("SIGINT");
  assert.equal((await output).code, 130);
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`simulate ends with 0 on ${signal}`, async () => {
    await using home = await privateHome();
    const child = startDhip(["simulate", "--dhip-port", "0", "--control-port", "0"], {
      env: home.env,
    });
    const reader = child.stdout.getReader();
    const { value } = await reader.read();
    const ready = JSON.parse(new TextDecoder().decode(value));
    assert.ok(ready.dhipPort > 0 && ready.controlPort > 0);
    child.kill(signal);
    await reader.cancel();
    await child.stderr.cancel();
    assert.equal((await child.status).code, 0);
  });
}

/** Promise 1, across processes: many jobs with an old password cost the camera one refused login. */

import assert from "node:assert/strict";
import { Simulator } from "../../lib/simulator/mod.ts";
import { type CliResult, dhip, privateHome, startDhip } from "../support/cli_process.ts";
import { scaled } from "../support/random.ts";

const PASSWORD = "right-one";
/** Processes at once: the twenty of the promise, and enough to race each other in a reduced run. */
const JOBS = Math.max(6, scaled(20));

/** All of them at once. */
function jobs(target: string, env: Record<string, string>): Promise<CliResult[]> {
  const line = ["call", target, "magicBox.getSerialNo"];
  return Promise.all(Array.from({ length: JOBS }, () => dhip(line, { env })));
}

function codes(results: readonly CliResult[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { code, stderr } of results) {
    const name = code === 0 ? "ok" : JSON.parse(stderr).error.code;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** Waits for something that a process brings about, as long as it runs. */
async function until(
  condition: () => boolean | Promise<boolean>,
  end: Promise<Deno.CommandOutput>,
): Promise<void> {
  let ended: Deno.CommandOutput | undefined;
  end.then((output) => ended = output);
  while (!await condition()) {
    if (ended !== undefined) assert.fail(new TextDecoder().decode(ended.stderr));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

Deno.test(`${JOBS} jobs with an old password cost one refused login, and no more until unlock`, async () => {
  await using home = await privateHome();
  await using simulator = await Simulator.start({ password: PASSWORD, sessionSlots: 64 });
  const target = `127.0.0.1:${simulator.dhipPort}`;
  const old = { ...home.env, DHIP_PASSWORD: "old-one" };
  const right = { ...home.env, DHIP_PASSWORD: PASSWORD };

  assert.deepEqual(codes(await jobs(target, old)), {
    DHIP_AUTH_REFUSED: 1,
    DHIP_AUTH_GUARDED: JOBS - 1,
  });
  assert.equal(simulator.stats().refusedLogins, 1);

  const { connections } = simulator.stats();
  assert.deepEqual(codes(await jobs(target, old)), { DHIP_AUTH_GUARDED: JOBS });
  assert.equal(simulator.stats().refusedLogins, 1, "and no more tomorrow");
  assert.equal(simulator.stats().connections, connections, "not even a connection");

  assert.deepEqual(codes(await jobs(target, right)), { ok: JOBS });
  assert.equal(simulator.stats().logins, JOBS);
  assert.equal(simulator.stats().refusedLogins, 1);

  const unlocked = await dhip(["unlock", target], { env: home.env });
  assert.equal(unlocked.code, 0, unlocked.stderr);
  const [forgotten] = JSON.parse(unlocked.stdout);
  assert.deepEqual([forgotten.target, forgotten.user], [target, "admin"]);
  assert.deepEqual(codes(await jobs(target, old)), {
    DHIP_AUTH_REFUSED: 1,
    DHIP_AUTH_GUARDED: JOBS - 1,
  });
  assert.equal(simulator.stats().refusedLogins, 2);

  const { logins, logouts, sessionsOpen } = simulator.stats();
  assert.deepEqual({ logins, logouts, sessionsOpen }, {
    logins: JOBS,
    logouts: JOBS,
    sessionsOpen: 0,
  });
});

Deno.test(`${JOBS} jobs with the right password and no memory all succeed`, async () => {
  await using home = await privateHome();
  await using simulator = await Simulator.start({ password: PASSWORD, sessionSlots: 64 });
  const env = { ...home.env, DHIP_PASSWORD: PASSWORD };
  assert.deepEqual(codes(await jobs(`127.0.0.1:${simulator.dhipPort}`, env)), { ok: JOBS });
  const { logins, refusedLogins } = simulator.stats();
  assert.deepEqual({ logins, refusedLogins }, { logins: JOBS, refusedLogins: 0 });
});

Deno.test("jobs that find the password changed since yesterday cost one refused login", async () => {
  await using home = await privateHome();
  await using before = await Simulator.start({ password: "old-one", sessionSlots: 64 });
  const target = `127.0.0.1:${before.dhipPort}`;
  const env = { ...home.env, DHIP_PASSWORD: "old-one" };
  assert.equal((await dhip(["info", target], { env })).code, 0);
  const port = before.dhipPort;
  await before[Symbol.asyncDispose]();
  await using after = await Simulator.start({ password: PASSWORD, dhipPort: port });
  assert.deepEqual(codes(await jobs(target, env)), {
    DHIP_AUTH_REFUSED: 1,
    DHIP_AUTH_GUARDED: JOBS - 1,
  });
  assert.equal(after.stats().refusedLogins, 1);
});

Deno.test("a run-wide password never reaches a device that has one of its own", async () => {
  await using home = await privateHome();
  await using simulators = new AsyncDisposableStack();
  let toml = "";
  const started: { simulator: Simulator; own: boolean }[] = [];
  for (let index = 0; index < 10; index++) {
    const own = index % 2 === 0;
    const password = own ? `own-${index}` : "run-wide";
    const simulator = simulators.use(await Simulator.start({ password }));
    started.push({ simulator, own });
    toml += `[devices.cam-${index}]\nhost = "127.0.0.1:${simulator.dhipPort}"\ntags = ["all"]\n`;
    if (own && index < 5) toml += `password = "${password}"\n`;
    else if (own) toml += `password_command = ["printf", "%s\\\\n", "${password}"]\n`;
  }
  await Deno.mkdir(`${home.path}/config/dhip`, { recursive: true });
  await Deno.writeTextFile(`${home.path}/config/dhip/config.toml`, toml, { mode: 0o600 });
  const { code, stdout, stderr } = await dhip(["devices", "test", "@all", "--password-stdin"], {
    env: home.env,
    stdin: "run-wide\n",
  });
  assert.equal(code, 0, stderr);
  assert.equal(JSON.parse(stdout).length, 10);
  for (const { simulator } of started) {
    const { logins, refusedLogins } = simulator.stats();
    assert.deepEqual({ logins, refusedLogins }, { logins: 1, refusedLogins: 0 });
  }
});

Deno.test("Ctrl-C ends a job that waits for another one's login", async () => {
  await using home = await privateHome();
  await using simulator = await Simulator.start({ password: PASSWORD });
  simulator.fault("late-reply", { delay: 600_000 });
  const target = `127.0.0.1:${simulator.dhipPort}`;
  const start = () =>
    startDhip(["info", target, "--timeout", "10m"], {
      env: { ...home.env, DHIP_PASSWORD: PASSWORD },
    });
  const first = start();
  const firstEnd = first.output();
  await until(() => simulator.stats().connections > 0, firstEnd);
  const second = start();
  const secondEnd = second.output();
  const waiting = async () => {
    const names = await Array.fromAsync(Deno.readDir(`${home.path}/state/dhip/logins`));
    return names.some(({ name }) => name.endsWith(".waiting"));
  };
  await until(waiting, secondEnd);
  second.kill("SIGINT");
  assert.equal((await secondEnd).code, 130);
  first.kill("SIGKILL");
  await firstEnd;
  simulator.clearFault("late-reply");
  assert.equal(simulator.stats().connections, 1, "the second one did not connect");
});

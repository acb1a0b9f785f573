/** Certificates: shown, remembered, refused when changed, accepted, forgotten. */

import assert from "node:assert/strict";
import { Simulator } from "../../lib/simulator/mod.ts";
import { type CliResult, dhip, privateHome } from "../support/cli_process.ts";

const PASSWORD = "right-one";
const HEX = /^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/;

Deno.test("a changed certificate is refused with both fingerprints until it is accepted", async () => {
  await using home = await privateHome();
  await using simulator = await Simulator.start({ password: PASSWORD, httpPort: 0, httpsPort: 0 });
  const target = `127.0.0.1:${simulator.httpsPort}`;
  const env = { ...home.env, DHIP_PASSWORD: PASSWORD };
  const trust = async (...options: string[]) => {
    const { code, stdout, stderr } = await dhip(["trust", target, ...options], { env: home.env });
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  };
  const call = (...options: string[]): Promise<CliResult> =>
    dhip(["call", target, "magicBox.getSerialNo", "--tls", ...options], { env });

  const first = await trust();
  assert.deepEqual([first.status, first.endpoint, first.remembered], [
    "unknown",
    target,
    undefined,
  ]);
  assert.match(first.shown, HEX);
  const login = await call();
  assert.equal(login.code, 0, login.stderr);
  assert.ok(login.stderr.includes(first.shown), "the first contact is told");
  assert.equal((await call()).stderr, "", "and only that one");
  assert.equal((await trust("--show")).status, "remembered");

  simulator.fault("new-certificate");
  const changed = await trust();
  assert.deepEqual([changed.status, changed.remembered], ["changed", first.shown]);
  assert.notEqual(changed.shown, first.shown);
  const refused = await call();
  assert.equal(refused.code, 4);
  const { error } = JSON.parse(refused.stderr);
  assert.equal(error.code, "DHIP_TLS_UNTRUSTED");
  assert.ok(error.message.includes(first.shown) && error.message.includes(changed.shown));
  assert.match(error.hint, /dhip trust/);
  const { logins } = simulator.stats();
  assert.equal((await call("--insecure")).code, 0);
  assert.equal(simulator.stats().logins, logins + 1);
  assert.equal((await call()).code, 4, "--insecure was for one run");

  assert.equal((await trust("--accept")).shown, changed.shown);
  assert.equal((await call()).code, 0);
  assert.equal((await trust("--forget")).status, "forgotten");
  assert.equal((await trust("--forget")).status, "unknown");
  assert.equal(simulator.stats().refusedLogins, 0);
});

Deno.test("trust sends no password, and says what is wrong with a port without TLS", async () => {
  await using home = await privateHome();
  await using simulator = await Simulator.start({ password: PASSWORD, httpPort: 0 });
  const run = (...args: string[]) => dhip(["trust", ...args], { env: home.env });
  assert.equal((await run(`127.0.0.1:${simulator.httpPort}`)).code, 3);
  assert.equal((await run("127.0.0.1:1")).code, 3);
  assert.equal((await run("127.0.0.1:1", "--forget")).code, 0, "forgetting contacts no device");
  assert.equal((await run("127.0.0.1", "--accept", "--forget")).code, 2);
  const several = await run(`127.0.0.1:1,127.0.0.1:${simulator.httpPort}`);
  assert.equal(several.code, 3);
  assert.equal(simulator.stats().logins, 0);
});

Deno.test("--insecure is for one device", async () => {
  await using home = await privateHome();
  const env = { ...home.env, DHIP_PASSWORD: PASSWORD };
  assert.equal((await dhip(["info", "127.0.0.1,127.0.0.2", "--insecure"], { env })).code, 2);
});

Deno.test("a password that was refused over DHIP is not tried over HTTP", async () => {
  await using home = await privateHome();
  await using simulator = await Simulator.start({ password: PASSWORD, httpPort: 0 });
  await Deno.mkdir(`${home.path}/config/dhip`, { recursive: true });
  await Deno.writeTextFile(
    `${home.path}/config/dhip/config.toml`,
    `[devices.cam]\nhost = "127.0.0.1"\ndhip_port = ${simulator.dhipPort}\n` +
      `http_port = ${simulator.httpPort}\n`,
  );
  const call = (password: string, ...options: string[]) =>
    dhip(["call", "cam", "magicBox.getSerialNo", ...options], {
      env: { ...home.env, DHIP_PASSWORD: password },
    });
  assert.equal((await call("old-one")).code, 4);
  const { connections } = simulator.stats();
  const { code, stderr } = await call("old-one", "--transport", "http");
  assert.deepEqual([code, JSON.parse(stderr).error.code], [4, "DHIP_AUTH_GUARDED"]);
  assert.equal(simulator.stats().connections, connections);
  assert.equal((await call(PASSWORD, "--transport", "http")).code, 0);
  assert.equal(simulator.stats().refusedLogins, 1);
});

const PASSWORDS = [
  Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join(""),
  "pässwörd ✓ пароль",
  "",
  "x".repeat(64),
];

Deno.test("any password logs in over every transport", async () => {
  for (const password of PASSWORDS) {
    await using home = await privateHome();
    await using simulator = await Simulator.start({ password, httpPort: 0, httpsPort: 0 });
    const { dhipPort, httpPort, httpsPort } = simulator;
    const ways = [
      [`127.0.0.1:${dhipPort}`, "--transport=dhip"],
      [`127.0.0.1:${httpPort}`, "--transport=http"],
      [`127.0.0.1:${httpsPort}`, "--tls"],
    ];
    for (const way of ways) {
      const { code, stderr } = await dhip(["call", ...way, "magicBox.getSerialNo"], {
        env: { ...home.env, DHIP_PASSWORD: password },
      });
      assert.equal(code, 0, `${way.join(" ")}: ${stderr}`);
    }
    assert.equal(simulator.stats().refusedLogins, 0);
  }
});

Deno.test("a certificate that cannot be kept is not accepted, and a damaged store trusts nothing", async () => {
  await using home = await privateHome();
  await using simulator = await Simulator.start({ password: PASSWORD, httpPort: 0, httpsPort: 0 });
  const target = `127.0.0.1:${simulator.httpsPort}`;
  await Deno.writeTextFile(`${home.path}/file`, "");
  const lost = await dhip(["trust", target, "--accept"], {
    env: { ...home.env, XDG_STATE_HOME: `${home.path}/file` },
  });
  assert.equal(lost.code, 1, lost.stderr);
  assert.match(lost.stderr, /DHIP_FILE/);
  const state = `${home.path}/own`;
  await Deno.mkdir(`${state}/dhip`, { recursive: true });
  await Deno.writeTextFile(`${state}/dhip/pins.json`, "{");
  const env = { ...home.env, XDG_STATE_HOME: state, DHIP_PASSWORD: PASSWORD };
  const refused = await dhip(["call", target, "magicBox.getSerialNo", "--tls"], { env });
  assert.equal(refused.code, 4, refused.stderr);
  assert.match(refused.stderr, /pins\.json, which remembers them, is damaged/);
  assert.equal(simulator.stats().logins, 0);
});

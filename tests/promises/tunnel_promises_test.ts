/** The promises, on the way by serial number: no secret byte, few refused passwords, clean ends. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Simulator, type SimulatorOptions } from "../../lib/simulator/mod.ts";
import { dhip, privateHome, startDhip } from "../support/cli_process.ts";

const PASSWORD = "cAnary-tunnel-7f3a/Ω";
const KEY = "cAnaryKey-51b2";
const HOST = "127.77.93.1";

async function scene(options: SimulatorOptions = {}) {
  const home = await privateHome();
  const simulator = await Simulator.start({
    host: HOST,
    dhipPort: 0,
    httpPort: 0,
    rtspPort: 0,
    p2pPort: 0,
    cloud: { key: KEY },
    password: PASSWORD,
    ...options,
  });
  const { cloud } = simulator.ready;
  const { serial } = simulator.devices[0]!;
  const env: Record<string, string> = {
    ...home.env,
    DHIP_PASSWORD: PASSWORD,
    DHIP_CLOUD_HOST: cloud!.host,
    DHIP_CLOUD_PORT: String(cloud!.port),
    DHIP_CLOUD_USER: cloud!.username,
    DHIP_CLOUD_KEY: KEY,
  };
  return {
    simulator,
    env,
    serial,
    target: `sn:${serial}`,
    folder: home.path,
    async [Symbol.asyncDispose]() {
      await simulator[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

/** What a careless log would show of a secret. */
function tracesOf(secret: string): string[] {
  const bytes = new TextEncoder().encode(secret);
  const digest = (name: string) => createHash(name).update(bytes).digest();
  return [
    secret,
    encodeURIComponent(secret),
    bytes.toBase64().replace(/=+$/, ""),
    bytes.toHex(),
    ...["md5", "sha1", "sha256"].flatMap((name) => [
      digest(name).toString("hex"),
      digest(name).toString("base64"),
    ]),
  ];
}

/** Names of what is secret in the messages of the cloud and of a tunnel. */
const NAMES =
  /X-WSSE|PasswordDigest|UsernameToken|DevAuth|<Nonce>|RandSalt|\/relay\/(?:start|unbind)/i;

function assertClean(text: string, what: string, secrets: readonly string[] = []): void {
  for (const trace of [PASSWORD, KEY].flatMap(tracesOf).concat(secrets)) {
    assert.ok(!text.includes(trace), `${what} shows ${trace}:\n${text}`);
  }
  assert.doesNotMatch(text, NAMES, what);
}

Deno.test("no password, key, digest, token, sign or payload shows by serial number, at -vv", async () => {
  for (const wrong of ["", "password", "key", "serial"]) {
    await using at = await scene(wrong === "password" ? { password: "another" } : {});
    const env = { ...at.env };
    if (wrong === "key") env.DHIP_CLOUD_USER = "somebodyelse";
    const target = wrong === "serial" ? "sn:NOSUCHDEVICE" : at.target;
    const lines = [
      ["info", target],
      ["info", target, "-o", "table", "--log-json"],
      ["doctor", target, "-o", "table"],
      ["snapshot", target, `${at.folder}/a.jpg`],
      ["tunnel", target, "-L", "0:80", "-L", "0:rtsp", "--exec", "true"],
      ["tunnel", target, "-L", "0:80", "--relay", "--exec", "true"],
    ];
    for (const line of lines) {
      const { stdout, stderr } = await dhip([...line, "-vv"], { env });
      assertClean(stdout + stderr, `${wrong} ${line.join(" ")}`);
    }
  }
});

Deno.test("no process carries a secret in its arguments while a tunnel is up", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  await using at = await scene();
  const exec = "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\000' ' '";
  const { code, stdout, stderr } = await dhip(
    ["tunnel", at.target, "-L", "0:554", "--exec", exec],
    { env: at.env },
  );
  assert.equal(code, 0, stderr);
  assert.ok(stdout.includes(`tunnel ${at.target}`), "the command itself is among the processes");
  for (const trace of [PASSWORD, KEY].flatMap(tracesOf)) assert.ok(!stdout.includes(trace), trace);
});

Deno.test("a wrong password is shown to a device once, however often cron runs, until unlock", async () => {
  await using at = await scene();
  const wrong = { ...at.env, DHIP_PASSWORD: "old-one" };
  const jobs = (env: Record<string, string>) =>
    Promise.all(Array.from({ length: 6 }, () => dhip(["info", at.target, "-o", "json"], { env })));
  const codes = async (env: Record<string, string>) =>
    (await jobs(env)).map(({ code, stderr }) =>
      code === 0 ? "ok" : JSON.parse(stderr.trim().split("\n").at(-1)!).error.code
    ).sort();
  const refused = () => at.simulator.stats().devices[0]!.p2p.refusedChannels;
  const guarded = Array(6).fill("DHIP_AUTH_GUARDED");
  assert.deepEqual(await codes(wrong), [...guarded.slice(1), "DHIP_AUTH_REFUSED"]);
  assert.equal(refused(), 1);
  assert.deepEqual(await codes(wrong), guarded);
  assert.equal(refused(), 1, "and no more tomorrow");
  assert.equal(at.simulator.stats().refusedLogins, 0);
  assert.deepEqual(await codes(at.env), Array(6).fill("ok"));
  const unlocked = await dhip(["unlock", at.target], { env: at.env });
  const [forgotten] = JSON.parse(unlocked.stdout);
  assert.deepEqual([forgotten.target, forgotten.user], [at.target, "admin"]);
  assert.deepEqual(await codes(wrong), [...guarded.slice(1), "DHIP_AUTH_REFUSED"]);
  assert.equal(refused(), 2);
});

for (const line of [["events"], ["tunnel", "-L", "0:554"], ["stream", "-", "--duration", "10m"]]) {
  const [name, ...rest] = line;
  const expected = name === "stream" ? 130 : 0;
  Deno.test(`Ctrl-C during ${name} by serial number ends with ${expected}, everything given back`, async () => {
    await using at = await scene();
    const child = startDhip([name!, at.target, ...rest], { env: at.env });
    const stderr = new Response(child.stderr).text();
    const reader = child.stdout.getReader();
    await reader.read(); // it is under way
    child.kill("SIGINT");
    while (!(await reader.read()).done);
    const { code } = await child.status;
    assert.equal(code, expected, await stderr);
    await stderr;
    const { cloud, sessionsOpen, devices } = at.simulator.stats();
    assert.deepEqual([cloud!.openRelays, sessionsOpen], [0, 0]);
    assert.equal(devices[0]!.p2p.openConnections, 0);
  });
}

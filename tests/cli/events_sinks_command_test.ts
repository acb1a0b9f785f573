/** `dhip events --exec` and `--post`, as processes against a simulated camera. */

import assert from "node:assert/strict";
import { Webhook } from "standardwebhooks";
import { Simulator } from "../../lib/simulator/mod.ts";
import { dhip, privateHome } from "../support/cli_process.ts";

const HOST = "127.77.21.1";
const PASSWORD = "sinks canary";
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

async function watched(args: string[], env: Record<string, string> = {}) {
  await using simulator = await Simulator.start({
    host: HOST,
    password: PASSWORD,
    eventsEvery: 50,
  });
  const home = await privateHome();
  const { dhipPort } = simulator.devices[0]!;
  const result = await dhip(["events", `${HOST}:${dhipPort}`, "-o", "ndjson", ...args], {
    env: { ...home.env, DHIP_PASSWORD: PASSWORD, ...env },
    cwd: home.path,
  });
  return { ...result, home };
}

Deno.test("--exec sees every record that is printed, and no password", {
  ignore: Deno.build.os === "windows",
}, async () => {
  const { code, stdout, stderr, home } = await watched([
    "--max-events",
    "5",
    "--exec",
    "cat >> seen; env >> environment",
  ]);
  await using _ = home;
  assert.equal(code, 0, stderr);
  assert.equal(await Deno.readTextFile(`${home.path}/seen`), stdout);
  assert.ok(!(await Deno.readTextFile(`${home.path}/environment`)).includes(PASSWORD));
});

Deno.test("--post delivers every record that is printed, signed; neither secret nor URL show", async () => {
  const bodies: string[] = [];
  const webhook = new Webhook(SECRET);
  const server = Deno.serve({ hostname: HOST, port: 0, onListen: () => {} }, async (request) => {
    const body = await request.text();
    webhook.verify(body, Object.fromEntries(request.headers));
    bodies.push(body);
    return new Response(null, { status: 204 });
  });
  const url = `http://${HOST}:${server.addr.port}/hook-canary`;
  const { code, stdout, stderr, home } = await watched(["--max-events", "5", "-vv"], {
    DHIP_POST_URL: url,
    DHIP_POST_SECRET: SECRET,
  });
  await using _ = home;
  await server.shutdown();
  assert.equal(code, 0, stderr);
  assert.deepEqual(bodies, stdout.trim().split("\n"));
  for (const secret of [SECRET, "hook-canary", PASSWORD]) assert.ok(!stderr.includes(secret));
});

Deno.test("a URL with a password, and a secret that is none, are usage errors", async () => {
  const { code, stderr, home } = await watched(["--post", "https://user:canary@example.org/"]);
  await using _ = home;
  assert.equal(code, 2);
  assert.ok(!stderr.includes("canary@"), stderr);
  const other = await watched(["--post", "https://example.org/"], {
    DHIP_POST_SECRET: "whsec_not base64!",
  });
  await using __ = other.home;
  assert.equal(other.code, 2, other.stderr);
  assert.ok(!other.stderr.includes("not base64!"));
});

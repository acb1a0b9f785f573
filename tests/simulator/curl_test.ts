/** curl, a client that is not ours, against the simulator's web server. */

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { type HttpAuth, Simulator, type SimulatorOptions } from "../../lib/simulator/mod.ts";
import { peerTest, temporaryFolder } from "../support/peers.ts";

const SCRIPT = "/cgi-bin/magicBox.cgi?action=getSerialNo";
const PASSWORD = 'ß:"\\ %41';

async function curl(args: string[], stdin = ""): Promise<string> {
  const child = new Deno.Command("curl", {
    args: ["--silent", "--show-error", "--globoff", "--max-time", "10", ...args],
    env: { LC_ALL: "C.UTF-8" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** `-u` from a file: the password is not for everybody's eyes, and no shell quotes it. */
function user(password: string): string {
  const quoted = `admin:${password}`.replace(/["\\]/g, "\\$&");
  return `user = "${quoted}"\n`;
}

async function withSimulator(
  options: SimulatorOptions,
  test: (simulator: Simulator, url: (path: string) => string) => Promise<void>,
): Promise<void> {
  await using simulator = await Simulator.start({ password: PASSWORD, httpPort: 0, ...options });
  await test(simulator, (path) => `http://127.0.0.1:${simulator.httpPort}${path}`);
}

const KINDS: HttpAuth[] = [
  "digest-md5",
  "digest-md5-sess",
  "digest-sha256",
  "digest-sha256-sess",
  "digest+basic",
];

for (const httpAuth of KINDS) {
  for (const httpQop of ["auth", "auth,auth-int", "none"] as const) {
    // curl leaves a -sess challenge without qop unanswered.
    if (httpQop === "none" && httpAuth.endsWith("-sess")) continue;
    peerTest(
      `curl passes ${httpAuth}, qop ${httpQop}`,
      ["curl"],
      () =>
        withSimulator({ httpAuth, httpQop }, async (simulator, url) => {
          const args = [
            "--config",
            "-",
            "--digest",
            url(SCRIPT),
            url("/cgi-bin/magicBox.cgi?action=getVendor&x=[1]"),
          ];
          const text = await curl(args, user(PASSWORD));
          assert.equal(text, `sn=${simulator.devices[0]!.serial}\r\nvendor=Dahua\r\n`);
          assert.equal(simulator.stats().refusedLogins, 0);
          assert.match(await curl(args, user("wrong")), /^Error/);
          assert.equal(simulator.stats().byService.cgi.refusedLogins, 2);
        }),
    );
  }
}

peerTest("curl passes Basic, alone and as its choice", ["curl"], async () => {
  for (const [httpAuth, how] of [["basic", "--basic"], ["digest+basic", "--anyauth"]] as const) {
    await withSimulator({ httpAuth }, async (simulator, url) => {
      const text = await curl(["--config", "-", how, url(SCRIPT)], user(PASSWORD));
      assert.equal(text, `sn=${simulator.devices[0]!.serial}\r\n`);
    });
  }
});

peerTest(
  "curl talks RPC2, with a form's content type and over TLS",
  ["curl"],
  () =>
    withSimulator({ httpsPort: 0, redirectToHttps: 301 }, async (simulator, url) => {
      const login = { method: "global.login", params: { userName: "admin", password: "" }, id: 1 };
      const args = ["--insecure", "--location", "--post301", "--data", JSON.stringify(login)];
      const answer = JSON.parse(await curl([...args, url("/RPC2_Login")]));
      assert.equal(answer.error.code, 268632079);
      assert.deepEqual(simulator.stats().httpStatus, { 200: 1, 301: 1 });
    }),
);

peerTest(
  "curl reads chunks, and asks leave before a long body",
  ["curl"],
  () =>
    withSimulator({ faults: ["chunked"] }, async (simulator, url) => {
      const args = ["--config", "-", "--digest", url(SCRIPT)];
      assert.match(await curl(args, user(PASSWORD)), /^sn=/);
      const long = JSON.stringify({ method: "x", id: 7, params: "x".repeat(2_000_000) });
      const reply = await curl(["--data-binary", "@-", url("/RPC2")], long);
      assert.equal(JSON.parse(reply).id, 7);
      assert.equal(simulator.stats().faults.chunked, 3);
    }),
);

peerTest(
  "curl listens to events, and its stream ends when the device restarts",
  ["curl"],
  () =>
    withSimulator({}, async (simulator, url) => {
      const target = url("/cgi-bin/eventManager.cgi?action=attach&codes=[VideoMotion]&heartbeat=1");
      const listening = curl(["--config", "-", "--digest", target], user(PASSWORD));
      const event = { code: "VideoMotion", action: "Start", data: { Id: [1] } } as const;
      while (simulator.event(event) === 0) await pause(20);
      await simulator.restart();
      const text = await listening;
      assert.match(
        text,
        /^--myboundary\r\nContent-Type: text\/plain\r\nContent-Length: \d+\r\n\r\n/,
      );
      assert.ok(
        text.includes('Code=VideoMotion;action=Start;index=0;data={\n   "Id" : [ 1 ]\n}\n'),
      );
    }),
);

peerTest("curl gets a picture, with Digest and with Basic", ["curl"], async () => {
  for (const [httpAuth, how] of [["digest-md5", "--digest"], ["basic", "--basic"]] as const) {
    await withSimulator({ httpAuth, snapshotSize: "64x64" }, async (_, url) => {
      await using folder = await temporaryFolder();
      const file = `${folder.path}/a.jpg`;
      const args = ["--config", "-", how, "--fail", "--output", file];
      await curl([...args, url("/cgi-bin/snapshot.cgi?channel=1")], user(PASSWORD));
      const bytes = await Deno.readFile(file);
      assert.deepEqual([...bytes.subarray(0, 2), ...bytes.subarray(-2)], [0xff, 0xd8, 0xff, 0xd9]);
    });
  }
});

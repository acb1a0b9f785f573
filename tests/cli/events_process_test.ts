/** `dhip events` as a process: Ctrl-C, a reader that leaves, python-dhip's line. */

import assert from "node:assert/strict";
import { Simulator } from "../../lib/simulator/mod.ts";
import { dhip, privateHome, startDhip } from "../support/cli_process.ts";

const HOST = "127.77.25.1";
const PASSWORD = "process secret";

Deno.test("Ctrl-C ends it with 0, with whole lines, and logged out", async () => {
  await using simulator = await Simulator.start({ host: HOST, password: PASSWORD, httpPort: 0 });
  const { dhipPort, httpPort } = simulator.devices[0]!;
  await using home = await privateHome();
  for (const via of ["dhip", "cgi", "rpc"]) {
    const ports = via === "rpc" ? [] : ["--dhip-port", `${dhipPort}`];
    const argv = ["events", HOST, ...ports, "--http-port", `${httpPort}`, "--via", via];
    const child = startDhip(argv, { env: { ...home.env, DHIP_PASSWORD: PASSWORD } });
    let out = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream() as never)) {
      out += text;
      if (out.includes('"connected"') && !out.includes("VideoMotion")) {
        simulator.event({ code: "VideoMotion", action: "Start" });
      }
      if (out.includes("VideoMotion")) child.kill("SIGINT");
    }
    const { code } = await child.status;
    await child.stderr.cancel();
    assert.equal(code, 0, via);
    const records = out.trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(records.map((record) => record.code), ["_state", "VideoMotion"]);
    assert.equal(records[0].transport, via);
    assert.equal(simulator.stats().sessionsOpen, 0, via);
  }
});

Deno.test("a refused login is exit code 4, an unreachable device without reconnecting 3", async () => {
  await using simulator = await Simulator.start({ host: HOST, password: PASSWORD });
  const target = `${HOST}:${simulator.dhipPort}`;
  await using home = await privateHome();
  const run = (host: string, ...more: string[]) =>
    dhip(["events", host, ...more], { env: { ...home.env, DHIP_PASSWORD: "wrong" } });
  const refused = await run(target);
  assert.equal(refused.code, 4);
  assert.equal(JSON.parse(refused.stdout).state, "failed");
  assert.ok(!`${refused.stdout}${refused.stderr}`.includes('wrong"'));
  assert.equal((await run(`${HOST}:1`, "--no-reconnect")).code, 3);
  assert.equal((await run(`${HOST}:1`, "--until", "300ms")).code, 0, "it waits for the device");
});

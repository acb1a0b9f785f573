/** Many jobs on one device with few session slots. */

import assert from "node:assert/strict";
import { inspectJpeg } from "../../lib/media/jpeg.ts";
import { Simulator } from "../../lib/simulator/mod.ts";
import { dhip, privateHome } from "../support/cli_process.ts";
import { scaled } from "../support/random.ts";

const PASSWORD = "right-one";
/** 200 jobs, 20 at once, 10 slots; the reduced run has fewer of each, and slots are short as well. */
const JOBS = Math.max(12, scaled(200));
const AT_ONCE = Math.min(20, JOBS);
const SLOTS = JOBS >= 200 ? 10 : 2;

Deno.test(`${JOBS} jobs, ${AT_ONCE} at once, on a device with ${SLOTS} session slots all get their picture`, async () => {
  await using home = await privateHome();
  await using simulator = await Simulator.start({
    password: PASSWORD,
    httpPort: 0,
    sessionSlots: SLOTS,
  });
  const { host, dhipPort, httpPort } = simulator.devices[0]!;
  const env = { ...home.env, DHIP_PASSWORD: PASSWORD };
  const folder = `${home.path}/pictures`;
  const line = ["snapshot", `${host}:${dhipPort}`, "--http-port", `${httpPort}`, "--deadline=120"];
  const failed: string[] = [];
  const queue = Array(JOBS).keys();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const job of queue) {
      const via = job % 2 === 0 ? "cgi" : "rpc";
      const { code, stderr } = await dhip([...line, "--via", via, `${folder}/${job}.jpg`], { env });
      if (code !== 0) failed.push(`${job} ${via}: ${code} ${stderr}`);
    }
  }));
  assert.deepEqual(failed, []);
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  assert.equal(names.length, JOBS, "as many files as jobs, and no unfinished one");
  for (const name of names) {
    assert.equal(inspectJpeg(await Deno.readFile(`${folder}/${name}`)).kind, "complete", name);
  }
  const { sessionsOpen, calls } = simulator.stats();
  assert.equal(sessionsOpen, 0, "every session was logged out");
  assert.equal(calls["snapManager.detachFileProc"], JOBS / 2, "every attachment was let go");
  // Nothing is locked: a login still works at once.
  const after = await dhip(["info", `${host}:${dhipPort}`], { env });
  assert.equal(after.code, 0, after.stderr);
});

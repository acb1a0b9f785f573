/** `snapshot [OUT] --channel N` of python-dhip, unchanged. */

import assert from "node:assert/strict";
import { inspectJpeg } from "../../lib/media/jpeg.ts";
import { Simulator } from "../../lib/simulator/mod.ts";
import { dhip, privateHome } from "../support/cli_process.ts";

const PASSWORD = "right-one";

Deno.test("python-dhip's snapshot writes the file, and says so on standard error", async () => {
  await using home = await privateHome();
  await using simulator = await Simulator.start({
    password: PASSWORD,
    httpPort: 0,
    snapshotCgi: "0-based",
    channels: 2,
  });
  const { host, dhipPort, httpPort } = simulator.devices[0]!;
  // python-dhip asks port 80, which no test may open.
  const env = { ...home.env, DHIP_HTTP_PORT: `${httpPort}` };
  const run = (...words: string[]) =>
    dhip([host, "-p", `${dhipPort}`, "-u", "admin", "-P", PASSWORD, "snapshot", ...words], {
      env,
      cwd: home.path,
    });
  const usual = await run();
  assert.equal(usual.code, 0, usual.stderr);
  assert.equal(usual.stdout, "");
  const { length } = await Deno.readFile(`${home.path}/snapshot.jpg`);
  assert.match(
    usual.stderr,
    new RegExp(`^\\[\\+\\] wrote ${length} bytes to snapshot\\.jpg$`, "m"),
  );

  const named = await run("--channel", "1", "100%d.jpg");
  assert.equal(named.code, 0, named.stderr);
  assert.match(named.stderr, /^\[\+\] wrote \d+ bytes to 100%d\.jpg$/m);
  assert.equal(inspectJpeg(await Deno.readFile(`${home.path}/100%d.jpg`)).kind, "complete");

  const none = await run("--channel=2", "none.jpg", "--timeout=5");
  assert.equal(none.code, 5, none.stderr);
  await assert.rejects(Deno.stat(`${home.path}/none.jpg`));
  const sessions = simulator.stats();
  assert.equal(sessions.calls["global.login"] ?? 0, 0, "no session is taken");
});

/** The examples of unattended jobs do what they promise. */

import assert from "node:assert/strict";
import { inspectJpeg } from "../../lib/media/jpeg.ts";
import { Simulator } from "../../lib/simulator/mod.ts";
import { peerTest, run, temporaryFolder } from "../support/peers.ts";
import { privateHome, writeShim } from "../support/cli_process.ts";

const folder = new URL("../../docs/systemd/", import.meta.url);
const service = await Deno.readTextFile(new URL("dhip-snapshot.service", folder));
const crontab = await Deno.readTextFile(new URL("crontab", folder));

/** The commands as a shell would get them from their starter. */
const JOBS = {
  // %% is systemd's percent sign; its quotes are those of a shell.
  systemd: /^ExecStart=(.*)$/m.exec(service)![1]!.replaceAll("%%", "%"),
  cron: /^(?:\S+ ){5}(.*)$/m.exec(crontab.replace(/^#.*\n/gm, ""))![1]!.replaceAll("\\%", "%"),
};

for (const [starter, job] of Object.entries(JOBS)) {
  Deno.test(`the job of ${starter} keeps a picture of each camera`, async () => {
    await using simulator = await Simulator.start({ password: "job secret", devices: 2 });
    await using home = await privateHome();
    await writeShim(home.path);
    const entries = simulator.devices.map(({ host, dhipPort }, index) =>
      `[devices.camera-${index}]\nhost = "${host}:${dhipPort}"\ntags = ["cameras"]\n`
    );
    await Deno.mkdir(`${home.path}/config/dhip`, { recursive: true });
    await Deno.writeTextFile(`${home.path}/config/dhip/config.toml`, entries.join(""));
    await Deno.writeTextFile(`${home.path}/camera.pass`, "job secret\n", { mode: 0o600 });
    const line = job.replaceAll("/usr/local/bin", home.path).replaceAll("/var/lib/dhip", home.path);
    for (const attempt of [1, 2]) {
      const { code, stdout, stderr } = await new Deno.Command("sh", {
        args: ["-c", line],
        clearEnv: true,
        env: { ...home.env, DHIP_PASSWORD_FILE: `${home.path}/camera.pass` },
        stdin: "null",
      }).output();
      const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
      assert.equal(code, 0, `run ${attempt}: ${text}`);
    }
    for (const index of [0, 1]) {
      const pictures = `${home.path}/pictures/camera-${index}`;
      const [day] = await Array.fromAsync(Deno.readDir(pictures));
      assert.match(day!.name, /^\d{4}-\d\d-\d\d$/);
      const kept = await Array.fromAsync(Deno.readDir(`${pictures}/${day!.name}`));
      assert.ok(kept.length >= 1);
      for (const { name } of kept) {
        const bytes = await Deno.readFile(`${pictures}/${day!.name}/${name}`);
        assert.equal(inspectJpeg(bytes).kind, "complete");
      }
    }
    assert.equal(simulator.stats().sessionsOpen, 0);
  });
}

peerTest("systemd takes the units", ["systemd-analyze"], async () => {
  await using units = await temporaryFolder();
  const names = ["dhip-snapshot.service", "dhip-snapshot.timer"];
  for (const name of names) {
    const unit = await Deno.readTextFile(new URL(name, folder));
    // What need not be on this computer.
    const text = unit.replace("/usr/local/bin/dhip", "/bin/true").replace("User=dhip", "User=root");
    await Deno.writeTextFile(`${units.path}/${name}`, text);
  }
  const paths = names.map((name) => `${units.path}/${name}`);
  assert.equal(await run("systemd-analyze", ["verify", "--man=no", ...paths]), "");
});

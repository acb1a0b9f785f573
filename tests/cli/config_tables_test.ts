/** `dhip config …` as a process against a simulated camera. */

import assert from "node:assert/strict";
import { SIMULATED_SECRETS, Simulator } from "../../lib/simulator/mod.ts";
import { DahuaCamera } from "../../lib/camera/mod.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { type CliResult, dhip, privateHome, startDhip } from "../support/cli_process.ts";

const PASSWORD = "config-test";

interface Room {
  readonly simulator: Simulator;
  readonly folder: string;
  readonly target: string;
  /** Runs `dhip config WORDS`, with `TARGET` as the target. */
  config(...words: string[]): Promise<CliResult>;
  camera(): Promise<DahuaCamera>;
  readonly env: Record<string, string>;
}

async function withRoom(test: (room: Room) => Promise<void>): Promise<void> {
  await using simulator = await Simulator.start({ password: PASSWORD, bigTable: 300 });
  await using home = await privateHome();
  const target = `127.0.0.1:${simulator.dhipPort}`;
  const env = { ...home.env, DHIP_PASSWORD: PASSWORD };
  await test({
    simulator,
    target,
    env,
    folder: home.path,
    config: (...words) =>
      dhip(["config", ...words.map((word) => word === "TARGET" ? target : word)], {
        env,
        cwd: home.path,
      }),
    camera: () =>
      DahuaCamera.connect(target, { password: PASSWORD, guard: new MemoryLoginGuard() }),
  });
}

Deno.test("get prints tables and places, with passwords masked unless asked", () =>
  withRoom(async ({ config }) => {
    const place = await config("get", "TARGET", "NTP.Port");
    assert.equal(place.code, 0, place.stderr);
    assert.equal(place.stdout, "123\n");
    const email = await config("get", "TARGET", "Email");
    assert.match(email.stdout, /\*{8}/);
    for (const secret of SIMULATED_SECRETS) assert.ok(!email.stdout.includes(secret), secret);
    const open = await config("get", "TARGET", "Email", "--secrets");
    assert.ok(SIMULATED_SECRETS.some((secret) => open.stdout.includes(secret)));
    const absent = await config("get", "TARGET", "NoSuchTable");
    assert.equal(absent.code, 5);
    const odd = await config("get", "TARGET", "NTP.Nothing");
    assert.equal(odd.code, 2);
    assert.match(odd.stderr, /There is no NTP\.Nothing/);
  }));

Deno.test("the switch of Telnet is turned and that of SSH stays", () =>
  withRoom(async ({ config, camera }) => {
    await using device = await camera();
    const { code, stderr } = await config("set", "TARGET", "InnerServer.Telnet.Enable=true");
    assert.equal(code, 0, stderr);
    const switches = { Telnet: { Enable: true }, SSH: { Enable: false } };
    assert.deepEqual(await device.config.get("InnerServer"), switches);
    for (const [name, enabled] of [["Telnet", true], ["SSHD", true], ["Telnet", false]] as const) {
      assert.equal((await config("set", "TARGET", `${name}.Enable=${enabled}`)).code, 0);
      const { Enable } = await device.config.get(name) as { Enable: boolean };
      assert.equal(Enable, enabled);
    }
  }));

Deno.test("names lists the tables", () =>
  withRoom(async ({ config }) => {
    const { code, stdout } = await config("names", "TARGET");
    assert.equal(code, 0);
    const names = JSON.parse(stdout) as string[];
    assert.ok(names.length >= 25 && names.includes("NTP"));
  }));

Deno.test("set shows what changes, changes it, and keeps what it does not name", () =>
  withRoom(async ({ config, camera }) => {
    await using device = await camera();
    const before = await device.config.get("NTP") as Record<string, unknown>;
    const dry = await config("set", "TARGET", "NTP.Address=a.example", "NTP.Port=1123", "-n");
    assert.equal(dry.code, 0, dry.stderr);
    assert.deepEqual(JSON.parse(dry.stdout).changes, [
      { path: "NTP.Address", before: before.Address, after: "a.example" },
      { path: "NTP.Port", before: before.Port, after: 1123 },
    ]);
    assert.deepEqual(await device.config.get("NTP"), before);
    const done = await config("set", "TARGET", "NTP.Address=a.example", "NTP.Port=1123");
    assert.equal(done.code, 0, done.stderr);
    assert.deepEqual(await device.config.get("NTP"), {
      ...before,
      Address: "a.example",
      Port: 1123,
    });
    const again = await config("set", "TARGET", "NTP.Address=a.example", "-o", "table");
    assert.match(again.stdout, /Nothing to change/);
  }));

Deno.test("a device that accepts and forgets: exit 7 and the difference", () =>
  withRoom(async ({ simulator, config }) => {
    simulator.fault("stale-config");
    const { code, stdout, stderr } = await config("set", "TARGET", "NTP.Address=lost.example");
    assert.equal(code, 7);
    const { notHeld } = JSON.parse(stdout);
    assert.equal(notHeld.length, 1);
    assert.equal(notHeld[0].path, "NTP.Address");
    assert.equal(notHeld[0].before, "lost.example");
    assert.match(stderr, /DHIP_NOT_HELD/);
    assert.match(stderr, /NTP\.Address/);
  }));

Deno.test("a refused value: exit 5, nothing changed", () =>
  withRoom(async ({ config, camera }) => {
    const place = "Encode[0].MainFormat[0].Video.FPS";
    const { code, stderr } = await config("set", "TARGET", `${place}=999`);
    assert.equal(code, 5, stderr);
    await using device = await camera();
    const table = await device.config.get("Encode") as {
      MainFormat: { Video: { FPS: number } }[];
    }[];
    assert.notEqual(table[0]!.MainFormat[0]!.Video.FPS, 999);
  }));

Deno.test("kill -9 between write and verify leaves the undo file, and it takes the change back", () =>
  withRoom(async ({ simulator, target, folder, env, config, camera }) => {
    await using device = await camera();
    const before = await device.config.get("NTP");
    // The write is carried out and its answer never comes: that is the moment in between.
    simulator.fault("late-reply", { method: "configManager.setConfig", delay: 600_000 });
    const child = startDhip(
      ["config", "set", target, "NTP.Address=new.example", "--undo", "undo.json"],
      { env, cwd: folder },
    );
    const output = child.output();
    while (!simulator.stats().calls["configManager.setConfig"]) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    child.kill("SIGKILL");
    await output;
    simulator.clearFault("late-reply");
    assert.notDeepEqual(await device.config.get("NTP"), before);
    const { mode } = await Deno.stat(`${folder}/undo.json`);
    if (Deno.build.os !== "windows") assert.equal(mode! & 0o777, 0o600);
    const restored = await config("restore", "TARGET", "undo.json", "--yes");
    assert.equal(restored.code, 0, restored.stderr);
    assert.deepEqual(await device.config.get("NTP"), before);
  }));

Deno.test("backup, change ten tables, restore: every table byte for byte as before", () =>
  withRoom(async ({ config, camera, folder }) => {
    await using device = await camera();
    const before = JSON.stringify(await device.config.all());
    const backup = await config("backup", "TARGET", "all.json", "--secrets");
    assert.equal(backup.code, 0, backup.stderr);
    assert.ok(JSON.parse(backup.stdout).tables >= 25);
    // Ten tables, a place in each whose value can change freely.
    let changed = 0;
    for (const [name, table] of Object.entries(JSON.parse(before) as Record<string, unknown>)) {
      if (changed === 10) break;
      const after = flipFirstSwitch(table);
      if (after === undefined) continue;
      await device.config.set(name, after);
      if (JSON.stringify(await device.config.get(name)) !== JSON.stringify(table)) changed++;
    }
    assert.equal(changed, 10);
    const different = await config("diff", "TARGET", "all.json");
    assert.equal(different.code, 8);
    assert.ok(JSON.parse(different.stdout).length >= 10);
    const restored = await config("restore", "TARGET", "all.json", "--yes");
    assert.equal(restored.code, 0, restored.stderr);
    assert.equal(JSON.stringify(await device.config.all()), before);
    const same = await config("diff", "TARGET", "all.json");
    assert.equal(same.code, 0, same.stdout);
    const text = await Deno.readTextFile(`${folder}/all.json`);
    assert.ok(SIMULATED_SECRETS.some((secret) => text.includes(secret)));
  }));

Deno.test("a masked backup holds no secret and restores without changing one", () =>
  withRoom(async ({ config, camera, folder }) => {
    await using device = await camera();
    const before = JSON.stringify(await device.config.all());
    assert.equal((await config("backup", "TARGET", "masked.json")).code, 0);
    const text = await Deno.readTextFile(`${folder}/masked.json`);
    for (const secret of SIMULATED_SECRETS) assert.ok(!text.includes(secret), secret);
    assert.equal((await config("diff", "TARGET", "masked.json")).code, 0);
    const plan = await device.config.plan([
      { path: { table: "NTP", steps: ["Address"] }, value: "x.example" },
    ]);
    await device.config.apply(plan);
    const { code, stderr } = await config("restore", "TARGET", "masked.json", "--yes");
    assert.equal(code, 0, stderr);
    assert.equal(JSON.stringify(await device.config.all()), before);
    assert.equal((await config("compare", "masked.json", "masked.json")).code, 0);
  }));

Deno.test("restore asks, and does not write when nobody can be asked", () =>
  withRoom(async ({ config, simulator }) => {
    await config("backup", "TARGET", "all.json");
    const { code, stderr } = await config("restore", "TARGET", "all.json");
    assert.equal(code, 2);
    assert.match(stderr, /--yes/);
    assert.equal(simulator.stats().calls["configManager.setConfig"] ?? 0, 0);
  }));

Deno.test("a whole table is written with --table; masked secrets in it stay as they are", () =>
  withRoom(async ({ config, camera, folder }) => {
    await using device = await camera();
    const before = await device.config.get("Email") as Record<string, unknown>;
    const masked = JSON.parse((await config("get", "TARGET", "Email")).stdout);
    await Deno.writeTextFile(`${folder}/email.json`, JSON.stringify({ ...masked, Port: 2525 }));
    const { code, stderr } = await config("set", "TARGET", "Email", "--table", "@email.json");
    assert.equal(code, 0, stderr);
    assert.deepEqual(await device.config.get("Email"), { ...before, Port: 2525 });
  }));

Deno.test("a table that neither side has is a mistake, not no difference", () =>
  withRoom(async ({ config, simulator }) => {
    await config("backup", "TARGET", "all.json");
    const lines = [
      ["diff", "TARGET", "all.json", "--table", "NTPP"],
      ["compare", "all.json", "all.json", "--table", "NTPP"],
      ["restore", "TARGET", "all.json", "--yes", "--table", "NTP", "--table", "NTPP"],
    ];
    for (const line of lines) {
      const { code, stderr } = await config(...line);
      assert.equal(code, 2, line.join(" "));
      assert.match(stderr, /NTPP.*Did you mean NTP\?/s);
    }
    assert.equal(simulator.stats().calls["configManager.setConfig"] ?? 0, 0);
  }));

Deno.test("an undo file that is there stays, and nothing is sent", () =>
  withRoom(async ({ config, simulator, folder }) => {
    await Deno.writeTextFile(`${folder}/undo.json`, "earlier");
    const { connections } = simulator.stats();
    const set = await config("set", "TARGET", "NTP.Port=1123", "--undo", "undo.json");
    assert.equal(set.code, 1, set.stderr);
    assert.match(set.stderr, /DHIP_FILE.*another name/s);
    assert.equal(await Deno.readTextFile(`${folder}/undo.json`), "earlier");
    assert.equal(simulator.stats().connections, connections);
  }));

Deno.test("restore onto another device says so, and onto another model needs --other-device", () =>
  withRoom(async ({ config, folder, camera }) => {
    await config("set", "TARGET", "NTP.Port=1123", "--undo", "undo.json");
    const own = JSON.parse(await Deno.readTextFile(`${folder}/undo.json`));
    assert.equal(typeof own.device.serial, "string");
    const save = (device: object) =>
      Deno.writeTextFile(
        `${folder}/other.json`,
        JSON.stringify({ ...own, device: { ...own.device, ...device } }),
      );
    const restore = (...options: string[]) => config("restore", "TARGET", "other.json", ...options);
    assert.doesNotMatch((await config("restore", "TARGET", "undo.json", "-n")).stderr, /serial/);
    await save({ serial: "SN-OTHER", model: "IPC-OTHER" });
    const dry = await restore("--dry-run");
    assert.equal(dry.code, 0);
    assert.ok(dry.stderr.includes("SN-OTHER") && dry.stderr.includes(own.device.serial));
    const refused = await restore("--yes");
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /--other-device/);
    await using device = await camera();
    assert.equal((await device.config.get("NTP") as { Port: number }).Port, 1123);
    assert.equal((await restore("--yes", "--other-device")).code, 0);
    await save({ serial: "SN-OTHER" });
    const same = await restore("--yes");
    assert.equal(same.code, 0, same.stderr);
    assert.match(same.stderr, /SN-OTHER/);
  }));

/** A copy with the first true/false turned round; undefined when there is none. */
function flipFirstSwitch(value: unknown): unknown {
  if (typeof value === "boolean") return !value;
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, item] of Object.entries(value)) {
    const flipped = flipFirstSwitch(item);
    if (flipped === undefined) continue;
    const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
    copy[key] = flipped;
    return copy;
  }
  return undefined;
}

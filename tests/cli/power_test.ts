/** `dhip reboot`, `dhip shutdown`, `dhip factory-restore` and `dhip upgrade`. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Device } from "../../lib/cli/devices.ts";
import type { SimulatorOptions } from "../../lib/simulator/mod.ts";
import type { Script } from "../support/scripted_device.ts";
import { NOT_FOUND } from "../support/scripted_camera.ts";
import { cliOn } from "./_scripted.ts";
import { onSimulated } from "./_simulated.ts";
import { cli, FakeDevice } from "./_support.ts";

const HOST = "127.77.22.9";

const withCamera = (test: Parameters<typeof onSimulated>[1], options: SimulatorOptions = {}) =>
  onSimulated({ host: HOST, bootTime: 50, ...options }, test);

Deno.test("reboot --wait ends when the device is back, after one more login", async () => {
  for (const rebootReply of ["after", "never"] as const) {
    await withCamera(async (run, simulator) => {
      const { code, out, err } = await run(["reboot", "TARGET", "--wait", "--wait-limit", "30"]);
      assert.equal(code, 0, err);
      const { confirmed, back } = JSON.parse(out);
      assert.equal(confirmed, true);
      assert.ok(back > 0);
      assert.match(err, /waiting until it goes down\n.*waiting until it is back\n.*it is back\n/);
      assert.equal(simulator.stats().logins, 2);
      assert.equal(simulator.stats().calls["magicBox.reboot"], 1);
    }, { quirks: { rebootReply } });
  }
});

Deno.test("reboot without --wait is done when the device has heard it", () =>
  withCamera(async (run, simulator) => {
    const { code, out } = await run(["reboot", "TARGET", "-o", "table"]);
    assert.deepEqual([code, out], [0, "Device  restarting\n"]);
    assert.equal(simulator.stats().logins, 1);
  }));

Deno.test("a device that is told, stays and says nothing ends with 3, and a result", async () => {
  const silent = { confirmed: false, back: null };
  const power = Object.fromEntries(
    ["reboot", "shutdown", "restoreDefaults"].map((name) => [name, () => Promise.resolve(silent)]),
  );
  const config = { names: () => Promise.resolve(["NTP"]) };
  const device = Object.assign(new FakeDevice(), { power, config }) as unknown as Device;
  const connect = () => Promise.resolve(device);
  const lines = [
    ["reboot", "192.0.2.7"],
    ["shutdown", "192.0.2.7", "--confirm"],
    ["factory-restore", "192.0.2.7", "--confirm", "SN1"],
  ];
  for (const line of lines) {
    const { code, out, err } = await cli(line, {
      library: { connect },
      env: { DHIP_PASSWORD: "x" },
    });
    assert.equal(code, 3, err);
    assert.equal(JSON.parse(out).confirmed, false);
    assert.equal(JSON.parse(err).error.code, "DHIP_TIMEOUT");
  }
});

Deno.test("a device that refuses to restart ends with 5", async () => {
  const { code } = await cliOn(
    () => ({ result: false, error: { code: 285278249 } }),
    ["reboot", "192.0.2.7", "--wait"],
  );
  assert.equal(code, 5);
});

Deno.test("shutdown wants a confirmation before the device hears anything", () =>
  withCamera(async (run, simulator) => {
    const without = await run(["shutdown", "TARGET"]);
    assert.equal(without.code, 2);
    assert.match(without.err, /needs --confirm/);
    assert.equal(simulator.stats().connections, 0);
    const done = await run(["shutdown", "TARGET", "--confirm", "-o", "table"]);
    assert.deepEqual([done.code, done.out], [0, "Device  off\n"]);
    assert.equal((await run(["info", "TARGET"])).code, 3);
  }));

Deno.test("factory-restore shows what it would do and waits for the right name", () =>
  withCamera(async (run, simulator) => {
    const [{ serial }] = simulator.ready.devices as unknown as [{ serial: string }];
    const restores = () => simulator.stats().calls["configManager.restoreExcept"] ?? 0;
    const dry = await run(["factory-restore", "TARGET", "--except", "network,NTP"]);
    assert.equal(dry.code, 0, dry.err);
    const plan = JSON.parse(dry.out);
    assert.equal(plan.applied, false);
    assert.ok(plan.keeps.includes("Network") && plan.keeps.includes("NTP"));
    assert.ok(plan.restores.includes("Encode") && !plan.restores.includes("Network"));
    assert.ok(plan.confirmWith.includes(serial));
    assert.match(dry.err, new RegExp(`--confirm ${serial}`));
    for (const confirm of ["yes", "", serial.toLowerCase()]) {
      const wrong = await run(["factory-restore", "TARGET", `--confirm=${confirm}`]);
      assert.equal(wrong.code, 2);
      assert.match(wrong.err, /Nothing was changed/);
    }
    assert.equal(restores(), 0);
    await run(["config", "set", "TARGET", "NTP.Address=kept.example", "General.LocalNo=77"]);
    const done = await run([
      ...["factory-restore", "TARGET", "--except", "NTP", "--confirm", serial],
    ]);
    assert.equal(done.code, 0, done.err);
    assert.equal(JSON.parse(done.out).applied, true);
    assert.equal(restores(), 1);
    const value = async (place: string) => (await run(["config", "get", "TARGET", place])).out;
    assert.equal(await value("NTP.Address"), '"kept.example"\n');
    assert.notEqual(await value("General.LocalNo"), "77\n");
  }));

Deno.test("factory-restore of some tables, and its mistakes", () =>
  withCamera(async (run, simulator) => {
    const [{ serial }] = simulator.ready.devices as unknown as [{ serial: string }];
    const line = ["factory-restore", "TARGET", "--confirm", serial];
    await run(["config", "set", "TARGET", "NTP.Address=gone.example", "General.LocalNo=77"]);
    const done = await run([...line, "--only", "ntp"]);
    assert.deepEqual(JSON.parse(done.out).restores, ["NTP"]);
    const value = async (place: string) => (await run(["config", "get", "TARGET", place])).out;
    assert.notEqual(await value("NTP.Address"), '"gone.example"\n');
    assert.equal(await value("General.LocalNo"), "77\n");
    const both = await run([...line, "--only", "NTP", "--except", "Email"]);
    assert.equal(both.code, 2);
    const unknown = await run([...line, "--only", "Nothing"]);
    assert.equal(unknown.code, 2);
    assert.match(unknown.err, /no table Nothing/);
    const users = await run(["factory-restore", "TARGET", "--except", "users"]);
    assert.match(users.err, /accounts are no table of this device/);
  }));

Deno.test("factory-restore with a list of nothing restores nothing", () =>
  withCamera(async (run, simulator) => {
    const [{ serial }] = simulator.ready.devices as unknown as [{ serial: string }];
    // As a script has them whose variable is empty.
    for (const option of ["--only=", "--only=,", "--except=", "--except= , "]) {
      const { code, err } = await run(["factory-restore", "TARGET", "--confirm", serial, option]);
      assert.equal(code, 2, option);
      assert.match(err, /names no table/);
    }
    assert.equal(simulator.stats().connections, 0);
  }));

const IMAGE = "DH" + "firmware ".repeat(20_000);
const SHA256 = createHash("sha256").update(IMAGE).digest("hex");
const FILES = {
  "fw.bin": { text: IMAGE },
  "empty.bin": { text: "" },
  "short.bin": { text: "DH" },
  "page.bin": { text: `\n<!DOCTYPE html>${" ".repeat(2000)}` },
};

Deno.test("upgrade state", () =>
  withCamera(async (run) => {
    const { code, out } = await run(["upgrade", "state", "TARGET"]);
    assert.deepEqual([code, JSON.parse(out)], [0, { state: "Idle", progress: 0 }]);
    const table = await run(["upgrade", "state", "TARGET"], { terminal: true });
    assert.match(table.out, /State +Idle/);
  }));

Deno.test("upgrade upload without --confirm sends nothing", () =>
  withCamera(async (run, simulator) => {
    const { code, out, err } = await run(["upgrade", "upload", "TARGET", "fw.bin"], {
      files: FILES,
    });
    assert.equal(code, 0, err);
    const result = JSON.parse(out);
    assert.deepEqual([result.bytes, result.sha256, result.end], [IMAGE.length, SHA256, null]);
    assert.ok(result.firmware.before !== null && result.model !== null);
    assert.match(err, /nothing was sent/);
    const table = await run(["upgrade", "upload", "TARGET", "fw.bin"], {
      files: FILES,
      terminal: true,
    });
    assert.match(
      table.out,
      new RegExp(`^File +fw\\.bin\nSize +176 KiB \\(${IMAGE.length} bytes\\)`),
    );
    assert.match(table.out, /^End +nothing was sent$/m);
    assert.equal(simulator.stats().calls["upgrader.prepare"], undefined);
  }));

Deno.test("upgrade upload installs, and --wait shows what then runs", () =>
  withCamera(async (run, simulator) => {
    const line = ["upgrade", "upload", "TARGET", "fw.bin", "--confirm", "--wait"];
    const { code, out, err } = await run([...line, "--sha256", SHA256.toUpperCase()], {
      files: FILES,
    });
    assert.equal(code, 0, err);
    const { firmware, end } = JSON.parse(out);
    assert.equal(end, "restarting");
    assert.notEqual(firmware.after, firmware.before);
    assert.ok(err.indexOf(SHA256) < err.indexOf("Upgrading"), "size and hash come first");
    const [upload] = simulator.stats().upgrades;
    assert.deepEqual([upload!.sha256, upload!.executed], [SHA256, true]);
  }, { upgradeTime: 100 }));

Deno.test("what is certainly no image is not sent", () =>
  withCamera(async (run, simulator) => {
    const cases: [string[], number, RegExp][] = [
      [["empty.bin"], 1, /it is empty/],
      [["short.bin"], 1, /it has only 2 bytes/],
      [["page.bin"], 1, /it is text/],
      [["missing.bin"], 1, /cannot be read/],
      [["fw.bin", "--sha256", "00"], 1, /another SHA-256/],
      [[], 2, /FILE is missing/],
    ];
    for (const [words, expected, message] of cases) {
      const line = ["upgrade", "upload", "TARGET", ...words, "--confirm"];
      const { code, err } = await run(line, { files: FILES });
      assert.equal(code, expected, words.join(" "));
      assert.match(err, message);
    }
    const two = ["upgrade", "upload", "TARGET,192.0.2.8", "fw.bin", "--confirm"];
    assert.equal((await run(two, { files: FILES })).code, 2);
    assert.equal(simulator.stats().connections, 0);
  }));

Deno.test("Ctrl-C in the middle of an upload says what the device has, and ends with 130", async () => {
  const cases: [string, RegExp][] = [
    ["upgrader.appendData", /nothing was installed; the device had 0 B of 176 KiB/],
    ["upgrader.execute", /has the whole image .* leave its power on/],
  ];
  for (const [silent, expected] of cases) {
    const controller = new AbortController();
    const script: Script = ({ method }) => {
      if (method !== silent) {
        return method.endsWith("factory.instance") ? NOT_FOUND : { result: true, params: {} };
      }
      setTimeout(() => controller.abort(), 5);
      return undefined;
    };
    const line = ["upgrade", "upload", "192.0.2.7", "fw.bin", "--confirm"];
    const ran = await cliOn(script, line, { files: FILES, interrupt: controller.signal });
    assert.equal(ran.code, 130);
    assert.match(ran.err, expected);
  }
});

Deno.test("an upload that breaks says what the device has", async () => {
  let chunks = 0;
  const script: Script = ({ method }) => {
    if (method === "upgrader.prepare" || method === "upgrader.cancel") return { result: true };
    if (method !== "upgrader.appendData") return NOT_FOUND;
    return ++chunks === 1 ? { result: true } : { result: false, error: { code: 268894212 } };
  };
  const info: Script = (asked, device) =>
    asked.method === "magicBox.getSerialNo"
      ? { result: true, params: { sn: "S" } }
      : script(asked, device);
  const { code, err } = await cliOn(
    info,
    ["upgrade", "upload", "192.0.2.7", "fw.bin", "--confirm"],
    {
      files: FILES,
    },
  );
  assert.equal(code, 5);
  const { error } = JSON.parse(err.trimEnd().split("\n").at(-1)!);
  assert.match(error.hint, /Nothing was installed\. The device had 32768 of 180002 bytes/);
});

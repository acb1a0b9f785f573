/** `dhip logs` and `dhip storage`. */

import assert from "node:assert/strict";
import type { SimulatorOptions } from "../../lib/simulator/mod.ts";
import { NOT_FOUND, tablesScript } from "../support/scripted_camera.ts";
import type { Script } from "../support/scripted_device.ts";
import { cliOn } from "./_scripted.ts";
import { onSimulated } from "./_simulated.ts";

const HOST = "127.77.22.7";

const withCamera = (test: Parameters<typeof onSimulated>[1], options: SimulatorOptions = {}) =>
  onSimulated({ host: HOST, ...options }, test);

Deno.test("logs of a simulated device: types, order, limit, every format", () =>
  withCamera(async (run) => {
    const line = ["logs", "TARGET", "--from", "-30d"];
    const all = await run(line);
    assert.equal(all.code, 0, all.err);
    const entries = JSON.parse(all.out) as { time: string; type: string; user: string }[];
    assert.ok(entries.length > 5);
    assert.ok(entries.some(({ type }) => type === "Account.LogIn"));
    const times = entries.map(({ time }) => time);
    assert.deepEqual(times, times.toSorted());
    const newest = JSON.parse((await run([...line, "--newest", "--limit", "2"])).out);
    assert.equal(newest.length, 2);
    assert.ok(newest[0].time >= newest[1].time && newest[1].time >= times.at(-3)!);
    const logins = await run([...line, "--type", "Account.LogIn", "-o", "ndjson"]);
    for (const text of logins.out.trimEnd().split("\n")) {
      const { type, user, address } = JSON.parse(text);
      assert.deepEqual([type, user], ["Account.LogIn", "admin"]);
      assert.match(address, /^[\d.]+$/);
    }
    const csv = await run([...line, "-o", "csv"]);
    assert.match(csv.out, /^time,type,code,channel,user,address,detail\r\n/);
    const table = await run([...line, "--type", "Account.LogIn"], { terminal: true });
    assert.match(table.out, /TIME +TYPE/);
    assert.match(table.err, /: \d+ entries\n$/);
    const narrow = await run([...line, "--limit", "3"], { terminal: true, columns: 80 });
    for (const text of narrow.out.trimEnd().split("\n").slice(1)) {
      assert.match(text, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}/, "when it was is not cut");
      assert.ok(text.length <= 80, text);
    }
    const none = await run(["logs", "TARGET", "--from", "2001-01-01", "--to", "2001-01-01"], {
      terminal: true,
    });
    assert.equal(none.out, "No entries.\n");
  }));

Deno.test("logs: the token is given back, and a device without a log ends with 5", async () => {
  const script: Script = ({ method }) => {
    switch (method) {
      case "log.startFind":
        return { result: true, params: { token: 4 } };
      case "log.doSeekFind":
        return { result: true, params: { found: 1, items: [["odd"]] } };
      default:
        return { result: true, params: {} };
    }
  };
  const line = ["logs", "192.0.2.7", "--from", "2026-04-29", "--to", "2026-04-29", "-o", "csv"];
  const { code, out, device } = await cliOn(script, line);
  assert.equal(code, 0);
  assert.match(out, /"\[""odd""\]"/); // what cannot be read is shown as it came
  assert.equal(device.count("log.stopFind"), 1);
  const without = await cliOn(() => NOT_FOUND, line);
  assert.equal(without.code, 5);
});

Deno.test("a device that counts more entries than it lists is told about", async () => {
  const items = [{ Time: "2026-04-29 10:00:00", Type: "System.Reboot" }];
  const script: Script = ({ method }, device) => {
    switch (method) {
      case "log.startFind":
        return { result: true, params: { token: 4 } };
      case "log.getCount":
        return { result: true, params: { count: 9 } };
      case "log.doSeekFind":
        return { result: true, params: { items: device.count(method) === 1 ? items : [] } };
      default:
        return { result: true, params: {} };
    }
  };
  const line = ["logs", "192.0.2.7", "--from", "2026-04-29", "--to", "2026-04-29"];
  assert.match((await cliOn(script, line)).err, /warning: .*counts 9 entries and listed 1/);
  assert.doesNotMatch((await cliOn(script, [...line, "--limit", "1"])).err, /warning/);
});

Deno.test("storage of a simulated device", () =>
  withCamera(async (run) => {
    const json = JSON.parse((await run(["storage", "TARGET"])).out);
    assert.ok(json.disks[0].totalBytes > json.disks[0].usedBytes);
    assert.deepEqual(json.channels.map(({ channel }: { channel: number }) => channel), [1, 2]);
    assert.deepEqual(json.problems, []);
    const table = await run(["storage", "TARGET"], { terminal: true });
    assert.match(table.out, /channel 1 +recording +auto/);
    assert.match(table.out, / \d+ %\n/);
    const csv = await run(["storage", "TARGET", "-o", "csv"]);
    assert.match(csv.out, /^what,name,state,kind,used_bytes,total_bytes\r\ndisk,/);
    assert.equal((await run(["storage", "TARGET", "--check"])).code, 0);
  }, { channels: 2 }));

Deno.test("storage --check ends with 8 without a card, and says why", () =>
  withCamera(async (run) => {
    const plain = await run(["storage", "TARGET"]);
    assert.equal(plain.code, 0);
    assert.match(plain.err, /there is no disk or card/);
    const check = await run(["storage", "TARGET", "--check"]);
    assert.equal(check.code, 8);
    const { error } = JSON.parse(check.err);
    assert.equal(error.code, "DHIP_CHECK_FAILED");
    assert.match(error.message, /^storage: there is no disk or card/);
    assert.deepEqual(JSON.parse(check.out).disks, []);
  }, { sdCard: false }));

Deno.test("storage --check sees broken and full disks and channels that do not record", async () => {
  const disk = (more: object) => ({
    Name: "/dev/sda",
    State: "Success",
    Detail: [{ Path: "/a", TotalBytes: 100, UsedBytes: 100, IsError: false }],
    ...more,
  });
  const cases: [object, number, RegExp][] = [
    [disk({ State: "Error" }), 0, /\/dev\/sda: its state is Error/],
    [disk({}), 0, /\/dev\/sda: no space is left/],
    [
      disk({ Detail: [{ TotalBytes: 9, UsedBytes: 1 }] }),
      2,
      /channel 1: recording is switched off/,
    ],
  ];
  for (const [info, Mode, expected] of cases) {
    const script = tablesScript(
      { RecordMode: [{ Mode }] },
      ({ method }) =>
        method === "storage.getDeviceAllInfo"
          ? { result: true, params: { info: [info] } }
          : NOT_FOUND,
    );
    const { code, err } = await cliOn(script, ["storage", "192.0.2.7", "--check"]);
    assert.equal(code, 8);
    assert.match(JSON.parse(err).error.message, expected);
  }
  const alien = await cliOn(() => NOT_FOUND, ["storage", "192.0.2.7", "--check"]);
  assert.equal(alien.code, 5); // it cannot tell: no check was made
});

/** What a logged-in session finds out. */

import assert from "node:assert/strict";
import {
  clockFinding,
  ntpFinding,
  sessionsFinding,
  storageFinding,
  streamFindings,
} from "../../../lib/camera/doctor/device_findings.ts";
import { diagnose } from "../../../lib/camera/doctor/mod.ts";
import type { JsonObject } from "../../../lib/dhip/frame.ts";
import { ScriptedDevice, withLogin } from "../../support/scripted_device.ts";
import { examine, of, options, portDialer, startSimulator, statuses } from "./_support.ts";

Deno.test("a clock within a minute is right, more is a warning", () => {
  const time = Temporal.PlainDateTime.from("2026-06-01T12:00:00");
  const drift = (seconds: number, zoneFrom: "device" | "host" = "device") =>
    clockFinding({
      time,
      drift: { milliseconds: seconds * 1000, uncertainty: 500, zone: "+02:00", zoneFrom },
    });
  const cases: [number, string, RegExp][] = [
    [59, "ok", /differs by 59 s/],
    [-60, "ok", /differs by 60 s/],
    [61, "warning", /1 min 1 s ahead of this host's, if it is in the zone \+02:00$/],
    [-3590, "warning", /59 min 50 s behind .*summer time may be set wrong$/],
    [20_700, "warning", /5 h 45 min ahead of .*summer time may be set wrong$/],
    [450, "warning", /7 min 30 s ahead of/],
    [-86_400 * 9000, "warning", /9000 d 0 h behind/],
  ];
  for (const [seconds, status, cause] of cases) {
    const found = drift(seconds);
    assert.equal(found.status, status, String(seconds));
    assert.match(found.cause, cause);
    assert.equal(found.data.seconds, seconds);
  }
  assert.match(drift(450, "host").cause, /if it is in this host's zone$/);
});

Deno.test("a simulated clock that jumped is found, with the seconds", async () => {
  await using simulator = await startSimulator({ faults: ["clock-jump:ms=-200000"] });
  const [clock] = of("clock", await examine(simulator));
  assert.equal(clock!.status, "warning");
  assert.ok(Math.abs(Number(clock!.data.seconds) + 200) <= 3);
});

const channel = (main: object, more: object = {}) => ({
  MainFormat: [{
    AudioEnable: true,
    Audio: { Compression: "AAC" },
    Video: { Compression: "H.265", FPS: 25, GOP: 25, ...main },
  }],
  ExtraFormat: [{ VideoEnable: true }],
  ...more,
});

Deno.test("streams: smart codec, long GOP, missing sub-stream and sound, by channel", () => {
  assert.deepEqual(
    streamFindings([channel({})], [{ Enable: false }]).map(({ cause }) => cause),
    ["Channel 1: sound is AAC"],
  );
  const off = { ExtraFormat: [{ VideoEnable: false }] };
  const found = streamFindings(
    [channel({ GOP: 100 }), channel({ GOP: 100 }), channel({}, off), channel({ GOP: 100 })],
    [{ Enable: false }, {}, { Enable: true }],
  );
  const told = found.filter(({ status }) => status === "note");
  assert.deepEqual(told.map(({ data }) => data), [
    { fps: 25, gop: 100, channels: [1, 2, 4] },
    { codec: "H.265", smart: true, channels: [3] },
    { subStream: false, channels: [3] },
  ]);
  assert.match(told[0]!.cause, /^Channel 1-2, 4: a key frame every 4 s \(GOP 100 at 25 frames/);
  assert.match(told[1]!.cause, /smart codec \(H\.265\+\) is on/);
  for (const table of [undefined, null, "x", [null], [{ MainFormat: 7 }], {}]) {
    assert.deepEqual(streamFindings(table, table), []);
  }
});

Deno.test("sessions, storage and time synchronisation", () => {
  const sessions = sessionsFinding({
    users: [{ ClientType: "Web3.0" }, { ClientType: "Web3.0" }, {}],
  });
  assert.equal(sessions!.cause, "Sessions in use: 3 (2 Web3.0, 1 unknown)");
  assert.equal(sessionsFinding({}), undefined);
  assert.equal(storageFinding({ info: [] })!.status, "note");
  assert.equal(storageFinding({ info: [{ State: "Success", Detail: [] }] })!.status, "ok");
  for (const bad of [{ State: "Error" }, { State: "Success", Detail: [{ IsError: true }] }]) {
    assert.equal(storageFinding({ info: [bad] })!.status, "warning");
  }
  assert.equal(storageFinding(true), undefined);
  assert.equal(storageFinding({ info: null })!.status, "note");
  assert.equal(storageFinding([])!.status, "note");
  const ntp = (enabled: boolean | null) =>
    ntpFinding({ enabled, server: null, port: null, period: null })?.status;
  assert.deepEqual([ntp(true), ntp(false), ntp(null)], ["ok", "note", undefined]);
  assert.equal(ntpFinding(null), undefined);
});

/** A device that answers the doctor's questions with `answers`, by method or table. */
const scripted = (answers: Readonly<Record<string, JsonObject>>) =>
  new ScriptedDevice(withLogin(({ method, params }) => {
    const table = method === "configManager.getConfig" ? String(params?.name) : method;
    return answers[table] ??
      { result: false, error: { code: 268894210, message: "Method not found!" } };
  }));

const NO_RIGHT = { result: false, error: { code: 285278249, message: "Authority:check failure." } };

const look = (device: ScriptedDevice) =>
  diagnose("device.test", options({ dialer: portDialer({ 5000: device.dialer }) }));

Deno.test("what the account may not read is told; what the device does not have is not", async () => {
  const device = scripted({
    Encode: NO_RIGHT,
    SmartEncode: NO_RIGHT, // firmwares without the table say the same
    "userManager.getActiveUserInfoAll": NO_RIGHT,
  });
  const diagnosis = await look(device);
  assert.deepEqual(of("permission", diagnosis).map(({ data }) => data.what).sort(), [
    "the table Encode",
    "who is logged in",
  ]);
  assert.deepEqual(statuses("permission", diagnosis), ["warning", "warning"]);
  for (const check of ["clock", "sessions", "stream", "storage", "ntp"] as const) {
    assert.deepEqual(of(check, diagnosis), [], check);
  }
});

Deno.test("answers of the device become findings", async () => {
  const device = scripted({
    "global.getCurrentTime": { result: "2001-01-01 00:00:00", params: null },
    "userManager.getActiveUserInfoAll": { result: true, params: { users: [{}, {}] } },
    "storage.factory.instance": { result: 5 },
    "storage.getDeviceAllInfo": { result: true, params: { info: [] } },
    Encode: { result: true, params: { table: [channel({ GOP: 50 })] } },
    SmartEncode: { result: true, params: { table: [{ Enable: true }] } },
    NTP: { result: true, params: { table: { Enable: false } } },
  });
  const diagnosis = await look(device);
  assert.deepEqual(statuses("clock", diagnosis), ["warning"]);
  assert.deepEqual(statuses("stream", diagnosis), ["note", "note"]);
  assert.deepEqual(statuses("storage", diagnosis), ["note"]);
  assert.deepEqual(statuses("ntp", diagnosis), ["note"]);
  assert.equal(of("sessions", diagnosis)[0]!.data.sessions, 2);
  assert.deepEqual([device.count("global.login"), device.count("global.logout")], [3, 1]);
});

Deno.test("a device without a card has no place for recordings", async () => {
  await using simulator = await startSimulator({ sdCard: false });
  assert.deepEqual(statuses("storage", await examine(simulator)), ["note"]);
  await using other = await startSimulator({ quirks: { storageIn: "list" } });
  assert.deepEqual(statuses("storage", await examine(other)), ["ok"]);
});

Deno.test("a session that breaks in the middle is one problem", async () => {
  await using simulator = await startSimulator({
    faults: ["reset-mid-frame:method=global.getCurrentTime"],
  });
  const diagnosis = await examine(simulator);
  const broken = of("login", diagnosis).filter(({ status }) => status === "problem");
  assert.equal(broken.length, 1);
  assert.match(broken[0]!.cause, /^The session broke: /);
});

/** `dhip clock …`. */

import assert from "node:assert/strict";
import { driftError, zoneDoubt } from "../../lib/cli/clock_view.ts";
import { library } from "../../lib/cli/devices.ts";
import { timeZone, wallTime } from "../../lib/cli/values.ts";
import type { ClockDrift } from "../../lib/camera/mod.ts";
import { Simulator, type SimulatorOptions } from "../../lib/simulator/mod.ts";
import { cli, type FakeSurroundings, memoryState, type Ran } from "./_support.ts";

const PASSWORD = "secret";
/** What the clock of the tests' computer says: see `cli`. */
const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

function run(argv: string[], around: FakeSurroundings = {}): Promise<Ran> {
  const state = () => Promise.resolve(memoryState());
  const env = { DHIP_PASSWORD: PASSWORD, NO_COLOR: "1" };
  return cli(argv, { env, library: { ...library, state }, ...around });
}

/** Devices of the factory's zone; their clocks go by `time`. */
async function simulated(host: string, time = NOW, options: SimulatorOptions = {}) {
  const simulator = await Simulator.start({
    host,
    password: PASSWORD,
    utcOffset: 480,
    time,
    ...options,
  });
  return { simulator, target: `${host}:${simulator.dhipPort}` };
}

Deno.test("clock get: time, zone, time server and drift in every format", async () => {
  const { simulator, target } = await simulated("127.77.23.1", NOW + 3 * 3_600_000);
  await using _ = simulator;
  const json = JSON.parse((await run(["clock", "get", target])).out);
  assert.match(json.time, /^2026-01-02T14:04:/);
  assert.equal(json.timeZone.offset, "+08:00");
  assert.equal(json.ntp.enabled, false);
  assert.ok(Math.abs(json.drift.milliseconds - 3 * 3_600_000) < 60_000);
  assert.deepEqual([json.drift.zone, json.drift.zoneFrom], ["+08:00", "device"]);
  const table = await run(["clock", "get", target], { terminal: true });
  assert.match(table.out, /Time +2026-01-02 14:04:/);
  assert.match(table.out, /Drift +3 h 0 min ahead \(±0\.5 s\)/);
  assert.match(table.out, /Zone +\+08:00/);
  assert.match(table.out, /Summer time +none/);
  assert.match(table.out, /Time server +off \(/);
  const csv = await run(["clock", "get", target, "-o", "csv"]);
  assert.match(csv.out, /^time,drift_ms,uncertainty_ms,.*ntp_period_minutes\r\n/);
});

Deno.test("clock get --max-drift is a check of many clocks", async () => {
  await using right = (await simulated("127.77.23.2")).simulator;
  await using wrong = (await simulated("127.77.23.3", NOW - 600_000)).simulator;
  const targets = [right, wrong].map(({ devices: [device] }) =>
    `${device!.host}:${device!.dhipPort}`
  );
  const line = ["clock", "get", targets.join(","), "--max-drift", "5m"];
  const { code, out, err } = await run(line, { terminal: true });
  assert.equal(code, 8);
  assert.match(err, /The clock is 9 min 59 s behind|The clock is 10 min 0 s behind/);
  assert.equal(out.trimEnd().split("\n").length, 3, "a table with a row for each");
  const alone = await run(["clock", "get", targets[1]!, "--max-drift", "5m"]);
  assert.equal(alone.code, 8);
  assert.equal(JSON.parse(alone.err).error.code, "DHIP_DIFFERENT");
  assert.equal((await run(["clock", "get", targets[0]!, "--max-drift", "5m"])).code, 0);
});

Deno.test("clock set", async () => {
  const { simulator, target } = await simulated("127.77.23.4");
  await using _ = simulator;
  const set = await run(["clock", "set", target, "2001-02-03 04:05:06"], { terminal: true });
  assert.deepEqual([set.code, set.out], [0, "Time  2001-02-03 04:05:06\n"]);
  for (const wrong of ["now", "2001-02-30 04:05:06", "04:05:06"]) {
    const { code, err } = await run(["clock", "set", target, wrong]);
    assert.deepEqual([code, /TIME must be a time such as/.test(err)], [2, true], err);
  }
  assert.equal(String(wallTime.parse("2001-02-03T04:05")), "2001-02-03T04:05:00");
});

Deno.test("clock sync", async () => {
  // The clock of the tests' computer stands still, that of the device does not.
  const { simulator, target } = await simulated("127.77.23.5", NOW - 600_000);
  await using _ = simulator;
  const { code, out, err } = await run(["clock", "sync", target]);
  assert.equal(code, 0, err);
  const { before, after } = JSON.parse(out);
  assert.ok(before.milliseconds < -500_000);
  assert.ok(Math.abs(after.milliseconds) <= 2000);
  const zone = await run(["clock", "sync", target, "--zone", "-03:00"], { terminal: true });
  assert.match(zone.out, /Zone +-03:00/);
  const { time } = JSON.parse((await run(["clock", "get", target])).out);
  assert.match(time, /^2026-01-02T00:04:/);
  const nowhere = await run(["clock", "sync", target, "--zone", "Nowhere"]);
  assert.equal(nowhere.code, 2);
  assert.match(nowhere.err, /--zone must be a time zone such as/);
});

Deno.test("clock ntp shows and changes the time server", async () => {
  const { simulator, target } = await simulated("127.77.23.6");
  await using _ = simulator;
  const line = ["clock", "ntp", target];
  const shown = JSON.parse((await run(line)).out);
  assert.deepEqual(Object.keys(shown), ["enabled", "server", "port", "period"]);
  const table = await run(line, { terminal: true });
  assert.match(table.out, /Enabled +false/);
  const change = [...line, "--server", "192.0.2.1", "--period", "15", "--port", "1123", "--enable"];
  const dry = JSON.parse((await run([...change, "--dry-run"])).out);
  assert.deepEqual([dry.applied, dry.changes.length], [false, 4]);
  assert.equal(JSON.parse((await run(line)).out).server, shown.server);
  const done = JSON.parse((await run(change)).out);
  assert.deepEqual([done.applied, done.notHeld], [true, []]);
  assert.deepEqual(JSON.parse((await run(line)).out), {
    enabled: true,
    server: "192.0.2.1",
    port: 1123,
    period: 15,
  });
  const nothing = await run([...line, "--enable"], { terminal: true });
  assert.equal(nothing.out, "Nothing to change.\n");
  for (const wrong of [["--enable", "--disable"], ["--dry-run"], ["--period", "0"]]) {
    assert.equal((await run([...line, ...wrong])).code, 2);
  }
  simulator.fault("stale-config");
  const stale = await run([...line, "--disable"]);
  assert.equal(stale.code, 7);
  assert.equal(JSON.parse(stale.err).error.code, "DHIP_NOT_HELD");
});

const drift = (milliseconds: number, zone = "+14:00"): ClockDrift => ({
  milliseconds,
  uncertainty: 500,
  zone,
  zoneFrom: "device",
});

Deno.test("a drift of a whole zone is told as what it likely is", () => {
  const here = Temporal.Instant.fromEpochMilliseconds(NOW)
    .toZonedDateTimeISO(Temporal.Now.timeZoneId()).offsetNanoseconds / 1e6;
  const hours = here - 14 * 3_600_000;
  assert.match(zoneDoubt(drift(hours), NOW)!, /its own zone is set to \+14:00; --zone local/);
  assert.equal(zoneDoubt(drift(hours + 120_000), NOW), undefined);
  assert.equal(zoneDoubt(drift(5000), NOW), undefined);
  assert.equal(zoneDoubt({ ...drift(hours), zoneFrom: "host" }, NOW), undefined);
  assert.equal(timeZone.parse("local"), Temporal.Now.timeZoneId());
  assert.equal(timeZone.parse("+02:00"), "+02:00");
});

Deno.test("drifts are spelled in the unit that fits", () => {
  const text = (milliseconds: number) => driftError(drift(milliseconds), 400)?.message;
  assert.match(text(450)!, /is within 0\.5 s/);
  assert.match(text(-2300)!, /is 2\.3 s behind \(±0\.5 s\), more than 0\.4 s$/);
  assert.match(text(61_000)!, /1 min 1 s ahead/);
  assert.match(text(2 * 86_400_000)!, /2 d 0 h ahead/);
  assert.equal(text(400), undefined);
});

/** Times as people write them, by the device's clock. */

import assert from "node:assert/strict";
import { asEnd, asStart, type Moment, moment, needsClock } from "../../lib/cli/moment.ts";
import { periodOf, resolvePeriod } from "../../lib/cli/period.ts";
import type { Device } from "../../lib/cli/devices.ts";
import { FakeDevice } from "./_support.ts";

const NOW = Temporal.PlainDateTime.from("2026-04-29T14:30:15");
const signal = new AbortController().signal;

Deno.test("times in every form, as a start and as an end", () => {
  const day = (date: string) => [`${date}T00:00:00`, `${date}T23:59:59`];
  const at = (time: string) => [time, time];
  const cases: [string, string[]][] = [
    ["2026-03-01", day("2026-03-01")],
    ["2026-3-1", day("2026-03-01")],
    ["2026-03-01 08:05", at("2026-03-01T08:05:00")],
    ["2026-03-01T08:05:09", at("2026-03-01T08:05:09")],
    [" 2026-03-01  8:05 ", at("2026-03-01T08:05:00")],
    ["08:05", at("2026-04-29T08:05:00")],
    ["8:05:09", at("2026-04-29T08:05:09")],
    ["today", day("2026-04-29")],
    ["Yesterday", day("2026-04-28")],
    ["yesterday 22:00", at("2026-04-28T22:00:00")],
    ["today T", []],
    ["today 06:00:01", at("2026-04-29T06:00:01")],
    ["now", at("2026-04-29T14:30:15")],
    ["-2h", at("2026-04-29T12:30:15")],
    ["2h ago", at("2026-04-29T12:30:15")],
    ["-90m", at("2026-04-29T13:00:15")],
    ["-15s", at("2026-04-29T14:30:00")],
    ["3 D ago", at("2026-04-26T14:30:15")],
    ["-1w", at("2026-04-22T14:30:15")],
    ["", []],
    ["2h", []],
    ["+2h", []],
    ["-2y", []],
    ["24:00", []],
    ["10:60", []],
    ["10", []],
    ["2026-02-30", []],
    ["2026-13-01 10:00", []],
    ["2026-03-01 25:00", []],
    ["29.04.2026", []],
    ["tomorrow", []],
  ];
  for (const [text, expected] of cases) {
    if (expected.length === 0) {
      assert.throws(() => moment.parse(text), SyntaxError, text);
      continue;
    }
    const one = moment.parse(text);
    const shown = [asStart(one, NOW), asEnd(one, NOW)]
      .map((time) => time.toString({ smallestUnit: "second" }));
    assert.deepEqual(shown, expected, text);
  }
});

Deno.test("a period, over midnight too, and its mistakes", () => {
  const period = (from: string, to: string) => {
    const found = resolvePeriod({ from: moment.parse(from), to: moment.parse(to) }, NOW);
    return `${found.from} ${found.to}`;
  };
  assert.equal(period("08:00", "09:00"), "2026-04-29T08:00:00 2026-04-29T09:00:00");
  assert.equal(period("22:00", "06:00"), "2026-04-29T22:00:00 2026-04-30T06:00:00");
  assert.equal(period("06:00", "06:00"), "2026-04-29T06:00:00 2026-04-30T06:00:00");
  assert.equal(period("yesterday 22:00", "06:00"), "2026-04-28T22:00:00 2026-04-29T06:00:00");
  assert.equal(period("yesterday", "yesterday"), "2026-04-28T00:00:00 2026-04-28T23:59:59");
  assert.equal(period("-2h", "now"), "2026-04-29T12:30:15 2026-04-29T14:30:15");
  for (
    const [from, to] of [
      ["2026-04-29", "2026-04-28"],
      ["2026-04-29 10:00", "2026-04-29 10:00"],
      ["now", "-2h"],
      ["22:00", "now"],
      ["today", "yesterday"],
    ] as const
  ) {
    assert.throws(() => period(from, to), { code: "DHIP_USAGE", message: /does not come after/ });
  }
});

Deno.test("the device is asked for its time once, and only when it matters", async () => {
  let asked = 0;
  const time = () => {
    asked++;
    return Promise.resolve(NOW);
  };
  const device = Object.assign(new FakeDevice(), { clock: { time } }) as unknown as Device;
  const read = (text: string): Moment => moment.parse(text);
  await periodOf(device, { from: read("2026-01-01"), to: read("2026-01-02 10:00") }, signal);
  assert.equal(asked, 0);
  const open = await periodOf(device, { from: undefined, to: undefined }, signal);
  assert.equal(`${open.from} ${open.to}`, "2026-04-29T00:00:00 2026-04-29T14:30:15");
  assert.equal(asked, 1);
  assert.equal(needsClock(read("now")) && !needsClock(read("2026-01-01")), true);
});

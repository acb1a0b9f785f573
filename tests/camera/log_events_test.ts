/** Events that a gap swallowed, read from the device's log. */

import assert from "node:assert/strict";
import { eventLog, type LogEntryOfEvent } from "../../lib/camera/events/log_events.ts";

type Asked = { from: Temporal.PlainDateTime; to: Temporal.PlainDateTime };

/** A device whose clock stands at noon when it is asked for it, and what its log is asked. */
function device(entries: readonly Partial<LogEntryOfEvent>[]) {
  const asked: (Asked & { limit?: number | undefined })[] = [];
  const time = Temporal.PlainDateTime.from("2026-04-29T12:00:00.000");
  const log = eventLog({
    async *find(filter, options = {}) {
      asked.push({ ...filter, limit: options.limit });
      for (const entry of entries) {
        yield { time: null, code: null, action: null, channel: null, fields: {}, ...entry };
      }
      await Promise.resolve();
    },
  }, { read: () => Promise.resolve({ time }) } as unknown as Parameters<typeof eventLog>[1]);
  return { log, asked };
}

Deno.test("a gap is looked for where the device's own clock had it, in whole seconds", async () => {
  const { log, asked } = device([]);
  const now = Date.now();
  assert.deepEqual(await log(new Date(now - 3_600_500), new Date(now - 1_800_500), {}), []);
  const [{ from, to, limit }] = asked as [Asked & { limit: number }];
  // Both ends are counted from the moment at which the clock is read, a little after `now`.
  const span = from.until(to).total("seconds");
  assert.ok(span === 1_801 || span === 1_800, `${span} s: begun seconds count on both sides`);
  const noon = Temporal.PlainDateTime.from("2026-04-29T12:00:00");
  const back = from.until(noon).total("seconds");
  assert.ok(back > 3_600 && back < 3_660, `${from} is an hour before its noon`);
  assert.ok(limit > 0 && limit < 100_000, "a log is long, a gap is not");
});

Deno.test("entries that are events become events; logins and the like don't", async () => {
  const time = Temporal.PlainDateTime.from("2026-04-29T11:00:05");
  const fields = { Type: "Event.Start", Detail: "VideoMotion" };
  const { log } = device([
    { time, code: "VideoMotion", action: "Start", channel: 2, fields },
    { time, code: null, action: null, fields: { Type: "Login" } },
    { time, code: "AlarmLocal", action: null },
    { time: null, code: "AlarmLocal", action: "Happened" },
  ]);
  assert.deepEqual(await log(new Date(), new Date(), {}), [
    {
      time: "2026-04-29T11:00:05",
      channel: 2,
      code: "VideoMotion",
      action: "start",
      raw: fields,
    },
    { time: null, channel: null, code: "AlarmLocal", action: "pulse", raw: {} },
  ]);
});

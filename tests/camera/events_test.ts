/** Events: their shape, their order, what repeats, when to attach; pure parts without a device. */

import assert from "node:assert/strict";
import { EVENT_CODES, isLasting, kindOf } from "../../lib/camera/events/codes.ts";
import { Edges } from "../../lib/camera/events/edges.ts";
import { EVENT_KINDS } from "../../lib/camera/events/event.ts";
import { eventTime } from "../../lib/camera/events/event_time.ts";
import { EventFilter } from "../../lib/camera/events/filter.ts";
import { normalise } from "../../lib/camera/events/normalise.ts";
import { Overlap } from "../../lib/camera/events/overlap.ts";
import { Reattach } from "../../lib/camera/events/reattach.ts";
import { RecordQueue } from "../../lib/camera/events/record_queue.ts";
import type { WireEvent } from "../../lib/dhip/event.ts";

const RECEIVED = "2026-01-01T00:00:00.000Z";

function wire(fields: Partial<WireEvent> = {}): WireEvent {
  const event = { code: "VideoMotion", action: "Start", index: 0, data: null, ...fields };
  return { raw: event, ...event };
}

Deno.test("an event has one shape, whatever the device sent", () => {
  const data = {
    Name: 'Rule "A"',
    Object: { ObjectType: "Human", BoundingBox: [1, 2, 3, 4] },
    RealUTC: 1_700_000_000,
    LocaleTime: "2023-11-14 23:13:20",
  };
  const event = wire({ code: "CrossLineDetection", index: 1, data });
  assert.deepEqual(normalise(event, RECEIVED, { titles: ["Door", "Yard"], zone: null }), {
    time: "2023-11-14T23:13:20+01:00",
    received: RECEIVED,
    channel: 2,
    channelName: "Yard",
    code: "CrossLineDetection",
    kind: "tripwire",
    action: "start",
    rule: 'Rule "A"',
    objects: [{ type: "Human", box: [1, 2, 3, 4] }],
    raw: event.raw,
  });
});

Deno.test("what a device does not tell is null, and unknown words are passed on", () => {
  const none = { titles: [], zone: null };
  const call = normalise(
    wire({ code: "CallNoAnswered", action: "Pulse", index: null }),
    RECEIVED,
    none,
  );
  assert.deepEqual([call.time, call.channel, call.channelName, call.rule], [
    null,
    null,
    null,
    null,
  ]);
  assert.deepEqual([call.kind, call.action, call.objects], ["call", "pulse", []]);
  const news = normalise(wire({ code: "New_2031", action: "Begins", data: [1] }), RECEIVED, none);
  assert.deepEqual([news.code, news.kind, news.action], ["New_2031", "other", "pulse"]);
  const several = { Objects: [{ ObjectType: "Vehicle" }, { BoundingBox: [1, 2] }, 7] };
  assert.deepEqual(normalise(wire({ data: several }), RECEIVED, none).objects, [
    { type: "Vehicle", box: null },
  ]);
  assert.equal(normalise(wire({ code: "toString" }), RECEIVED, none).kind, "other");
});

Deno.test("the time of an event is an instant where the zone is known", () => {
  const cases: [Record<string, unknown>, number | null, string | null][] = [
    [{}, 3600, null],
    [{ RealUTC: 1_767_225_600 }, null, "2026-01-01T00:00:00Z"],
    [{ RealUTC: 1_767_225_600 }, 7200, "2026-01-01T02:00:00+02:00"],
    [{ RealUTC: 1_767_225_600, LocaleTime: "2025-12-31 18:30:00" }, 0, "2025-12-31T18:30:00-05:30"],
    [{ RealUTC: 1_767_225_600.25 }, null, "2026-01-01T00:00:00.250Z"],
    [{ LocaleTime: "2026-01-01 10:00:00" }, null, "2026-01-01T10:00:00"],
    [{ LocaleTime: "2026-01-01 10:00:00" }, 19_800, "2026-01-01T10:00:00+05:30"],
    // The wall clock in the disguise of an instant: the zone is not known, or known otherwise.
    [{ UTC: 1_767_261_600, LocaleTime: "2026-01-01 10:00:00" }, null, "2026-01-01T10:00:00"],
    [{ UTC: 1_767_261_600, LocaleTime: "2026-01-01 10:00:00" }, 3600, "2026-01-01T10:00:00+01:00"],
    [{ UTC: 1_767_258_000, LocaleTime: "2026-01-01 10:00:00" }, null, "2026-01-01T10:00:00+01:00"],
    [{ UTC: 1_767_261_600 }, null, "2026-01-01T10:00:00Z"],
    // No time, or none that goes together.
    [{ UTC: 0, LocaleTime: "" }, null, null],
    [{ UTC: "x", LocaleTime: "2026-13-01 10:00:00" }, null, null],
    [{ RealUTC: 1_767_225_600, LocaleTime: "2020-01-01 00:00:00" }, null, "2026-01-01T00:00:00Z"],
    [{ UTC: 1e300 }, null, null],
  ];
  for (const [data, zone, time] of cases) {
    assert.equal(eventTime(data, zone), time, `${JSON.stringify(data)}, zone ${zone}`);
  }
});

Deno.test("every code has a known kind and a description", () => {
  assert.ok(Object.keys(EVENT_CODES).length >= 60);
  for (const [code, { description, kind }] of Object.entries(EVENT_CODES)) {
    assert.ok(EVENT_KINDS.includes(kind) && description.length > 3, code);
  }
  assert.equal(kindOf("VideoBlind"), "video");
  assert.ok(isLasting("AlarmLocal") && !isLasting("NewFile") && !isLasting("constructor"));
});

Deno.test("events are filtered by code, kind, and channel by number or title", () => {
  const at = (channel: number | null, channelName: string | null) => ({ channel, channelName });
  const all = new EventFilter({});
  assert.ok(all.wantsCode("New_2031") && all.wantsChannel(at(null, null)));
  assert.equal(new EventFilter({ codes: ["All", "A"] }).codes, undefined);
  const some = new EventFilter({
    codes: ["VideoMotion", "X"],
    kinds: ["motion"],
    channels: [2, "door"],
  });
  assert.ok(some.wantsCode("VideoMotion"));
  assert.ok(!some.wantsCode("X") && !some.wantsCode("VideoLoss"));
  assert.ok(some.wantsChannel(at(2, null)) && some.wantsChannel(at(5, "Door")));
  assert.ok(!some.wantsChannel(at(null, null)) && !some.wantsChannel(at(1, "Yard")));
  assert.throws(() => new EventFilter({ codes: ["a]&b"] }), RangeError);
});

Deno.test("a repetition is the same event again, or a start or stop of what is known", () => {
  const edges = new Edges();
  const note = (now: number, action: string, data: unknown = null, code = "VideoMotion") =>
    edges.note(wire({ action, data, code }), now);
  assert.ok(note(0, "Start"));
  assert.ok(!note(60_000, "Start"), "it is under way");
  assert.ok(note(61_000, "Stop"));
  assert.ok(!note(90_000, "Stop"), "it has ended");
  assert.ok(note(91_000, "Start"));
  assert.ok(note(0, "Start", { EventID: 1 }, "A") && note(0, "Start", { EventID: 2 }, "A"));
  assert.ok(note(1, "Stop", { EventID: 1 }, "A") && note(1, "Stop", { EventID: 2 }, "A"));
  assert.ok(note(5_000, "Stop", null, "B"), "what began before is not known");
  assert.ok(note(0, "Pulse", { UTC: 1 }, "C"));
  assert.ok(!note(1_000, "Pulse", { UTC: 1 }, "C"));
  assert.ok(note(1_000, "Pulse", { UTC: 2 }, "C") && note(9_000, "Pulse", { UTC: 1 }, "C"));
  assert.deepEqual(edges.codes().sort(), ["A", "B", "VideoMotion"]);
  assert.deepEqual(edges.active("VideoMotion", 92_000), { quiet: [0], touched: [] });
  assert.deepEqual(edges.active("VideoMotion", 91_000), { quiet: [], touched: [0] });
  edges.set("VideoMotion", 0, false, 93_000);
  assert.deepEqual(edges.active("VideoMotion", 94_000), { quiet: [], touched: [] });
});

Deno.test("what is known of events under way stays within bounds", () => {
  const edges = new Edges();
  for (let id = 0; id < 20_000; id++) {
    edges.note(wire({ data: { EventID: id } }), id);
    edges.note(wire({ code: `C${id}` }), id);
  }
  assert.ok(edges.codes().length <= 4096);
});

Deno.test("two attachments side by side deliver an event once, twice when it happened twice", () => {
  const [old, young] = [{}, {}];
  const overlap = new Overlap();
  const accept = (source: object, now: number, index = 0) =>
    overlap.accept(source, wire({ index }), now);
  assert.ok(accept(old, 0));
  assert.ok(!accept(young, 100));
  assert.ok(accept(young, 200) && accept(young, 300), "it happened twice");
  assert.ok(!accept(old, 400) && !accept(old, 500));
  assert.ok(accept(old, 600) && accept(old, 700, 1));
  assert.ok(accept(young, 3_000), "the copy would have come by now");
});

Deno.test("a flood is told apart too, without comparing all with all", () => {
  const overlap = new Overlap();
  const accepted = (source: object) =>
    Array.from(
      { length: 50_000 },
      (_, id) => overlap.accept(source, wire({ data: id % 1_000 }), id / 100),
    ).filter(Boolean).length;
  assert.deepEqual([accepted({}), accepted({})], [50_000, 0]);
});

Deno.test("attempts are made at once, then at growing intervals of 4 s at most", () => {
  const machine = new Reattach(0, () => 0);
  assert.equal(machine.poll(0), "attach");
  assert.equal(machine.deadline, Infinity);
  const waits: number[] = [];
  for (let now = 0; waits.length < 6; now = machine.deadline) {
    if (waits.length > 0) assert.equal(machine.poll(now), "attach");
    machine.failed(now);
    assert.equal(machine.poll(now), "wait");
    waits.push(machine.deadline - now);
  }
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 4000, 4000]);
});

Deno.test("a lost attachment that had proven itself is replaced at once, another after a wait", () => {
  const machine = new Reattach(0, () => 0);
  machine.poll(0);
  machine.attached(0, { silence: Infinity, maxAge: Infinity });
  machine.lost(5_000);
  assert.equal(machine.poll(5_000), "wait");
  assert.equal(machine.deadline, 5_500);
  assert.equal(machine.poll(5_500), "attach");
  machine.attached(5_500, { silence: Infinity, maxAge: Infinity });
  machine.lost(15_500);
  assert.equal(machine.poll(15_500), "attach");
});

Deno.test("silence, age and a restart that was announced are noticed in time", () => {
  const machine = new Reattach(0, () => 0);
  machine.poll(0);
  machine.attached(0, { silence: 10_000, maxAge: 60_000 });
  machine.heard(4_000);
  assert.equal(machine.deadline, 14_000);
  assert.equal(machine.poll(14_000), "silent");
  machine.heard(55_000);
  assert.equal(machine.poll(60_000), "renew");
  assert.equal(machine.poll(60_000), "wait");
  machine.attached(61_000, { silence: 10_000, maxAge: 60_000 });
  assert.equal(machine.poll(61_000), "release");
  machine.keepUntil(63_000);
  assert.equal(machine.poll(62_000), "wait");
  assert.equal(machine.poll(63_000), "release");
  machine.restarting(64_000);
  assert.equal(machine.poll(67_000), "probe");
  assert.equal(machine.poll(67_000), "wait");
  assert.equal(machine.poll(70_000), "probe");
});

Deno.test("a slow reader is told how many events it missed, and from when to when", async () => {
  const queue = new RecordQueue<string>(2, ({ from, to, count }) => `${count}: ${from}-${to}`);
  for (let at = 1; at <= 5; at++) queue.push({ item: `e${at}`, from: at, to: at, counts: true });
  queue.push({ item: "gap", from: 1, to: 6, counts: false });
  queue.drop({ from: 0, to: 0, counts: true }, 3);
  queue.end(new Error("over"));
  const read = async () => (await queue.next()).value;
  assert.deepEqual([await read(), await read(), await read()], ["7: 0-4", "e5", "gap"]);
  await assert.rejects(queue.next(), /over/);
  assert.deepEqual(await queue.next(), { done: true, value: undefined });
});

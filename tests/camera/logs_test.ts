import assert from "node:assert/strict";
import type { LogEntry, LogFilter, LogSearchOptions } from "../../lib/camera/mod.ts";
import type { JsonObject } from "../../lib/dhip/frame.ts";
import type { Script, ScriptedDevice } from "../support/scripted_device.ts";
import { NOT_FOUND, scriptedCamera } from "../support/scripted_camera.ts";

const at = (text: string) => Temporal.PlainDateTime.from(text);
const DAY: LogFilter = { from: at("2026-04-29T00:00"), to: at("2026-04-29T23:59:59") };
const TOKEN = 67_108_871;
const NO_DATA = { result: false, error: { code: 285409284, message: "no data" } };

const item = (index: number): JsonObject => ({
  Time: `2026-04-29 10:00:${String(index % 60).padStart(2, "0")}`,
  Type: "System.Reboot",
  Data: index,
});

/** A device with a log; its answers to a method may be replaced. */
function logOf(
  items: readonly unknown[],
  own: Readonly<Record<string, Script | JsonObject>> = {},
  cap = 100,
): Script {
  return (asked, device) => {
    const { method, params } = asked;
    const mine = own[method];
    if (mine !== undefined) return typeof mine === "function" ? mine(asked, device) : mine;
    switch (method) {
      case "log.startFind":
        return { result: true, params: { token: TOKEN } };
      case "log.getCount":
        return { result: true, params: { count: items.length } };
      case "log.doSeekFind": {
        const offset = Number(params!.offset);
        const page = items.slice(offset, offset + Math.min(cap, Number(params!.count)));
        return { result: true, params: { found: page.length, items: page } };
      }
      case "log.stopFind":
        return { result: true };
      default:
        return NOT_FOUND;
    }
  };
}

async function all(
  script: Script,
  filter: LogFilter = DAY,
  options?: LogSearchOptions,
): Promise<{ found: LogEntry[]; device: ScriptedDevice }> {
  await using scripted = await scriptedCamera(script);
  const { camera, clock, device } = scripted;
  const found = await clock.settle(Array.fromAsync(camera.logs.find(filter, options)));
  return { found, device };
}

function assertStopped(device: ScriptedDevice, times = 1): void {
  const stops = device.asked.filter(({ method }) => method === "log.stopFind");
  assert.equal(stops.length, times);
  for (const { params } of stops) assert.equal(params!.token, TOKEN);
}

Deno.test("entries are read in every shape, and unknown ones are passed on", async () => {
  const items = [
    {
      Time: "2026-04-29 12:00:30",
      Type: "Event.VideoMotion.Start",
      Channel: 2,
      User: "System",
      Detail: { Region: [1] },
    },
    { Time: "2026-04-29 12:00:40", Type: "Motion Detect", Code: "VideoMotion", Channel: 0 },
    { Time: "29-04-2026 12:01:00", Type: "Account", User: "admin", Address: "192.0.2.9", Data: 7 },
    { Some: "thing" },
    "just text",
    null,
  ];
  const { found, device } = await all(logOf(items));
  assert.deepEqual(JSON.parse(JSON.stringify(found.slice(0, 3))), [
    {
      time: "2026-04-29T12:00:30",
      type: "Event.VideoMotion.Start",
      code: "VideoMotion",
      action: "Start",
      channel: 2,
      user: "System",
      address: null,
      detail: '{"Region":[1]}',
      fields: items[0],
    },
    {
      time: "2026-04-29T12:00:40",
      type: "Motion Detect",
      code: "VideoMotion",
      action: null,
      channel: 1,
      user: null,
      address: null,
      detail: null,
      fields: items[1],
    },
    {
      time: "2026-04-29T12:01:00",
      type: "Account",
      code: null,
      action: null,
      channel: null,
      user: "admin",
      address: "192.0.2.9",
      detail: "7",
      fields: items[2],
    },
  ]);
  assert.deepEqual(found.slice(3).map(({ fields, time }) => [fields, time]), [
    [{ Some: "thing" }, null],
    ["just text", null],
    [null, null],
  ]);
  assertStopped(device);
});

Deno.test("the condition names period, types and order", async () => {
  const { device } = await all(logOf([]), {
    ...DAY,
    types: ["Event.VideoMotion.Start"],
    order: "newest",
  });
  assert.deepEqual(device.asked.find(({ method }) => method === "log.startFind")!.params, {
    condition: {
      StartTime: "2026-04-29 00:00:00",
      EndTime: "2026-04-29 23:59:59",
      Types: ["Event.VideoMotion.Start"],
      Translate: false,
      Order: "Descent",
    },
  });
  const plain = await all(logOf([]));
  const { condition } = plain.device.asked.find(({ method }) => method === "log.startFind")!
    .params as { condition: JsonObject };
  assert.equal(condition.Types, null);
  assert.equal(condition.Order, "Ascent");
});

Deno.test("capped pages, a limit, and devices that do not count", async () => {
  const items = Array.from({ length: 23 }, (_, index) => item(index));
  const counts: number[] = [];
  const onCount = (count: number) => counts.push(count);
  for (const cap of [1, 7, 100]) {
    for (const own of [{}, { "log.getCount": NOT_FOUND }]) {
      const { found, device } = await all(logOf(items, own, cap), DAY, { onCount });
      assert.deepEqual(found.map(({ detail }) => Number(detail)), [...items.keys()]);
      assertStopped(device);
      const some = await all(logOf(items, own, cap), DAY, { limit: 9 });
      assert.equal(some.found.length, 9);
    }
  }
  assert.deepEqual(counts, [23, 23, 23]);
});

Deno.test("a device that always gives the same page does not loop for ever", async () => {
  const page = { result: true, params: { found: 2, items: [item(1), item(2)] } };
  const { found, device } = await all(
    logOf([], { "log.getCount": NOT_FOUND, "log.doSeekFind": page }),
  );
  assert.equal(found.length, 2);
  assertStopped(device);
});

Deno.test("nothing found is no error", async () => {
  for (const start of [{ result: false }, NO_DATA]) {
    const { found, device } = await all(logOf([], { "log.startFind": start }));
    assert.deepEqual(found, []);
    assertStopped(device, 0);
  }
  for (const page of [{ result: false }, NO_DATA, { result: true, params: { items: null } }]) {
    const own = { "log.getCount": NOT_FOUND, "log.doSeekFind": page };
    const { found, device } = await all(logOf([], own));
    assert.deepEqual(found, []);
    assertStopped(device);
  }
});

Deno.test("the token is given back on break, refusal and abort, and when it comes late", async () => {
  const items = Array.from({ length: 9 }, (_, index) => item(index));
  {
    await using scripted = await scriptedCamera(logOf(items, {}, 2));
    const { camera, clock, device } = scripted;
    await clock.settle((async () => {
      for await (const _ of camera.logs.find(DAY)) break;
    })());
    assertStopped(device);
    assert.equal(device.count("log.doSeekFind"), 1);
  }
  {
    const denied = { result: false, error: { code: 285278249 } };
    await using scripted = await scriptedCamera(logOf(items, { "log.doSeekFind": denied }));
    const { camera, clock, device } = scripted;
    await assert.rejects(clock.settle(Array.fromAsync(camera.logs.find(DAY))), {
      code: "DHIP_NO_PERMISSION",
    });
    assertStopped(device);
  }
  {
    const never = () => undefined;
    const own = { "log.doSeekFind": never, "log.stopFind": never };
    await using scripted = await scriptedCamera(logOf(items, own));
    const { camera, clock, device } = scripted;
    const controller = new AbortController();
    const search = Array.fromAsync(camera.logs.find(DAY, { signal: controller.signal }));
    search.catch(() => {});
    await clock.advance(10);
    controller.abort();
    await assert.rejects(clock.settle(search), { code: "DHIP_INTERRUPTED" });
    assertStopped(device);
  }
  {
    let answer = () => {};
    await using scripted = await scriptedCamera(logOf(items, {
      "log.startFind": () =>
        new Promise((resolve) =>
          answer = () => resolve({ result: true, params: { token: TOKEN } })
        ),
    }));
    const { camera, clock, device } = scripted;
    const controller = new AbortController();
    const search = Array.fromAsync(camera.logs.find(DAY, { signal: controller.signal }));
    search.catch(() => {});
    await clock.advance(10);
    controller.abort();
    await assert.rejects(clock.settle(search), { code: "DHIP_INTERRUPTED" });
    answer();
    await clock.advance(10);
    assertStopped(device);
  }
});

Deno.test("a search without a token, and mistakes of the caller", async () => {
  await using scripted = await scriptedCamera(logOf([], { "log.startFind": { result: true } }));
  const { camera, clock } = scripted;
  const search = (options?: LogSearchOptions) =>
    clock.settle(Array.fromAsync(camera.logs.find(DAY, options)));
  await assert.rejects(search(), { code: "DHIP_BAD_REPLY", method: "log.startFind" });
  await assert.rejects(search({ limit: 0 }), RangeError);
  await assert.rejects(search({ pageSize: -1 }), RangeError);
});

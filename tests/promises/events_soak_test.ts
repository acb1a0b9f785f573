/**
 * Promise 2 on real sockets and real time: restarts, half-open links, streams that fall silent. Every
 * event of the simulator is received or lies in a gap. Minutes at full scale, seconds otherwise.
 */

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { DahuaCamera, type EventRecord, type EventTransport } from "../../lib/camera/mod.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { Simulator } from "../../lib/simulator/mod.ts";
import { between, scaled, seeded } from "../support/random.ts";

const PASSWORD = "soak secret";
/** What a byte may take on a busy machine, ms. */
const TOLERANCE = 500;

async function soak(via: EventTransport, host: string, milliseconds: number): Promise<void> {
  const random = seeded(host.length + milliseconds);
  await using simulator = await Simulator.start({
    host,
    password: PASSWORD,
    httpPort: 0,
    keepAliveInterval: 4,
  });
  const device = simulator.devices[0]!;
  await using camera = DahuaCamera.at(host, {
    password: PASSWORD,
    port: device.dhipPort,
    httpPort: device.httpPort!,
    transport: via === "rpc" ? "http" : "dhip",
    guard: new MemoryLoginGuard(),
    timeout: 2_000,
  });
  const emitted: { id: number; at: number }[] = [];
  const emit = () => {
    const id = emitted.length;
    emitted.push({ id, at: Date.now() });
    simulator.event({ code: "NewFile", data: { EventID: id } });
  };
  const records: EventRecord[] = [];
  const stream = camera.events.watch({ via, heartbeat: 1_000, maxAge: 6_000 });
  const connected = Promise.withResolvers<void>();
  const reading = (async () => {
    for await (const record of stream) {
      records.push(record);
      connected.resolve();
    }
  })();
  await connected.promise;
  await pause(200);
  const since = Date.now();
  const timer = setInterval(emit, 25);
  const mishaps = [
    () => simulator.restart({ downtime: between(random, 0, 1_500) }),
    () => simulator.fault("half-open", { scope: "present" }),
    () => simulator.fault("session-expiry"),
    async () => { // heartbeats and events stop on the stream that is there
      if (via !== "cgi") return;
      const lost = () => records.filter((record) => isLoss(record)).length;
      const before = lost();
      simulator.fault("silent-stream");
      for (let i = 0; lost() === before; i++) {
        assert.ok(i < 1_000, "the silence is not noticed");
        await pause(5);
      }
      simulator.clearFault("silent-stream");
    },
  ];
  try {
    for (let turn = 0; Date.now() < since + milliseconds; turn++) {
      await mishaps[turn % mishaps.length]!();
      await pause(between(random, 1_500, 4_000));
    }
    // The last mishap is noticed and mended when something that came after it is received.
    const after = emitted.length;
    const isMended = () => {
      const last = records.findLast(({ code, kind }) => kind !== "stream" && code === "NewFile");
      return last !== undefined && last.kind !== "stream" && idOf(last.raw) > after;
    };
    for (let i = 0; !isMended(); i++) {
      assert.ok(i < 300, `${via}: not mended`);
      await pause(100);
    }
  } finally {
    clearInterval(timer);
  }
  await pause(300);
  await stream.close();
  await reading;
  const received = new Map<number, number>();
  for (const record of records) {
    if (record.code !== "NewFile" || record.raw === null) continue;
    const id = idOf(record.raw);
    received.set(id, (received.get(id) ?? 0) + 1);
  }
  const gaps = records.flatMap((record) =>
    record.kind === "stream" && record.code === "_gap"
      ? [[Date.parse(record.from) - TOLERANCE, Date.parse(record.to) + TOLERANCE] as const]
      : []
  );
  for (const { id, at } of emitted) {
    const times = received.get(id) ?? 0;
    assert.ok(times <= 1, `${via}: event ${id} received ${times} times`);
    const isCovered = gaps.some(([from, to]) => from <= at && at <= to);
    assert.ok(times === 1 || isCovered, `${via}: event ${id} lost outside of ${gaps.length} gaps`);
  }
  assert.ok(gaps.length > 0 && received.size > emitted.length / 10, `${via}: hardly anything came`);
}

function isLoss(record: EventRecord): boolean {
  return record.kind === "stream" && record.code === "_state" && record.state === "lost";
}

function idOf(raw: unknown): number {
  return Number(/"EventID": ?(\d+)/.exec(JSON.stringify(raw))?.[1]);
}

Deno.test("on real sockets, every event is received once or lies in a gap", async () => {
  const milliseconds = scaled(150_000);
  await Promise.all([
    soak("dhip", "127.77.23.1", milliseconds),
    soak("cgi", "127.77.23.2", milliseconds),
    soak("rpc", "127.77.23.3", milliseconds),
  ]);
});

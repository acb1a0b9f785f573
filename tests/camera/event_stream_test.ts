/** Event streams from a simulated device, over every transport. */

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { DahuaCamera, type EventRecord, type WatchOptions } from "../../lib/camera/mod.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { Simulator, type SimulatorOptions } from "../../lib/simulator/mod.ts";

const HOST = "127.77.22.1";
const PASSWORD = "events secret";

async function started(options: SimulatorOptions = {}): Promise<Simulator> {
  return await Simulator.start({ host: HOST, password: PASSWORD, httpPort: 0, ...options });
}

function cameraOf(simulator: Simulator, transport?: "dhip" | "http", password = PASSWORD) {
  const device = simulator.devices[0]!;
  return DahuaCamera.at(device.host, {
    password,
    port: device.dhipPort,
    httpPort: device.httpPort!,
    transport,
    guard: new MemoryLoginGuard(),
  });
}

/** Reads until `enough`, which may also make something happen. */
async function read(
  camera: DahuaCamera,
  options: WatchOptions,
  enough: (record: EventRecord, records: EventRecord[]) => unknown,
): Promise<EventRecord[]> {
  const records: EventRecord[] = [];
  await using stream = camera.events.watch(options);
  for await (const record of stream) {
    records.push(record);
    if (await enough(record, records)) break;
  }
  return records;
}

const isState = (record: EventRecord, state: string) =>
  record.kind === "stream" && record.code === "_state" && record.state === state;

for (const via of ["dhip", "cgi", "rpc"] as const) {
  const transport = via === "rpc" ? "http" : "dhip";

  Deno.test(`${via}: events come in one shape, after a word about the way`, async () => {
    await using simulator = await started();
    await using camera = cameraOf(simulator, transport);
    const data = { Name: "Gate", Object: { ObjectType: "Human", BoundingBox: [1, 2, 3, 4] } };
    const [first, event] = await read(camera, { via }, (record) => {
      if (!isState(record, "connected")) return true;
      simulator.event({ code: "CrossLineDetection", action: "Start", data });
      return false;
    });
    assert.ok(first?.kind === "stream" && first.code === "_state" && first.transport === via);
    assert.ok(event !== undefined && event.kind !== "stream");
    const { received, raw, ...rest } = event;
    assert.ok(Date.parse(received) > 0);
    assert.ok(JSON.stringify(raw).includes("CrossLineDetection"));
    assert.deepEqual(rest, {
      time: null,
      channel: 1,
      channelName: "Channel 1",
      code: "CrossLineDetection",
      kind: "tripwire",
      action: "start",
      rule: "Gate",
      objects: [{ type: "Human", box: [1, 2, 3, 4] }],
    });
  });

  Deno.test(`${via}: a restart is a gap, then the state, then events again`, async () => {
    await using simulator = await started();
    await using camera = cameraOf(simulator, transport);
    let motion = 0;
    const records = await read(camera, { via, codes: ["VideoMotion"] }, async (record) => {
      if (isState(record, "connected")) {
        simulator.event({ code: "NewFile" }); // not asked for
        simulator.event({ code: "VideoMotion", action: "Start" });
      } else if (record.kind === "motion" && motion++ === 0) {
        await simulator.restart({ downtime: 300 });
      } else if (record.kind === "stream" && record.code === "_resync") {
        assert.deepEqual(record.codes, ["VideoMotion"]);
      } else if (record.kind === "motion" && record.synthetic) {
        simulator.event({ code: "VideoMotion", action: "Start" });
      }
      return motion === 3;
    });
    const told = records.map((record) =>
      record.kind !== "stream"
        ? `${record.code} ${record.action}${record.synthetic ? " synthetic" : ""}`
        : record.code === "_state"
        ? record.state
        : record.code
    ).filter((word) => word !== "waiting");
    assert.deepEqual(told, [
      "connected",
      "VideoMotion start",
      "restarting", // the simulated device says so, as real ones do
      "lost",
      "_gap",
      "reattached",
      "_resync",
      "VideoMotion stop synthetic",
      "VideoMotion start",
    ]);
  });

  Deno.test(`${via}: leaving the loop ends the attachment and the login`, async () => {
    await using simulator = await started();
    {
      await using camera = cameraOf(simulator, transport);
      await read(camera, { via }, () => true);
    }
    const { logins, logouts, sessionsOpen } = simulator.stats();
    assert.equal(logins, logouts);
    assert.equal(sessionsOpen, 0);
    // A server hears of a closed connection when it gets round to it.
    for (let i = 0; simulator.event({ code: "NewFile" }) > 0; i++) {
      assert.ok(i < 500, "somebody still listens");
      await pause(10);
    }
  });

  Deno.test(`${via}: a refused login ends the stream with the refusal, after one attempt`, async () => {
    await using simulator = await started();
    await using camera = cameraOf(simulator, transport, "wrong");
    const records: EventRecord[] = [];
    await assert.rejects(
      read(camera, { via }, (record) => void records.push(record)),
      { code: "DHIP_AUTH_REFUSED" },
    );
    assert.ok(records.length === 1 && isState(records[0]!, "failed"));
    assert.equal(simulator.stats().refusedLogins, 1);
  });
}

async function replaced(via: "dhip" | "cgi" | "rpc", host: string): Promise<void> {
  await using simulator = await started({ host });
  await using camera = cameraOf(simulator, via === "rpc" ? "http" : "dhip");
  let sent = 0;
  const timer = setInterval(
    () => simulator.event({ code: "NewFile", data: { EventID: sent++ } }),
    40,
  );
  try {
    let after = 0;
    const records = await read(camera, { via, maxAge: 5_000 }, (_, records) => {
      const renewed = records.some((record) =>
        isState(record, "renewed") || isState(record, "reattached")
      );
      return renewed && after++ > 80;
    });
    const ids = records.flatMap((record) =>
      record.kind === "stream" || record.raw === null
        ? []
        : [Number(/"EventID": ?(\d+)/.exec(JSON.stringify(record.raw))![1])]
    );
    assert.deepEqual(ids, [...new Set(ids)], "an event came twice");
    const gaps = records.filter((record) => record.code === "_gap").length;
    if (via === "rpc") return assert.ok(gaps >= 1);
    assert.equal(gaps, 0);
    assert.equal(ids.at(-1)! - ids[0]! + 1, ids.length, "an event is missing");
  } finally {
    clearInterval(timer);
  }
}

Deno.test("an attachment that is replaced for its age loses nothing, or says so", async () => {
  await Promise.all([
    replaced("dhip", "127.77.22.2"),
    replaced("cgi", "127.77.22.3"),
    replaced("rpc", "127.77.22.4"),
  ]);
});

Deno.test("auto takes the web API where there is no DHIP, and where pushes are refused", async () => {
  await using simulator = await started();
  const transports: unknown[] = [];
  {
    await using camera = cameraOf(simulator, "http");
    const [first] = await read(camera, {}, () => true);
    transports.push(first?.code === "_state" && "transport" in first && first.transport);
  }
  {
    await using camera = cameraOf(simulator);
    const [first] = await read(camera, {}, () => true);
    transports.push(first?.code === "_state" && "transport" in first && first.transport);
  }
  assert.deepEqual(transports, ["cgi", "dhip"]);
});

Deno.test("a way that the session is not for is refused with a hint", async () => {
  await using simulator = await started();
  await using camera = cameraOf(simulator, "dhip");
  await assert.rejects(read(camera, { via: "rpc" }, () => false), {
    code: "DHIP_NOT_SUPPORTED",
    hint: "Connect with --transport http.",
  });
});

Deno.test("without reconnecting, the first failure ends the stream, behind its gap", async () => {
  await using simulator = await started();
  await using camera = cameraOf(simulator);
  const records: EventRecord[] = [];
  await assert.rejects(
    read(camera, { reconnect: false }, async (record) => {
      records.push(record);
      if (isState(record, "connected")) await simulator.restart();
    }),
    { code: "DHIP_CONNECTION_LOST" },
  );
  const told = records.filter(({ kind }) => kind === "stream").map(({ code }) => code);
  assert.deepEqual(told, ["_state", "_state", "_gap", "_state"]);
  assert.ok(isState(records.at(-1)!, "failed"));
});

Deno.test("close ends a stream quietly, a signal with an interruption", async () => {
  await using simulator = await started();
  await using camera = cameraOf(simulator);
  const closed = await read(camera, {}, () => false.valueOf() || true);
  assert.equal(closed.length, 1);
  const controller = new AbortController();
  await assert.rejects(
    read(camera, { signal: controller.signal }, () => void controller.abort()),
    { code: "DHIP_INTERRUPTED" },
  );
  await assert.rejects(
    read(camera, { signal: AbortSignal.abort() }, () => false),
    { code: "DHIP_INTERRUPTED" },
  );
});

Deno.test("options out of range are mistakes of the caller", async () => {
  await using simulator = await started();
  await using camera = cameraOf(simulator);
  for (const options of [{ heartbeat: 999 }, { heartbeat: 61_000 }, { maxAge: 10 }, { limit: 0 }]) {
    assert.throws(() => camera.events.watch(options), RangeError);
  }
  assert.equal(simulator.stats().connections, 0);
});

Deno.test("odd parts of the web API's stream are read as what they mean", async () => {
  await using simulator = await started();
  await using camera = cameraOf(simulator);
  simulator.fault("odd-parts", { length: "missing", lower: true, "second-head": true });
  const [, event] = await read(camera, { via: "cgi" }, (record) => {
    if (isState(record, "connected")) simulator.event({ code: "VideoBlind", action: "Start" });
    return record.kind === "video";
  });
  assert.equal(event?.kind, "video");
});

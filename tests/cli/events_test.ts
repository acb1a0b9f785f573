/** `dhip events`: what it prints, when it ends, what it refuses. */

import assert from "node:assert/strict";
import type { CameraEvent, EventRecord, EventStream, WatchOptions } from "../../lib/camera/mod.ts";
import { DhipError } from "../../lib/errors.ts";
import { OutputClosed } from "../../lib/cli/io.ts";
import type { Library } from "../../lib/cli/devices.ts";
import { until } from "../../lib/cli/until.ts";
import { cli, FakeDevice } from "./_support.ts";

const RECEIVED = "2026-01-02T03:04:05.000Z";

const MOTION: CameraEvent = {
  time: "2026-01-02T04:04:05+01:00",
  received: RECEIVED,
  channel: 3,
  channelName: "Yard, north",
  code: "CrossLineDetection",
  kind: "tripwire",
  action: "start",
  rule: "=Gate",
  objects: [{ type: "Human", box: [1, 2, 3, 4] }],
  raw: { Action: "Start", Code: "CrossLineDetection", Index: 2, Data: { Name: "=Gate" } },
};

const CONNECTED: EventRecord = {
  kind: "stream",
  code: "_state",
  received: RECEIVED,
  state: "connected",
  transport: "dhip",
  reason: null,
  message: null,
};

const GAP: EventRecord = {
  kind: "stream",
  code: "_gap",
  received: RECEIVED,
  from: "2026-01-02T03:04:00.000Z",
  to: RECEIVED,
  reason: "DHIP_CONNECTION_LOST",
  transport: "dhip",
  dropped: null,
};

/** A library whose devices tell `records`, and then nothing until they are closed, or fail. */
function telling(
  records: readonly EventRecord[] | ((host: string) => readonly EventRecord[]),
  failure?: (host: string) => DhipError | undefined,
): { library: Partial<Library>; asked: WatchOptions[]; transports: unknown[] } {
  const asked: WatchOptions[] = [];
  const transports: unknown[] = [];
  const library: Partial<Library> = {
    at({ host }, { transport }) {
      transports.push(transport);
      const device = new FakeDevice({ host });
      const watch = (options: WatchOptions = {}): EventStream => {
        asked.push(options);
        const closed = Promise.withResolvers<void>();
        async function* tell(): AsyncGenerator<EventRecord, void, void> {
          yield* typeof records === "function" ? records(host) : records;
          const error = failure?.(host);
          if (error !== undefined) throw error;
          await closed.promise;
        }
        const close = () => Promise.resolve(closed.resolve());
        return Object.assign(tell(), { close, [Symbol.asyncDispose]: close }) as EventStream;
      };
      return Promise.resolve(Object.assign(device, { events: { watch } }) as never);
    },
  };
  return { library, asked, transports };
}

const lines = (text: string) => text.trimEnd().split("\n").map((line) => JSON.parse(line));

Deno.test("events are one JSON object a line in a pipe, with -o json too", async () => {
  for (const format of [[], ["-o", "json"], ["-o", "ndjson"]]) {
    const { library } = telling([CONNECTED, MOTION, GAP, MOTION]);
    const argv = ["events", "h", "--max-events", "2", "-P", "x", ...format];
    const { code, out } = await cli(argv, { library });
    assert.equal(code, 0);
    assert.deepEqual(
      lines(out),
      [CONNECTED, MOTION, GAP, MOTION].map((record) => ({
        device: "h",
        ...record,
      })),
    );
  }
});

Deno.test("on a terminal events are lines for people, without control characters", async () => {
  const evil = { ...MOTION, channelName: "\x1b[2J", rule: null };
  const { library } = telling([CONNECTED, GAP, evil]);
  const argv = ["events", "h", "--max-events", "1", "-P", "x"];
  const { out } = await cli(argv, { library, terminal: true });
  const [state, gap, event] = out.split("\n").map((line) => line.replace(/^[\d-]+ [\d:]+ {2}/, ""));
  assert.equal(state, "h  -- connected over dhip");
  assert.match(gap!, /^h {2}-- gap of 5 s, .*: events may be missing \(DHIP_CONNECTION_LOST\)$/);
  assert.equal(event, "h  3 ␛[2J  CrossLineDetection start  tripwire  Human");
  assert.ok(out.includes("2026-01-02 04:04:05  h  3"), "the device's own wall clock");
});

Deno.test("CSV has one heading and is safe in a spreadsheet", async () => {
  const { library } = telling([CONNECTED, MOTION]);
  const argv = ["events", "h", "-o", "csv", "--max-events", "1", "-P", "x"];
  const { out } = await cli(argv, { library });
  assert.equal(
    out,
    "device,time,received,channel,channel_name,code,kind,action,rule,objects,note\r\n" +
      `h,,${RECEIVED},,,_state,stream,,,,connected over dhip\r\n` +
      `h,2026-01-02T04:04:05+01:00,${RECEIVED},3,"Yard, north",CrossLineDetection,tripwire,start,` +
      "'=Gate,Human,\r\n",
  );
});

Deno.test("--raw prints what the device sent", async () => {
  const { library } = telling([CONNECTED, MOTION]);
  const argv = ["events", "h", "--raw", "--max-events", "1", "-P", "x"];
  const { out } = await cli(argv, { library });
  assert.deepEqual(lines(out)[1], { device: "h", received: RECEIVED, raw: MOTION.raw });
});

Deno.test("options become wishes of the library", async () => {
  const { library, asked, transports } = telling([MOTION]);
  const argv = [
    ...["events", "h", "--code", "A,B", "--code", "C", "--kind", "motion,face", "--channel", "2"],
    ...["--channel", "Front door", "--dedup", "--backfill", "--via", "rpc", "--heartbeat", "10"],
    ...["--max-age", "1h", "--no-reconnect", "--timeout", "20", "--max-events", "1", "-P", "x"],
  ];
  assert.equal((await cli(argv, { library })).code, 0);
  assert.deepEqual(asked, [{
    codes: ["A", "B", "C"],
    kinds: ["motion", "face"],
    channels: [2, "Front door"],
    via: "rpc",
    dedup: true,
    backfill: true,
    heartbeat: 10_000,
    maxAge: 3_600_000,
    reconnect: false,
    timeout: 20_000,
  }]);
  assert.deepEqual(transports, ["http"], "pushes over HTTP need a session over HTTP");
});

Deno.test("several devices are watched at the same time, however many there are", async () => {
  const hosts = Array.from({ length: 12 }, (_, index) => `h${index}`);
  const { library, asked } = telling((host) => [{ ...MOTION, channelName: host }]);
  const argv = ["events", ...hosts, "--max-events", "12", "--concurrency", "2", "-P", "x"];
  const { code, out } = await cli(argv, { library });
  assert.equal(code, 0);
  assert.equal(asked.length, 12);
  const told = lines(out);
  assert.deepEqual(told.map(({ device }) => device).sort(), [...hosts].sort());
  assert.ok(told.every(({ device, channelName }) => device === channelName));
});

Deno.test("one device that fails does not end the others, and the exit code says so", async () => {
  const refused = new DhipError("DHIP_AUTH_REFUSED", "Login refused");
  const controller = new AbortController();
  const { library } = telling([MOTION], (host) => host === "bad" ? refused : undefined);
  const running = cli(["events", "bad", "good", "-P", "x"], {
    library,
    interrupt: controller.signal,
    terminal: true,
  });
  setTimeout(() => controller.abort(), 50);
  const { code, out, err } = await running;
  assert.equal(code, 6);
  assert.match(out, /bad .*\n.*good |good .*\n.*bad /);
  assert.match(err, /dhip: bad: Login refused\n[^]*1 of 2 targets failed/);
});

Deno.test("a single device that fails ends the command with its error", async () => {
  const { library } = telling([], () => new DhipError("DHIP_AUTH_LOCKED", "Locked"));
  const { code, err } = await cli(["events", "h", "-P", "x"], { library });
  assert.equal(code, 4);
  assert.equal(JSON.parse(err.trimEnd().split("\n").at(-1)!).error.code, "DHIP_AUTH_LOCKED");
});

Deno.test("Ctrl-C, a limit of time and a reader that leaves end it with 0", async () => {
  const controller = new AbortController();
  const interrupted = cli(["events", "h", "-P", "x"], {
    ...telling([MOTION]),
    interrupt: controller.signal,
    onOutput: () => setTimeout(() => controller.abort(), 10),
  });
  assert.equal((await interrupted).code, 0);
  const timed = await cli(["events", "h", "--until", "30ms", "-P", "x"], telling([MOTION]));
  assert.equal(timed.code, 0);
  assert.equal(lines(timed.out).length, 1);
  for (const hosts of [["h"], ["h", "i"]]) {
    const left = await cli(["events", ...hosts, "-q", "-P", "x"], {
      ...telling([MOTION, MOTION]),
      onOutput: () => {
        throw new OutputClosed();
      },
    });
    assert.deepEqual([left.code, left.err, left.out], [0, "", ""]);
  }
});

Deno.test("Ctrl-C ends it with 130 when whoever reads has stopped to read", async () => {
  const controller = new AbortController();
  const result = await cli(["events", "h", "-P", "x"], {
    ...telling([MOTION]),
    interrupt: controller.signal,
    io: {
      stdout: {
        isTerminal: false,
        columns: 80,
        rows: 24,
        write() {
          controller.abort();
          return new Promise(() => {});
        },
      },
    },
  });
  assert.equal(result.code, 130);
});

Deno.test("what cannot be meant is a usage error", async () => {
  const cases: [string[], RegExp][] = [
    [["--channel", "0"], /--channel must be 1 or more: the first channel is 1/],
    [["--kind", "dogs"], /--kind must be one of motion, /],
    [["--code", "a b"], /--code must be event codes such as/],
    [["--until", "tomorrow"], /--until must be a time such as/],
    [["--via", "smoke"], /--via must be one of auto, dhip, cgi, rpc/],
    [["--max-events", "0"], /--max-events must be a whole number of at least 1/],
  ];
  for (const [options, message] of cases) {
    const { code, err } = await cli(["events", "h", ...options], {});
    assert.equal(code, 2, options.join(" "));
    assert.match(err, message);
  }
});

Deno.test("--until takes a time to wait, a time of day, a moment", () => {
  const now = new Date(2026, 0, 2, 12, 0, 0).getTime();
  const cases: [string, number][] = [
    ["90s", 90_000],
    ["10", 10_000],
    ["12:30", 30 * 60_000],
    ["12:00:10", 10_000],
    ["12:00", 24 * 3_600_000],
    ["2026-01-02T13:00", 3_600_000],
    ["2026-01-02 13:00:01", 3_601_000],
    ["2020-01-01T00:00", 0],
  ];
  for (const [text, wait] of cases) assert.equal(until.parse(text)(now), wait, text);
  assert.equal(
    until.parse("2026-01-02T13:00:00Z")(Date.UTC(2026, 0, 2, 12)),
    3_600_000,
  );
  for (const text of ["", "x", "25:00", "12:60", "2026-99-99T00:00"]) {
    assert.throws(() => until.parse(text), SyntaxError, text);
  }
});

Deno.test("the help lists the codes, and marks those that nobody has verified", async () => {
  const { out } = await cli(["help", "events"], { columns: 100 });
  assert.match(out, /VideoMotion +motion: motion detected\n/);
  assert.match(out, /FingerPrintCheck +access: door station: fingerprint checked \(unverified\)\n/);
});

Deno.test("python-dhip's line prints indented documents in the form of pushes", async () => {
  const overCgi = { ...MOTION, raw: { Code: "VideoMotion", action: "Start", index: 2 } };
  const controller = new AbortController();
  const { library, asked } = telling([CONNECTED, MOTION, { ...overCgi, code: "VideoMotion" }]);
  const { code, out, err } = await cli(["h", "events", "--codes", "A", "B"], {
    library,
    interrupt: controller.signal,
    onOutput: () => setTimeout(() => controller.abort(), 20),
  });
  assert.equal(code, 0);
  const documents = [MOTION.raw, { Action: "Start", Code: "VideoMotion", Index: 2 }];
  assert.equal(out, documents.map((each) => `${JSON.stringify(each, undefined, 2)}\n`).join(""));
  assert.match(err, /^native form: dhip events h --code=A,B\n/);
  assert.match(err, /\[\+\] listening for events \['A', 'B'\] \(Ctrl-C to stop\)\n/);
  assert.deepEqual(asked[0]?.codes, ["A", "B"]);
  for (const line of [["h", "events"], ["h", "events", "--codes"]]) {
    const ended = AbortSignal.timeout(30);
    const all = await cli(line, { ...telling([]), interrupt: ended });
    assert.match(all.err, /listening for events \['All'\]/);
    assert.equal(all.code, 0);
  }
});

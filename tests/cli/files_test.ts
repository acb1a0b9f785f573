/** `dhip files`. */

import assert from "node:assert/strict";
import { library } from "../../lib/cli/devices.ts";
import type { JsonObject } from "../../lib/dhip/frame.ts";
import { Simulator, type SimulatorOptions } from "../../lib/simulator/mod.ts";
import type { Script } from "../support/scripted_device.ts";
import { NOT_FOUND } from "../support/scripted_camera.ts";
import { cliOn } from "./_scripted.ts";
import { cli, type FakeSurroundings, memoryState, type Ran } from "./_support.ts";

const WHOLE = ["--from", "2026-04-28", "--to", "2026-04-30"];

const RECORDINGS: NonNullable<SimulatorOptions["recordings"]> = [
  { channel: 1, start: "2026-04-29 10:00:00", end: "2026-04-29 10:30:00", length: 5_000_000 },
  {
    channel: 1,
    start: "2026-04-29 23:30:00",
    end: "2026-04-30 00:10:00",
    flag: "Event",
    events: ["VideoMotion"],
    length: 3_000_000,
  },
  { channel: 2, start: "2026-04-29 11:00:00", end: "2026-04-29 11:30:00", stream: "Extra1" },
  { channel: 2, start: "2026-04-29 11:00:00", type: "jpg" },
];

async function withCamera(
  test: (run: (line: string[], around?: FakeSurroundings) => Promise<Ran>) => Promise<void>,
  options: SimulatorOptions = {},
): Promise<void> {
  const host = "127.77.22.5";
  await using simulator = await Simulator.start({
    host,
    password: "x",
    channels: 2,
    recordings: RECORDINGS,
    ...options,
  });
  const target = `${host}:${simulator.dhipPort}`;
  const state = () => Promise.resolve(memoryState());
  await test((line, around = {}) =>
    cli(line.map((word) => word === "TARGET" ? target : word), {
      ...around,
      env: { DHIP_PASSWORD: "x", NO_COLOR: "1" },
      library: { ...library, state },
    })
  );
  assert.equal(simulator.stats().finders, 0);
}

const of = (ran: Ran) => JSON.parse(ran.out) as JsonObject[];

Deno.test("files lists all channels, as JSON, CSV, NDJSON and a table", () =>
  withCamera(async (run) => {
    const json = await run(["files", "TARGET", ...WHOLE]);
    assert.equal(json.code, 0, json.err);
    assert.deepEqual(of(json).map(({ channel, start }) => [channel, start]), [
      [1, "2026-04-29T10:00:00"],
      [1, "2026-04-29T23:30:00"],
      [2, "2026-04-29T11:00:00"],
    ]);
    assert.equal(json.err, "");
    const lines = await run(["files", "TARGET", ...WHOLE, "-o", "ndjson"]);
    assert.deepEqual(lines.out.trimEnd().split("\n").map((line) => JSON.parse(line)), of(json));
    const csv = await run(["files", "TARGET", ...WHOLE, "-o", "csv"]);
    assert.match(
      csv.out,
      /^channel,start,end,duration_seconds,bytes,type,stream,flags,events,disk/,
    );
    assert.match(
      csv.out,
      /\r\n1,2026-04-29 23:30:00,2026-04-30 00:10:00,2400,3000000,dav,main,event,VideoMotion,/,
    );
    const table = await run(["files", "TARGET", ...WHOLE, "-c", "1"], { terminal: true });
    assert.match(table.out, /CHANNEL +START +END +LENGTH +SIZE/);
    assert.match(table.out, /40:00 +2\.9 MiB +event VideoMotion +main/);
    assert.match(table.err, /: 2 recordings, 7\.6 MiB\n$/);
  }));

Deno.test("files takes channels by number and name, and every condition", () =>
  withCamera(async (run) => {
    const count = async (...more: string[]) => {
      const ran = await run(["files", "TARGET", ...WHOLE, ...more]);
      assert.equal(ran.code, 0, ran.err);
      return of(ran).length;
    };
    assert.equal(await count("-c", "2"), 1);
    assert.equal(await count("-c", "channel 1", "-c", "1"), 2);
    assert.equal(await count("-c", "2", "--type", "jpg"), 1);
    assert.equal(await count("--type", "jpg", "--type", "dav"), 4);
    assert.equal(await count("--event", "VideoMotion"), 1);
    assert.equal(await count("--why", "event"), 1);
    assert.equal(await count("--why", "event", "--why", "timing"), 3);
    assert.equal(await count("--stream", "sub1"), 1);
    assert.equal(await count("--folder", "/nowhere"), 0);
    assert.equal(await count("--limit", "2"), 2);
    assert.equal(await count("--offset", "2"), 1);
    const newest = await run(["files", "TARGET", ...WHOLE, "-c", "1", "--newest"]);
    assert.equal(of(newest)[0]!.start, "2026-04-29T23:30:00");
  }));

Deno.test("files that finds nothing says so and succeeds", () =>
  withCamera(async (run) => {
    const empty = ["files", "TARGET", "--from", "2001-01-01", "--to", "2001-01-02"];
    assert.deepEqual(of(await run(empty)), []);
    assert.equal((await run([...empty, "-o", "ndjson"])).out, "");
    const table = await run(empty, { terminal: true });
    assert.equal(table.out, "No recordings.\n");
    assert.match(table.err, /: 0 recordings, 0 B\n$/);
  }));

Deno.test("mistakes in a line of files end with 2 and name the right way", () =>
  withCamera(async (run) => {
    const cases: [string[], RegExp][] = [
      [["--channel", "0"], /first channel is 1/],
      [["--channel", "Nowhere"], /No channel is named/],
      [["--from", "tomorrow"], /--from must be a time/],
      [["--from", "2026-04-30", "--to", "2026-04-29"], /does not come after/],
      [["--type", "avi"], /one of dav, jpg, mp4/],
      [["--limit", "0"], /at least 1/],
      [["--stream", "Extra1"], /one of main, sub1/],
    ];
    for (const [line, expected] of cases) {
      const { code, err, out } = await run(["files", "TARGET", ...line]);
      assert.deepEqual([code, out], [2, ""], line.join(" "));
      assert.match(err, expected);
    }
    const nine = await run(["files", "TARGET", ...WHOLE, "--channel", "9"]);
    assert.equal(nine.code, 5); // the device's own word
  }));

Deno.test("a device without a card ends with 5 and a hint", () =>
  withCamera(async (run) => {
    const { code, err } = await run(["files", "TARGET", ...WHOLE]);
    assert.equal(code, 5);
    const { error } = JSON.parse(err);
    assert.equal(error.code, "DHIP_NO_STORAGE");
    assert.match(error.hint, /dhip storage/);
  }, { sdCard: false }));

Deno.test("with ndjson recordings come before the search has ended", async () => {
  const written: string[] = [];
  let asked = 0;
  const script: Script = ({ method }) => {
    switch (method) {
      case "mediaFileFind.factory.create":
        return { result: 3 };
      case "mediaFileFind.findNextFile":
        asked++;
        if (asked === 2) assert.equal(written.length, 1, "the first page is out by now");
        return {
          result: true,
          params: asked > 2 ? { found: 0 } : { found: 1, infos: [{ FilePath: `/${asked}` }] },
        };
      case "mediaFileFind.getCount":
        return NOT_FOUND;
      default:
        return { result: true };
    }
  };
  const { code, out, device } = await cliOn(
    script,
    ["files", "192.0.2.7", ...WHOLE, "-c", "1", "-o", "ndjson"],
    { onOutput: (text) => void written.push(text) },
  );
  assert.equal(code, 0);
  assert.deepEqual(out.trimEnd().split("\n").map((line) => JSON.parse(line).path), ["/1", "/2"]);
  assert.equal(device.count("mediaFileFind.destroy"), 1);
});

Deno.test("a device that counts more recordings than it lists is told about", async () => {
  const infos = [1, 2].map((hour) => ({ StartTime: `2026-04-29 0${hour}:00:00`, Type: "dav" }));
  const script: Script = ({ method }, device) => {
    switch (method) {
      case "mediaFileFind.factory.create":
        return { result: 7 };
      case "mediaFileFind.getCount":
        return { result: true, params: { count: 5 } };
      case "mediaFileFind.findNextFile": {
        const first = device.count(method) === 1;
        return { result: true, params: first ? { found: 2, infos } : { found: 0, infos: null } };
      }
      default:
        return { result: true };
    }
  };
  const line = ["files", "192.0.2.7", ...WHOLE, "--channel", "1"];
  const less = await cliOn(script, line);
  assert.equal(less.code, 0);
  assert.match(less.err, /warning: .*counts 5 recordings and listed 2/);
  for (const part of [["--limit", "2"], ["--offset", "3"]]) {
    assert.doesNotMatch((await cliOn(script, [...line, ...part])).err, /warning/);
  }
});

Deno.test("Ctrl-C in the middle of a search ends with 130 and leaves nothing on the device", async () => {
  const controller = new AbortController();
  await using simulator = await Simulator.start({ host: "127.77.22.5", password: "x" });
  simulator.fault("late-reply", { method: "mediaFileFind.findNextFile", delay: 60_000 });
  const ran = cli(["files", `127.77.22.5:${simulator.dhipPort}`, "--from", "-2d"], {
    env: { DHIP_PASSWORD: "x" },
    interrupt: controller.signal,
    library: { ...library, state: () => Promise.resolve(memoryState()) },
  });
  while (simulator.stats().calls["mediaFileFind.findNextFile"] === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.equal(simulator.stats().finders, 1);
  controller.abort();
  assert.equal((await ran).code, 130);
  assert.deepEqual([simulator.stats().finders, simulator.stats().sessionsOpen], [0, 0]);
});

Deno.test("several targets have a result each", () =>
  withCamera(async (run) => {
    const { code, out } = await run(["files", "TARGET", "127.77.22.6:1", ...WHOLE, "-o", "ndjson"]);
    assert.equal(code, 6);
    const [one, two] = out.trimEnd().split("\n").map((line) => JSON.parse(line))
      .sort((a, b) => Number("error" in a) - Number("error" in b));
    assert.equal(one.result.length, 3);
    assert.equal(two.error.code, "DHIP_UNREACHABLE");
  }));

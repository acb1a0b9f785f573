/** python-dhip's `files`. */

import assert from "node:assert/strict";
import { library } from "../../lib/cli/devices.ts";
import type { JsonObject } from "../../lib/dhip/frame.ts";
import { Simulator } from "../../lib/simulator/mod.ts";
import { cli, memoryState } from "./_support.ts";

Deno.test("python-dhip's files prints the device's own words, with its own channels", async () => {
  const host = "127.77.22.10";
  await using simulator = await Simulator.start({
    host,
    password: "x",
    channels: 2,
    recordings: [
      { channel: 1, start: "2026-04-29 10:00:00", end: "2026-04-29 10:30:00", length: 5_000_000 },
      { channel: 1, start: "2026-04-29 23:30:00", end: "2026-04-30 00:10:00" },
      { channel: 2, start: "2026-04-29 11:00:00", end: "2026-04-29 11:30:00" },
    ],
  });
  const target = [host, "-p", `${simulator.dhipPort}`, "-P", "x"];
  const state = () => Promise.resolve(memoryState());
  const run = (...words: string[]) =>
    cli([...target, "files", ...words], { library: { ...library, state } });
  const period = ["2026-04-28 00:00:00", "2026-04-30 00:00:00"];

  const first = await run(...period);
  assert.equal(first.code, 0, first.err);
  assert.match(first.err, /native form: dhip files .* --channel=1/);
  const infos = JSON.parse(first.out) as JsonObject[];
  assert.deepEqual(infos.map(({ Channel, StartTime }) => [Channel, StartTime]), [
    [0, "2026-04-29 10:00:00"],
    [0, "2026-04-29 23:30:00"],
  ]);
  assert.ok(typeof infos[0]!.FilePath === "string" && infos[0]!.Length === 5_000_000);
  assert.ok(first.out.startsWith('[\n  {\n    "'), "indented by 2");

  const second = JSON.parse((await run(...period, "--channel", "1")).out) as JsonObject[];
  assert.deepEqual(second.map(({ Channel }) => Channel), [1]);
  assert.equal((await run("2001-01-01 00:00:00", "2001-01-02 00:00:00")).out, "[]\n");
  for (const line of [["2026-04-28 00:00:00"], [...period, "--channel", "-1"], ["a", "b"]]) {
    assert.equal((await run(...line)).code, 2, line.join(" "));
  }
});

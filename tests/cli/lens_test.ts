/** `dhip lens …` against a simulated camera. */

import assert from "node:assert/strict";
import { library } from "../../lib/cli/devices.ts";
import { Simulator } from "../../lib/simulator/mod.ts";
import { cli, type FakeSurroundings, memoryState } from "./_support.ts";

const HOST = "127.77.22.11";

Deno.test("a lens is looked at, sent somewhere and focused", async () => {
  await using simulator = await Simulator.start({ host: HOST, password: "x", channels: 2 });
  const run = (line: string[], around: FakeSurroundings = {}) =>
    cli(["lens", line[0]!, `${HOST}:${simulator.dhipPort}`, ...line.slice(1)], {
      ...around,
      env: { DHIP_PASSWORD: "x", NO_COLOR: "1" },
      library: { ...library, state: () => Promise.resolve(memoryState()) },
    });
  const state = async () => JSON.parse((await run(["get", "--channel", "2"])).out);

  const before = await state();
  assert.equal(before.busy, false);
  const set = await run(["set", "--focus", "0.42", "-c", "2", "--verify"]);
  assert.equal(set.code, 0, set.err);
  const { order, channel, aim, arrival } = JSON.parse(set.out);
  assert.deepEqual([order, channel, aim], ["set", 2, { focus: 0.42, zoom: before.zoom }]);
  assert.deepEqual([arrival.focus, arrival.busy], [0.42, false]);
  assert.equal((await state()).focus, 0.42);

  const focused = await run(["autofocus", "-c", "2", "--verify"], { terminal: true });
  assert.equal(focused.code, 0, focused.err);
  assert.match(focused.out, /ORDER +CHANNEL +FOCUS +ZOOM +STATUS\nautofocus +2 .*Normal/);
  assert.notEqual((await state()).focus, 0.42);

  const short = await run(["set", "--focus", "0", "-c", "2", "--verify", "--within", "0.1"]);
  assert.equal(short.code, 7);
  assert.match(short.err, /still moves[^]*--within/);
  for (const wrong of [["set"], ["set", "--zoom", "1.5"], ["get", "--channel", "0"]]) {
    assert.equal((await run(wrong)).code, 2, wrong.join(" "));
  }
  assert.equal((await run(["get", "--channel", "3"])).code, 5);
});

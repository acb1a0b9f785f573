/** `dhip overlay …` and python-dhip's `title`. */

import assert from "node:assert/strict";
import { library } from "../../lib/cli/devices.ts";
import { pythonRepr } from "../../lib/cli/python_shapes.ts";
import { Simulator } from "../../lib/simulator/mod.ts";
import { cli, type FakeSurroundings, memoryState, type Ran } from "./_support.ts";

const PASSWORD = "secret";

function run(argv: string[], around: FakeSurroundings = {}): Promise<Ran> {
  const state = () => Promise.resolve(memoryState());
  const env = { DHIP_PASSWORD: PASSWORD, NO_COLOR: "1" };
  return cli(argv, { env, library: { ...library, state }, ...around });
}

async function simulated(host: string) {
  const simulator = await Simulator.start({ host, password: PASSWORD, channels: 2 });
  const target = `${host}:${simulator.dhipPort}`;
  // Two covers, on devices whose table has none.
  const widgets = JSON.parse((await run(["config", "get", target, "VideoWidget"])).out);
  for (const widget of widgets) {
    const cover = { EncodeBlend: false, Rect: [0, 0, 0, 0] };
    widget.Covers = [{ ...cover }, { ...cover }];
  }
  const set = ["config", "set", target, "VideoWidget", "--table", JSON.stringify(widgets)];
  assert.equal((await run(set)).code, 0);
  return { simulator, target };
}

const json = async (line: string[]) => JSON.parse((await run(line)).out);

Deno.test("overlay title shows all titles or one, and changes one", async () => {
  const { simulator, target } = await simulated("127.77.25.1");
  await using _ = simulator;
  const line = ["overlay", "title", target];
  const titles = await json(line);
  assert.deepEqual(titles.map(({ channel }: { channel: number }) => channel), [1, 2]);
  const dry = await json([...line, "Yard", "-c", "2", "--dry-run"]);
  assert.deepEqual([dry.applied, dry.changes[0].path], [false, "ChannelTitle[1].Name"]);
  const done = await json([...line, "Yard", "-c", "2"]);
  assert.deepEqual([done.applied, done.notHeld], [true, []]);
  assert.deepEqual(await json([...line, "-c", "yard"]), [{ channel: 2, title: "Yard" }]);
  const renamed = await run([...line, "Garden", "--channel", "YARD"], { terminal: true });
  assert.match(renamed.out, /ChannelTitle\[1\]\.Name +"Yard" +"Garden"/);
  const table = await run(line, { terminal: true });
  assert.match(table.out, /2 +Garden/);
});

Deno.test("overlay title: channels that are not there are errors before anything is written", async () => {
  const { simulator, target } = await simulated("127.77.25.2");
  await using _ = simulator;
  const writes = () => simulator.stats().calls["configManager.setConfig"];
  const before = writes();
  const cases: [string[], RegExp][] = [
    [["x", "-c", "5"], /There is no channel 5; the device has channels 1 to 2/],
    [["-c", "5"], /There is no channel 5/],
    [["x", "-c", "0"], /the first channel is 1/],
    [["x", "-c", "Nowhere"], /No channel is named .*Nowhere.*; there is 1 /],
    [["--dry-run"], /--dry-run is for a change/],
  ];
  for (const [args, message] of cases) {
    const { code, err } = await run(["overlay", "title", target, ...args]);
    assert.equal(code, 2, err);
    assert.match(err, message);
  }
  assert.equal(writes(), before);
});

Deno.test("overlay osd shows and changes title, time and texts", async () => {
  const { simulator, target } = await simulated("127.77.25.3");
  await using _ = simulator;
  const line = ["overlay", "osd", target];
  const shown = await json(line);
  assert.deepEqual(Object.keys(shown), ["channel", "title", "time", "texts"]);
  const table = await run(line, { terminal: true });
  assert.match(table.out, /^Item +Visible +Text +Left +Top +Right +Bottom\n/i);
  assert.match(table.out, /\ntime +/);
  assert.equal((await run([...line, "--text", "North", "--position", "100,200"])).code, 0);
  assert.equal((await run([...line, "--item", "time", "--hide", "--weekday", "off"])).code, 0);
  assert.equal((await run([...line, "--item", "title", "--text", "Gate", "--hide"])).code, 0);
  const { title, time, texts } = await json(line);
  assert.deepEqual([title.text, title.visible], ["Gate", false]);
  assert.deepEqual([time.visible, time.weekday], [false, false]);
  assert.deepEqual([texts[0].text, texts[0].visible], ["North", true]);
  assert.deepEqual([texts[0].rect.left, texts[0].rect.top], [100, 200]);
  for (
    const wrong of [
      ["--show", "--hide"],
      ["--item", "time", "--text", "x"],
      ["--weekday", "on"],
      ["--item", "title", "--number", "1", "--show"],
      ["--position", "1,8192"],
      ["--position", "1"],
      ["--number", "9", "--show"],
    ]
  ) assert.equal((await run([...line, ...wrong])).code, 2, wrong.join(" "));
});

Deno.test("overlay covers shows and changes one or all", async () => {
  const { simulator, target } = await simulated("127.77.25.4");
  await using _ = simulator;
  const line = ["overlay", "covers", target, "-c", "2"];
  const none = { left: 0, top: 0, right: 0, bottom: 0 };
  assert.deepEqual(await json(line), [
    { number: 1, visible: false, rect: none },
    { number: 2, visible: false, rect: none },
  ]);
  assert.equal((await run([...line, "--cover", "1", "--rect", "0,0,4095,8191"])).code, 0);
  const [first] = await json(line);
  assert.deepEqual(first, {
    number: 1,
    visible: true,
    rect: { left: 0, top: 0, right: 4095, bottom: 8191 },
  });
  assert.equal((await json([...line, "--show"])).changes.length, 1);
  assert.equal((await json([...line, "--hide"])).changes.length, 2);
  const table = await run([...line, "-o", "csv"]);
  assert.match(table.out, /^cover,visible,left,top,right,bottom\r\n1,false,0,0,4095,8191\r\n/);
  for (const wrong of [["--cover", "1"], ["--rect", "0,0,1,1"], ["--cover", "3", "--show"]]) {
    assert.equal((await run([...line, ...wrong])).code, 2, wrong.join(" "));
  }
  const other = await json(["overlay", "covers", target]);
  assert.deepEqual(other[0].rect, none, "channel 1 is as it was");
});

Deno.test("python-dhip's title line", async () => {
  const { simulator, target } = await simulated("127.77.25.5");
  await using _ = simulator;
  const [host, port] = target.split(":");
  const line = [host!, "-p", port!, "-P", PASSWORD, "title"];
  const set = await run([...line, "Bob's", "--channel", "1"]);
  assert.deepEqual([set.code, set.out], [0, ""]);
  assert.match(set.err, /^\[\+\] set channel 1 title -> "Bob's"$/m);
  const first = await run([...line, "A"]);
  assert.match(first.err, /^\[\+\] set channel 0 title -> 'A'$/m);
  const titles = await run(line, { terminal: true });
  assert.deepEqual(JSON.parse(titles.out), ["A", "Bob's"]);
  assert.equal(titles.out, '[\n  "A",\n  "Bob\'s"\n]\n');
  const wrong = await run([...line, "A", "--channel", "7"]);
  assert.equal(wrong.code, 2);
  assert.equal((await run([...line, "A", "--channel", "-1"])).code, 2);
});

Deno.test("texts are shown as Python shows them", () => {
  const cases: [string, string][] = [
    ["plain", "'plain'"],
    ["it's", '"it\'s"'],
    ['say "it\'s"', `'say "it\\'s"'`],
    ["back\\slash", "'back\\\\slash'"],
    ["a\nb\tc\r", "'a\\nb\\tc\\r'"],
    ["Ворота 門 🕗", "'Ворота 門 🕗'"],
    ["\u0007\u00a0\u200b", "'\\x07\\xa0\\u200b'"],
    ["\u{e0001}", "'\\U000e0001'"],
  ];
  for (const [text, repr] of cases) assert.equal(pythonRepr(text), repr);
});

/** `dhip ptz …`: what the camera is told, what is shown, and how it ends. */

import assert from "node:assert/strict";
import { simulated } from "./_ptz_support.ts";

const HOST = "127.77.42.1";

/** Lines of one camera, in this order: later ones need what earlier ones left. */
const LINES: readonly [line: string, result: Record<string, unknown>, orders: string[]][] = [
  ["ptz left T --duration 50ms", { order: "left", duration: 50, speed: 4 }, [
    "start Left 0 4 0",
    "stop Left 0 4 0",
  ]],
  ["ptz right-down T --duration 0.05 --speed 8", { order: "right-down", speed: 8 }, [
    "start RightDown 8 8 0",
    "stop RightDown 8 8 0",
  ]],
  ["ptz zoom T in --duration 50ms", { order: "zoom in" }, [
    "start ZoomTele 0 4 0",
    "stop ZoomTele 0 4 0",
  ]],
  ["ptz focus T far --duration 50ms", { order: "focus far" }, [
    "start FocusFar 0 4 0",
    "stop FocusFar 0 4 0",
  ]],
  ["ptz iris T close --duration 50ms", { order: "iris close" }, [
    "start IrisSmall 0 4 0",
    "stop IrisSmall 0 4 0",
  ]],
  ["ptz move T --pan -3 --tilt 2 --duration 50ms", { order: "move", pan: -3, tilt: 2, zoom: 0 }, [
    "moveContinuously",
    "stopMove",
  ]],
  ["ptz code T AutoPanOn --arg2 2 --duration 50ms", { order: "AutoPanOn", arg2: 2 }, [
    "start AutoPanOn 0 2 0",
    "stop AutoPanOn 0 2 0",
  ]],
  ["ptz goto T --pan 2 --tilt 30 --zoom 1", { order: "goto", pan: 2, tilt: 30, zoom: 1 }, [
    "start PositionABS 2 30 1",
  ]],
  ["ptz relative T --pan -1", { order: "relative", pan: -1, tilt: 0, zoom: 0 }, ["moveRelatively"]],
  ["ptz locate T --x 0.1", { order: "locate", x: 0.1, y: 0, zoom: 0 }, ["start Position 819 0 0"]],
  ["ptz home T --set", { order: "home set" }, ["setHomePosition"]],
  ["ptz home T", { order: "home" }, ["gotoHomePosition"]],
  ["ptz preset save T gate", { order: "preset save", number: 1, name: "gate" }, ["setPreset"]],
  ["ptz preset save T 4 --name door", { number: 4, name: "door" }, ["setPreset"]],
  ["ptz preset go T GATE", { order: "preset go", number: 1, name: "gate" }, [
    "start GotoPreset 1 0 0",
  ]],
  ["ptz preset remove T 4", { order: "preset remove", number: 4 }, ["start ClearPreset 4 0 0"]],
  ["ptz tour set T 2 night", { order: "tour set", number: 2, name: "night" }, ["setTour"]],
  ["ptz tour start T night", { order: "tour start", number: 2 }, ["startTour"]],
  ["ptz tour stop T 2", { order: "tour stop", number: 2 }, ["stopTour"]],
  ["ptz tour remove T 2", { order: "tour remove", number: 2 }, ["removeTour"]],
  ["ptz pattern T record 1 --name yard", { order: "pattern record", number: 1 }, [
    "startPatternRecord",
  ]],
  ["ptz pattern T save 1", { order: "pattern save" }, ["stopPatternRecord"]],
  ["ptz pattern T start 1", { order: "pattern start" }, ["startPatternReplay"]],
  ["ptz pattern T stop 1", { order: "pattern stop" }, ["stopPatternReplay"]],
  ["ptz scan T left 1", { order: "scan left", number: 1 }, ["setScanLimit"]],
  ["ptz scan T right 1", { order: "scan right" }, ["setScanLimit"]],
  ["ptz scan T start 1 --speed 2", { order: "scan start" }, ["startScan"]],
  ["ptz scan T stop 1", { order: "scan stop" }, ["stopScan"]],
  ["ptz autopan T on --speed 1", { order: "autopan on", speed: 1 }, ["moveAutoPan"]],
  ["ptz autopan T off", { order: "autopan off" }, ["stopMove"]],
  ["ptz aux T light on", { order: "aux", name: "light", state: "on" }, ["auxControl"]],
  ["ptz stop T", { order: "stop" }, [
    "stopMove",
    "stop Up 0 0 0",
    "stop ZoomTele 0 0 0",
    "stop FocusNear 0 0 0",
    "stop IrisLarge 0 0 0",
  ]],
  ["ptz reset T", { order: "reset" }, ["reset"]],
  ["ptz restart T", { order: "restart" }, ["restartPtz"]],
];

Deno.test("every command tells the camera what it says", async () => {
  await using line = await simulated(HOST);
  for (const [words, expected, orders] of LINES) {
    const { code, out, err } = await line.run(words);
    assert.equal(code, 0, `${words}: ${err}`);
    const result = JSON.parse(out);
    const { channel } = result;
    const shown = Object.fromEntries(Object.keys(expected).map((key) => [key, result[key]]));
    assert.deepEqual({ channel, ...shown }, { channel: 1, ...expected }, words);
    assert.deepEqual(line.orders(), orders, words);
    assert.equal(err, "", words);
  }
});

Deno.test("what the camera tells", async () => {
  await using line = await simulated(HOST);
  await line.run("ptz preset save T gate");
  await line.run("ptz tour set T 1 night");
  const ask = async (words: string) => JSON.parse((await line.run(words)).out);
  assert.deepEqual(await ask("ptz preset list T"), [{ number: 1, name: "gate" }]);
  assert.deepEqual(await ask("ptz tour list T"), [{ number: 1, name: "night" }]);
  assert.deepEqual(await ask("ptz pattern T list"), []);
  assert.deepEqual(await ask("ptz position T"), { pan: 0, tilt: 30, zoom: 1 });
  assert.deepEqual(await ask("ptz position T --raw"), [0, 30, 1]);
  const status = await ask("ptz status T");
  assert.deepEqual([status.position, status.moving], [{ pan: 0, tilt: 30, zoom: 1 }, false]);
  const capabilities = await ask("ptz capabilities T");
  assert.deepEqual([capabilities.protocol, capabilities.tiltRange], ["DH-SD1", {
    min: 0,
    max: 90,
  }]);
  assert.match((await line.run("ptz status T -o table")).out, /^Pan +0\nTilt +30\n/);
  assert.match((await line.run("ptz capabilities T -o table")).out, /^Aux +Light, Wiper, Aux$/m);
  assert.match((await line.run("ptz position T --raw -o csv")).out, /^pan,tilt,zoom\r\n0,30,1\r\n/);
});

Deno.test("--verify waits, tells where the camera stands, and exits with 7 elsewhere", async () => {
  await using line = await simulated(HOST);
  const there = await line.run("ptz goto T --pan 10 --tilt 30 --speed 8 --verify");
  assert.equal(there.code, 0, there.err);
  const { arrival } = JSON.parse(there.out);
  assert.deepEqual(arrival, {
    position: { pan: 10, tilt: 30, zoom: 1 },
    preset: 0,
    moving: false,
    arrived: true,
  });
  await line.run("ptz preset save T 1");
  const preset = await line.run("ptz preset go T 1 --verify");
  assert.equal(preset.code, 0, preset.err);
  assert.equal(JSON.parse(preset.out).arrival.preset, 1);
  const late = await line.run("ptz goto T --pan 190 --tilt 30 --verify --within 100ms");
  assert.equal(late.code, 7);
  assert.match(late.err, /DHIP_NOT_HELD.*still moves/);
  assert.equal(JSON.parse(late.out).arrival.moving, true);
});

Deno.test("a camera that takes orders and stays where it is exits with 7", async () => {
  await using line = await simulated(HOST);
  // Somebody else's pan goes on over our order.
  const goto = line.run("ptz goto T --pan 90 --tilt 30 --verify --within 20");
  for (
    let polls = 0;
    polls < 500 && !line.orders().includes("start PositionABS 90 30 1");
    polls++
  ) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await line.run("ptz stop T");
  const { code, err, out } = await goto;
  assert.equal(code, 7);
  assert.match(err, /The camera stands elsewhere: at pan/);
  assert.equal(JSON.parse(out).arrival.arrived, false);
});

Deno.test("the SD-2N-4G's firmware is spoken to in its own way", async () => {
  await using line = await simulated(HOST, { objects: "channel" });
  const lines: [string, string[]][] = [
    ["ptz left-up T --duration 50ms", ["start LeftUp 4 4 0", "stop LeftUp 4 4 0"]],
    ["ptz preset save T 3", ["start SetPreset 0 3 0"]],
    ["ptz preset go T 3", ["start GotoPreset 0 3 0"]],
    ["ptz goto T --pan 1 --tilt 30 --zoom 1", ["moveAbsolutely"]],
    ["ptz aux T wiper on", ["start Wiper 0 1 0"]],
  ];
  for (const [words, orders] of lines) {
    const { code, err } = await line.run(words);
    assert.equal(code, 0, `${words}: ${err}`);
    assert.deepEqual(line.orders(), orders, words);
  }
});

Deno.test("the scale of positions in steps is a setting of the device", async () => {
  await using line = await simulated(HOST, {
    objects: "channel",
    quirks: { ptzFullScale: 3600 },
  });
  const wrong = JSON.parse((await line.run("ptz position T")).out);
  assert.notEqual(wrong.tilt, 30);
  const text = `[devices.dome]\nhost = "${line.targets[0]}"\nlocation_fullscale = 3600\n`;
  const files = { "/c.toml": { text, mode: 0o600 } };
  const right = await line.run("ptz position dome --config /c.toml", {
    files,
    env: {
      DHIP_PASSWORD: "ptz secret",
    },
  });
  assert.equal(JSON.parse(right.out).tilt, 30, right.err);
  const everywhere = { "/c.toml": { text: "[defaults]\ntilt_span = 45\n", mode: 0o600 } };
  const half = await line.run("ptz position T --config /c.toml", {
    files: everywhere,
    env: {
      DHIP_PASSWORD: "ptz secret",
    },
  });
  assert.equal(JSON.parse(half.out).tilt, wrong.tilt / 2);
});

Deno.test("what cannot be is a usage error, and the camera hears nothing", async () => {
  await using line = await simulated(HOST);
  const cases: [string, RegExp][] = [
    ["ptz left T --speed 9", /--speed must be a whole number within 1..8/],
    ["ptz left T --channel 0", /--channel must be 1 or more/],
    ["ptz left T --duration 0", /--duration must be a time/],
    ["ptz move T", /A motion needs a speed/],
    ["ptz goto T", /A position needs pan, tilt or zoom/],
    ["ptz goto T --pan 360 --tilt 1", /No pan 360; it is 0 or more and below 360 degrees/],
    ["ptz goto T --pan=-1 --tilt 1", /No pan -1/],
    ["ptz goto T --pan 1 --tilt 181", /--tilt must be a number within -180..180/],
    ["ptz relative T", /A step needs a distance/],
    ["ptz zoom T nearer", /WAY must be one of in, out/],
    ["ptz preset go T 0", /No preset 0; numbers of a preset are within 1..999/],
    ["ptz preset go T", /NUMBER\|NAME is missing/],
    ["ptz tour set T 0 x", /NUMBER must be a whole number within 1..999/],
    ["ptz aux T a.b on", /A helper's name/],
    ["ptz pattern T start", /NUMBER is missing/],
    ["ptz pattern T list 1", /list takes no NUMBER/],
    ["ptz position T --raw --degrees", /do not go together/],
    ["ptz preset T", /Unknown command/],
    ["ptz preset", /dhip ptz preset COMMAND/],
    ["ptz lefft T", /Did you mean dhip ptz left\?/],
  ];
  for (const [words, message] of cases) {
    const { code, err } = await line.run(words);
    assert.equal(code, 2, words);
    assert.match(err, message, words);
  }
  assert.deepEqual(line.orders(), []);
});

Deno.test("a refused order exits with 5, an unknown preset too", async () => {
  await using line = await simulated(HOST, { quirks: { benignRefusals: true } });
  const refused = await line.run("ptz preset go T 77");
  assert.equal(refused.code, 5);
  assert.match(refused.err, /DHIP_DEVICE_REFUSED/);
  assert.equal(refused.out, "");
  const unknown = await line.run("ptz preset go T nowhere");
  assert.equal(unknown.code, 5);
  assert.match(unknown.err, /no single preset nowhere/);
});

Deno.test("several cameras move side by side, each with its own result", async () => {
  await using line = await simulated(HOST, { devices: 2 });
  const [one, other] = line.targets;
  const { code, out } = await line.run(`ptz left ${one},${other} --duration 50ms`);
  assert.equal(code, 0);
  const outcomes = JSON.parse(out) as { target: string; result: { order: string } }[];
  assert.deepEqual(outcomes.map(({ target, result }) => [target, result.order]), [
    [one, "left"],
    [other, "left"],
  ]);
  assert.equal(line.orders().filter((order) => order.startsWith("stop")).length, 2);
});

Deno.test("Ctrl-C stops the camera before the command ends", async () => {
  await using line = await simulated(HOST);
  const controller = new AbortController();
  const run = line.run("ptz left T --duration 10", {
    interrupt: controller.signal,
    env: { DHIP_PASSWORD: "ptz secret" },
  });
  const seen: string[] = [];
  for (let polls = 0; polls < 500 && seen.length === 0; polls++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    seen.push(...line.orders());
  }
  controller.abort();
  assert.equal((await run).code, 130);
  assert.deepEqual([...seen, ...line.orders()], ["start Left 0 4 0", "stop Left 0 4 0"]);
});

Deno.test("completions offer one word at a time", async () => {
  await using line = await simulated(HOST);
  const words = async (text: string) =>
    (await line.run(`__complete -- ${text}`)).out.split("\n").map((row) => row.split("\t")[0]);
  const first = await words("ptz pre");
  assert.deepEqual(first, ["preset", ""]);
  assert.deepEqual(await words("ptz preset s"), ["save", ""]);
  assert.deepEqual(await words("ptz zoom cam i"), ["in", ""]);
  assert.deepEqual((await words("pt")).slice(0, 1), ["ptz"]);
});

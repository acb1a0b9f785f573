/** `HOST ptz ACTION [VALUE]`: every action of python-dhip, unchanged. */

import assert from "node:assert/strict";
import { translatePython } from "../../lib/cli/python_dhip.ts";
import { Words } from "../../lib/cli/usage.ts";
import type { DhipError } from "../../lib/errors.ts";
import { simulated } from "./_ptz_support.ts";

const HOST = "127.77.43.1";

const translate = (text: string) => {
  const line = text.split(" ");
  return translatePython(line, new Words(line)).argv.join(" ");
};

Deno.test("python-dhip's actions mean native commands, channels from 0 are from 1", () => {
  const move = "--duration=500ms --speed=4 --channel=1";
  const cases: [string, string][] = [
    ["h ptz status", "ptz status h --channel=1"],
    ["h ptz status --channel 2", "ptz status h --channel=3"],
    ["h ptz position", "ptz position h --raw --channel=1"],
    ["h ptz position --degrees", "ptz position h --degrees --channel=1"],
    ["h ptz --degrees position", "ptz position h --degrees --channel=1"],
    ["h ptz home", "ptz home h --channel=1"],
    ["h ptz reset", "ptz reset h --channel=1"],
    ["h ptz goto-preset 3", "ptz preset go h 3 --channel=1"],
    ["h ptz set-preset 3 --channel 1", "ptz preset save h 3 --channel=2"],
    ["h ptz clear-preset 3", "ptz preset remove h 3 --channel=1"],
    ["h ptz absolute --pan 10 --tilt 5.5", "ptz goto h --pan=10 --tilt=5.5 --zoom=0 --channel=1"],
    ["h ptz absolute --pan -10", "ptz goto h --pan=-10 --tilt=0 --zoom=0 --channel=1"],
    ["h ptz zoom", `ptz zoom h in ${move}`],
    ["h ptz zoom tele", `ptz zoom h in ${move}`],
    ["h ptz zoom wide", `ptz zoom h out ${move}`],
    ["h ptz focus", `ptz focus h near ${move}`],
    ["h ptz focus away", `ptz focus h far ${move}`],
    ["h ptz iris large", `ptz iris h open ${move}`],
    ["h ptz iris small", `ptz iris h close ${move}`],
    ["h ptz Left", `ptz left h ${move}`],
    ["h ptz LeftUp --speed 8 --dur 1.5", "ptz left-up h --duration=1500ms --speed=8 --channel=1"],
    ["h ptz Right --duration 0", "ptz right h --duration=1ms --speed=4 --channel=1"],
    ["h ptz AutoPanOn", "ptz code h AutoPanOn --arg2=4 --duration=500ms --channel=1"],
    ["h ptz ZoomTele", "ptz code h ZoomTele --arg2=4 --duration=500ms --channel=1"],
  ];
  for (const [line, native] of cases) assert.equal(translate(line), native, line);
});

Deno.test("what python-dhip would end with a traceback is a usage error", () => {
  const cases: [string, RegExp][] = [
    ["h ptz", /^ACTION is missing$/],
    ["h ptz goto-preset", /^goto-preset needs the number of a preset$/],
    ["h ptz set-preset three", /^set-preset needs the number of a preset$/],
    ["h ptz Left --channel -1", /^--channel must be 0 or more$/],
    ["h ptz Left --speed fast", /^--speed must be a whole number$/],
    ["h ptz Left 1 2", /^Unexpected argument/],
  ];
  for (const [line, message] of cases) {
    assert.throws(() => translate(line), (error: DhipError) => {
      assert.equal(error.code, "DHIP_USAGE", line);
      assert.match(error.message, message, line);
      return true;
    });
  }
});

Deno.test("results have python-dhip's shapes", async () => {
  await using line = await simulated(HOST, { objects: "channel" });
  const ran = async (words: string) => {
    const { code, out, err } = await line.run(`T ${words}`, { terminal: true });
    assert.equal(code, 0, err);
    // The first line shows the native form.
    return { out, err: err.split("\n").slice(1).join("\n") };
  };
  const cases: [string, string, string[]][] = [
    ["ptz home", "[+] True\n", ["gotoHomePosition"]],
    ["ptz reset", "[+] True\n", ["reset"]],
    ["ptz set-preset 3", "[+] True\n", ["start SetPreset 0 3 0"]],
    ["ptz goto-preset 3", "[+] True\n", ["start GotoPreset 0 3 0"]],
    ["ptz clear-preset 3", "[+] True\n", ["start ClearPreset 0 3 0"]],
    ["ptz absolute --pan 1 --tilt 2", "[+] True\n", ["moveAbsolutely"]],
    ["ptz zoom --duration 0.01", "", ["start ZoomTele 0 4 0", "stop ZoomTele 0 4 0"]],
    ["ptz focus far --duration 0.01", "", ["start FocusFar 0 4 0", "stop FocusFar 0 4 0"]],
    ["ptz iris --duration 0.01", "", ["start IrisLarge 0 4 0", "stop IrisLarge 0 4 0"]],
    ["ptz Left --duration 0.01", "[+] PTZ Left for 0.01s\n", [
      "start Left 0 4 0",
      "stop Left 0 4 0",
    ]],
    ["ptz RightUp --duration 1", "[+] PTZ RightUp for 1.0s\n", [
      "start RightUp 4 4 0",
      "stop RightUp 4 4 0",
    ]],
    ["ptz AutoPanOn --duration 0.01", "[+] PTZ AutoPanOn for 0.01s\n", [
      "start AutoPanOn 0 4 0",
      "stop AutoPanOn 0 4 0",
    ]],
  ];
  for (const [words, err, orders] of cases) {
    assert.deepEqual(await ran(words), { out: "", err }, words);
    assert.deepEqual(line.orders(), orders, words);
  }
});

Deno.test("status and position are python-dhip's JSON", async () => {
  await using line = await simulated(HOST, { objects: "channel" });
  const ask = async (words: string) => JSON.parse((await line.run(`T ${words}`)).out);
  assert.deepEqual((await ask("ptz status")).Location, [0, 2731, 0]);
  assert.deepEqual(await ask("ptz position"), [0, 2731, 0]);
  assert.deepEqual(await ask("ptz position --degrees"), [0, 30]);
  assert.equal((await line.run("T ptz position")).out, "[\n  0,\n  2731,\n  0\n]\n");
});

Deno.test("a refused order exits with 5, which python-dhip calls success", async () => {
  await using line = await simulated(HOST, { objects: "channel" });
  const refused = await line.run("T ptz goto-preset 99");
  assert.equal(refused.code, 5);
  assert.match(refused.err, /^dhip: .*refused/m);
  assert.equal((await line.run("T ptz lefft --duration 0.01")).code, 5);
});

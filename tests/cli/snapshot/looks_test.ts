import assert from "node:assert/strict";
import { inflateSync } from "node:zlib";
import { changePercent, luminanceBlocks } from "../../../lib/cli/snapshot/luminance.ts";
import { pixelsOf } from "../../../lib/cli/snapshot/pixels.ts";
import { detectPreview, fit, previewText, resize } from "../../../lib/cli/snapshot/preview.ts";
import { gradient, type Paint, picture } from "../../support/jpeg.ts";

const blocks = async (paint: Paint, width = 320, height = 180) =>
  luminanceBlocks(await pixelsOf(picture(paint, width, height)));
const change = async (before: Paint, after: Paint) =>
  changePercent(await blocks(before), await blocks(after));
const grey = (value: number): Paint => () => [value, value, value];

Deno.test("the same picture has not changed, whatever its noise and size", async () => {
  const noisy: Paint = (x, y) => {
    const noise = (x * 7919 + y * 104_729) % 9 - 4;
    return [100 + noise, 100 + noise, 100 + noise];
  };
  assert.equal(await change(grey(100), noisy), 0);
  assert.equal(changePercent(await blocks(gradient()), await blocks(gradient())), 0);
  const large = await blocks(grey(100), 640, 360);
  assert.equal(changePercent(await blocks(grey(100)), large), 0);
});

Deno.test("the share of parts that changed is the figure", async () => {
  assert.equal(await change(grey(100), grey(120)), 100);
  // A bright square of 40 x 40 of 320 x 180 pixels: 4 x 4 parts of 32 x 18.
  const square: Paint = (x, y) => x < 40 && y < 40 ? [250, 250, 250] : [100, 100, 100];
  const figure = await change(grey(100), square);
  assert.ok(figure >= 16 * 100 / 576 && figure <= 25 * 100 / 576, String(figure));
});

Deno.test("brightness counts the colours as eyes do", async () => {
  const [red, green, blue] = await Promise.all(
    ([[255, 0, 0], [0, 255, 0], [0, 0, 255]] as const).map(async (color) =>
      (await blocks(() => color))[0]!
    ),
  );
  assert.ok(green! > red! && red! > blue!);
});

Deno.test("pictures that are smaller than the parts are compared as well", () => {
  const tiny = { width: 1, height: 1, rgb: Uint8Array.of(9, 9, 9) };
  assert.equal(luminanceBlocks(tiny).length, 576);
});

Deno.test("what cannot be decoded is an error with a code", async () => {
  await assert.rejects(pixelsOf(Uint8Array.of(0xff, 0xd8, 0xff, 0xd9)), { code: "DHIP_BAD_REPLY" });
});

const env = (values: Record<string, string>) => ({ env: (name: string) => values[name] });

Deno.test("the kind of preview that a terminal understands", () => {
  const kind = (values: Record<string, string>) => detectPreview(env(values));
  assert.equal(kind({ TERM: "xterm-kitty" }), "kitty");
  assert.equal(kind({ TERM: "xterm-256color", KITTY_WINDOW_ID: "1" }), "kitty");
  assert.equal(kind({ TERM: "xterm-256color", TERM_PROGRAM: "iTerm.app" }), "iterm");
  assert.equal(kind({ TERM: "xterm-256color", TERM_PROGRAM: "WezTerm" }), "iterm");
  assert.equal(kind({ TERM: "xterm-256color" }), "blocks");
  assert.equal(kind({ TERM: "tmux-256color", TMUX: "/x", KITTY_WINDOW_ID: "1" }), "blocks");
  assert.equal(kind({ TERM: "screen", TERM_PROGRAM: "iTerm.app" }), "blocks");
  assert.equal(kind({ TERM: "dumb" }), "none");
  assert.equal(kind({}), "none");
});

Deno.test("a preview fits the terminal and keeps its shape", () => {
  const screen = { columns: 81, rows: 44, ...env({}) };
  assert.deepEqual(fit({ width: 1920, height: 1080 }, screen), { columns: 80, rows: 23 });
  assert.deepEqual(fit({ width: 1080, height: 1920 }, screen), { columns: 45, rows: 40 });
  const { columns, rows } = fit({ width: 10_000, height: 1 }, { ...screen, columns: 1, rows: 1 });
  assert.ok(columns >= 1 && rows >= 1);
});

/** Four colours, one in each corner. */
const CORNERS: Paint = (x, y) =>
  x < 48 ? (y < 27 ? [200, 0, 0] : [0, 200, 0]) : (y < 27 ? [0, 0, 200] : [200, 200, 200]);

async function shown(kind: "kitty" | "iterm" | "blocks", values: Record<string, string> = {}) {
  const jpeg = picture(CORNERS);
  const pixels = await pixelsOf(jpeg);
  const screen = { columns: 33, rows: 13, ...env(values) };
  return { jpeg, pixels, text: previewText(kind, { jpeg, pixels }, screen) };
}

Deno.test("half blocks have two pixels in each character, and end with the usual colours", async () => {
  const { text } = await shown("blocks", { COLORTERM: "truecolor" });
  const lines = text.trimEnd().split("\n");
  assert.equal(lines.length, 9);
  for (const line of lines) {
    // deno-lint-ignore no-control-regex
    assert.equal(line.replace(/\x1b\[[\d;]*m/g, "").length, 32);
    assert.ok(line.endsWith("\x1b[0m"));
  }
  // deno-lint-ignore no-control-regex
  const [, red, green, blue] = /\x1b\[38;2;(\d+);(\d+);(\d+)/.exec(lines[0]!)!.map(Number);
  assert.ok(red! > 180 && green! < 30 && blue! < 30, lines[0]);
  assert.match(
    (await shown("blocks")).text,
    /38;5;160;48;5;160/,
    "256 colours where no more are known",
  );
});

Deno.test("kitty gets the pixels, deflated, in pieces that it takes", async () => {
  const { pixels, text } = await shown("kitty");
  // deno-lint-ignore no-control-regex
  const pieces = [...text.matchAll(/\x1b_G([^;]*);([^\x1b]*)\x1b\\/g)];
  assert.match(pieces[0]![1]!, /a=T,f=24,o=z,s=96,v=54,c=32,r=9,q=2,m=\d/);
  assert.ok(pieces.every(([, , data]) => data!.length <= 4096));
  assert.deepEqual(pieces.map(([, keys]) => /m=(\d)/.exec(keys!)![1]).at(-1), "0");
  const data = Uint8Array.fromBase64(pieces.map(([, , data]) => data).join(""));
  assert.deepEqual(new Uint8Array(inflateSync(data)), new Uint8Array(pixels.rgb));
});

Deno.test("iTerm2 gets the JPEG as it is", async () => {
  const { jpeg, text } = await shown("iterm");
  // deno-lint-ignore no-control-regex
  const [, keys, data] = /\x1b\]1337;File=([^:]*):([^\x07]*)\x07/.exec(text)!;
  assert.equal(keys, `inline=1;size=${jpeg.length};width=32;height=9;preserveAspectRatio=1`);
  assert.deepEqual(Uint8Array.fromBase64(data!), jpeg);
});

Deno.test("a smaller picture has the mean of its pixels, a larger one repeats them", () => {
  const two = { width: 2, height: 1, rgb: Uint8Array.of(0, 0, 0, 100, 200, 50) };
  assert.deepEqual([...resize(two, 1, 1).rgb], [50, 100, 25]);
  assert.deepEqual([...resize(two, 4, 1).rgb], [0, 0, 0, 0, 0, 0, 100, 200, 50, 100, 200, 50]);
});

/** What rounds print: lines without an end, in the format that was asked for. */

import assert from "node:assert/strict";
import { Output } from "../../../lib/cli/output.ts";
import type { PictureResult } from "../../../lib/cli/snapshot/pictures.ts";
import { RoundOutput } from "../../../lib/cli/snapshot/round_output.ts";
import type { Format } from "../../../lib/cli/view.ts";
import { DhipError } from "../../../lib/errors.ts";

const FIRST = Date.parse("2026-04-29T12:00:00Z");
const PICTURE: PictureResult = {
  channel: 1,
  file: "gate/1.jpg",
  bytes: 4711,
  width: 640,
  height: 360,
  source: "cgi",
  fallback: null,
  ms: 80,
  attempts: 1,
  change: null,
  compared: false,
  error: null,
};
const KEPT_BACK: PictureResult = { ...PICTURE, channel: 2, file: null, change: 0.4 };
const REFUSED = new DhipError("DHIP_NO_PERMISSION", "The device refuses pictures");
const GONE = new DhipError("DHIP_UNREACHABLE", "Nobody is there");

/** Prints two rounds of two targets, of which one is gone in the second. */
async function printed(format: Format, { several = true, interrupted = false } = {}) {
  let text = "";
  const sink = {
    isTerminal: false,
    columns: 80,
    rows: 24,
    write: (data: string | Uint8Array) => Promise.resolve(void (text += data)),
  };
  const rounds = new RoundOutput(new Output(sink, format, true), several);
  const failed = { ...PICTURE, file: null, bytes: null, width: null, height: null, error: REFUSED };
  await rounds.outcome({ target: "gate", result: [PICTURE, KEPT_BACK] }, FIRST, false);
  await rounds.outcome({ target: "yard", result: [failed] }, FIRST, false);
  await rounds.outcome({ target: "yard", error: GONE }, FIRST + 1_500, interrupted);
  await rounds.outcome({ target: "gate", result: [PICTURE] }, FIRST + 1_500, false);
  return text;
}

Deno.test("people get a line for each picture: when, of whom, what came, what is remarkable", async () => {
  assert.deepEqual((await printed("table")).split("\n"), [
    "2026-04-29T12:00:00Z  gate  channel 1  gate/1.jpg  4711 bytes  640x360  by cgi",
    "2026-04-29T12:00:00Z  gate  channel 2  4711 bytes  640x360  by cgi  0.4 % changed  " +
    "not changed, not kept",
    "2026-04-29T12:00:00Z  yard  channel 1  The device refuses pictures",
    "2026-04-29T12:00:01.500Z  gate  channel 1  gate/1.jpg  4711 bytes  640x360  by cgi",
    "",
  ]);
});

Deno.test("a single target is not named on every line", async () => {
  assert.doesNotMatch(await printed("table", { several: false }), /Z {2}(gate|yard) {2}/);
});

Deno.test("a spreadsheet has its head once, however many rounds there are", async () => {
  const [head, ...rows] = (await printed("csv")).trimEnd().split("\r\n");
  assert.equal(head, "time,target,channel,file,bytes,width,height,source,ms,change,note");
  assert.deepEqual(rows.map((row) => row.split(",").slice(0, 4).join(" ")), [
    "2026-04-29T12:00:00.000Z gate 1 gate/1.jpg",
    "2026-04-29T12:00:00.000Z gate 2 ",
    "2026-04-29T12:00:00.000Z yard 1 ",
    "2026-04-29T12:00:01.500Z gate 1 gate/1.jpg",
  ]);
});

for (const format of ["json", "ndjson"] as const) {
  Deno.test(`${format}: a line for each picture, and for a target that failed as a whole`, async () => {
    const lines = (await printed(format)).trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(
      lines.map(({ time, target, file, error }) => [time.slice(17), target, file, error?.code]),
      [
        ["00.000Z", "gate", "gate/1.jpg", undefined],
        ["00.000Z", "gate", null, undefined],
        ["00.000Z", "yard", null, "DHIP_NO_PERMISSION"],
        ["01.500Z", "yard", undefined, "DHIP_UNREACHABLE"],
        ["01.500Z", "gate", "gate/1.jpg", undefined],
      ],
    );
  });
}

Deno.test("what an interrupt kept from happening is no failure of a target", async () => {
  assert.doesNotMatch(await printed("ndjson", { interrupted: true }), /UNREACHABLE/);
});

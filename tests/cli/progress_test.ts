/** Progress of long work, and what it leaves on a terminal and in a log. */

import assert from "node:assert/strict";
import { lengthText, sizeText } from "../../lib/cli/amounts.ts";
import { Log, type LogOptions } from "../../lib/cli/log.ts";
import { Progress } from "../../lib/cli/progress.ts";

function logOn(isTerminal: boolean, options: Partial<LogOptions> = {}, columns = 80) {
  let text = "";
  const stderr = { isTerminal, columns, write: (more: string) => void (text += more) };
  const log = new Log({ stderr, now: () => 0 } as unknown as ConstructorParameters<typeof Log>[0], {
    quiet: false,
    verbose: 0,
    json: false,
    jsonResults: false,
    ...options,
  });
  return { log, text: () => text };
}

/** Sends `total` bytes at 1 MiB/s, with a look each 50 ms. */
function run(log: Log, seconds: number, total: number | undefined): void {
  let time = 0;
  using progress = new Progress({ log, now: () => time, what: "x", total });
  for (; time <= seconds * 1000; time += 50) progress.update(time / 1000 * 2 ** 20);
}

Deno.test("a bar on a terminal, which goes away", () => {
  const { log, text } = logOn(true);
  run(log, 10, 10 * 2 ** 20);
  const bars = text().split("\r\x1b[K");
  assert.ok(bars.length > 50 && bars.length < 110, `${bars.length}`);
  assert.equal(
    bars[50],
    "x  [#####     ] 50 %, 0:05 left, 1.0 MiB/s, 5.0 MiB of 10.0 MiB",
  );
  assert.equal(bars.at(-1), ""); // the bar is gone
  assert.ok(!text().includes("\n"));
});

Deno.test("a bar is no longer than the terminal is wide", () => {
  const { log, text } = logOn(true, {}, 30);
  run(log, 2, 10 * 2 ** 20);
  for (const bar of text().split("\r\x1b[K")) assert.ok(bar.length < 30, bar);
});

Deno.test("a line every few seconds where nobody watches", () => {
  const { log, text } = logOn(false);
  run(log, 12, 100 * 2 ** 20);
  const lines = text().trimEnd().split("\n");
  assert.deepEqual(lines, [
    "x: 5 %, 1:35 left, 1.0 MiB/s, 5.0 MiB of 100 MiB",
    "x: 10 %, 1:30 left, 1.0 MiB/s, 10.0 MiB of 100 MiB",
  ]);
});

Deno.test("an unknown total shows amount and rate, quiet shows nothing", () => {
  const { log, text } = logOn(false);
  run(log, 6, undefined);
  assert.equal(text(), "x: 5.0 MiB, 1.0 MiB/s\n");
  for (const isTerminal of [true, false]) {
    const silent = logOn(isTerminal, { quiet: true });
    run(silent.log, 20, 100);
    assert.equal(silent.text(), "");
  }
  const json = logOn(true, { json: true });
  run(json.log, 6, undefined);
  assert.equal(JSON.parse(json.text()).message, "x: 5.0 MiB, 1.0 MiB/s");
});

Deno.test("pictures are told in their own time too", () => {
  for (const [total, wanted] of [[undefined, ""], [2 ** 21, "50 %, 0:06 left, "]] as const) {
    const { log, text } = logOn(false);
    let time = 0;
    using progress = new Progress({ log, now: () => time, what: "x", total });
    progress.update(0, 0);
    time = 6000;
    progress.update(2 ** 20, 3661);
    const amount = total === undefined ? "1.0 MiB, 171 KiB/s" : "171 KiB/s, 1.0 MiB of 2.0 MiB";
    assert.equal(text(), `x: ${wanted}${amount}, 1:01:01 of video\n`);
  }
});

Deno.test("a message does not stand behind a bar", () => {
  const { log, text } = logOn(true);
  log.bar(() => "50 %");
  log.notice("done");
  assert.equal(text(), "\r\x1b[K50 %\r\x1b[Kdone\n");
});

Deno.test("sizes and lengths for people", () => {
  assert.deepEqual(
    [0, 1023, 1024, 150_000, 1.5 * 2 ** 20, 2 ** 41, null].map(sizeText),
    ["0 B", "1023 B", "1.0 KiB", "146 KiB", "1.5 MiB", "2.0 TiB", ""],
  );
  assert.deepEqual([0, 59.6, 61, 3661, null].map(lengthText), [
    "0:00",
    "1:00",
    "1:01",
    "1:01:01",
    "",
  ]);
});

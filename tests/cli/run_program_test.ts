/** Programs that print passwords: started as written, and kept within bounds. */

import assert from "node:assert/strict";
import type { RunLimits } from "../../lib/cli/io.ts";
import { runProgram } from "../../lib/cli/run_program.ts";

const LIMITS: RunLimits = {
  timeout: 60_000,
  maxOutput: 4096,
  signal: new AbortController().signal,
};
const posix = { ignore: Deno.build.os === "windows" };

async function output(command: string | string[]): Promise<string> {
  const { end, code, stdout, stderr } = await runProgram(command, LIMITS);
  assert.deepEqual([end, code, stderr], ["exit", 0, ""]);
  return new TextDecoder().decode(stdout);
}

Deno.test("a list is run as it is, a text by the shell", posix, async () => {
  assert.equal(await output(["printf", "%s|", "a b", "$HOME", "*", ""]), "a b|$HOME|*||");
  assert.equal(await output("printf '%s|' 'a b' | tr a-z A-Z"), "A B|");
  assert.equal(await output("cat; echo end"), "end\n", "standard input is empty");
});

Deno.test("a failure keeps its code and the end of its stderr", posix, async () => {
  const failed = await runProgram("echo out; echo why >&2; exit 3", LIMITS);
  assert.deepEqual([failed.end, failed.code, failed.stderr], ["exit", 3, "why\n"]);
  const loud = await runProgram("seq 1 100000 >&2; exit 1", LIMITS);
  assert.ok(loud.stderr.length <= 2 * 4096 + 65_536 && loud.stderr.endsWith("100000\n"));
  await assert.rejects(runProgram(["/no/such/program"], LIMITS), Deno.errors.NotFound);
});

Deno.test("endless output is cut off", posix, async () => {
  const { end, stdout } = await runProgram(["yes"], LIMITS);
  assert.equal(end, "output");
  assert.ok(stdout.length > 4096 && stdout.length < 1_000_000);
});

Deno.test(
  "a program that does not end is ended, and so is the wait for its children",
  posix,
  async () => {
    const line = "sleep 5 & sleep 5"; // the one in the background outlives its shell
    assert.equal((await runProgram(line, { ...LIMITS, timeout: 50 })).end, "timeout");
    const controller = new AbortController();
    const running = runProgram(["sleep", "600"], { ...LIMITS, signal: controller.signal });
    controller.abort();
    await assert.rejects(running, { code: "DHIP_INTERRUPTED" });
    await assert.rejects(runProgram(["true"], { ...LIMITS, signal: controller.signal }), {
      code: "DHIP_INTERRUPTED",
    });
  },
);

Deno.test("Ctrl-C also ends what a line for the shell started", posix, async () => {
  const controller = new AbortController();
  const file = await Deno.makeTempFile();
  try {
    const line = `sh -c 'echo $$ > ${file}; sleep 600; :'; :`;
    const running = runProgram(line, { ...LIMITS, signal: controller.signal });
    while ((await Deno.stat(file)).size === 0) await new Promise((next) => setTimeout(next, 10));
    controller.abort();
    await assert.rejects(running, { code: "DHIP_INTERRUPTED" });
    const inner = Number(await Deno.readTextFile(file));
    // Killed is not yet gone: whoever inherits it has to look.
    for (let tries = 0; tries < 100 && isRunning(inner); tries++) {
      await new Promise((next) => setTimeout(next, 10));
    }
    assert.ok(!isRunning(inner));
  } finally {
    await Deno.remove(file);
  }
});

function isRunning(pid: number): boolean {
  const { stdout } = new Deno.Command("ps", { args: ["-o", "stat=", "-p", `${pid}`] }).outputSync();
  const state = new TextDecoder().decode(stdout).trim();
  return state !== "" && !state.startsWith("Z");
}

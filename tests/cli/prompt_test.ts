/** The password prompt. */

import assert from "node:assert/strict";
import { askSecret } from "../../lib/cli/prompt.ts";
import type { DhipError } from "../../lib/errors.ts";

async function ask(
  chunks: (string | null)[],
  signal?: AbortSignal,
): Promise<{ answer?: string | undefined; error?: unknown; shown: string; raw: boolean[] }> {
  let shown = "";
  const raw: boolean[] = [];
  const queue = [...chunks];
  const terminal = {
    setRaw: (on: boolean) => void raw.push(on),
    read: (): Promise<Uint8Array | null> => {
      const next = queue.shift();
      if (next === undefined) return new Promise(() => {});
      return Promise.resolve(next === null ? null : new TextEncoder().encode(next));
    },
    write: (text: string) => void (shown += text),
  };
  try {
    return { answer: await askSecret(terminal, "Password: ", signal), shown, raw };
  } catch (error) {
    return { error, shown, raw };
  }
}

Deno.test("the answer is read and never shown, and the terminal is put back", async () => {
  const { answer, shown, raw } = await ask(["can", "ary\r"]);
  assert.deepEqual([answer, shown, raw], ["canary", "Password: \n", [true, false]]);
});

Deno.test("editing keys work, also on characters of several bytes", async () => {
  const cases: [string[], string | undefined][] = [
    [["abc\x7f\x7fd\r"], "ad"],
    [["ä日\x08\r"], "ä"],
    [["\x7fa\n"], "a"],
    [["wrong\x15right\r"], "right"],
    [["\r"], ""],
    [["\x04"], undefined],
    [["a\x04b\r"], "ab"],
    [["a\x1b[Ab\x1b[1;5C\x1bOPc\x1a\t\x00\r"], "abc"],
    [["a", "\x1b", "b\x1b[", "3~c\r"], "abc"],
    [["a\x1b[\r"], "a"],
    [["a\x1bxb\x1b\x7fc\r"], "abc"],
  ];
  for (const [chunks, answer] of cases) assert.equal((await ask(chunks)).answer, answer);
  assert.equal((await ask([null])).answer, undefined);
});

Deno.test("Ctrl-C and SIGTERM end the prompt and put the terminal back", async () => {
  const typed = await ask(["abc\x03"]);
  assert.equal((typed.error as DhipError).code, "DHIP_INTERRUPTED");
  assert.deepEqual(typed.raw, [true, false]);
  const controller = new AbortController();
  const waiting = ask(["abc"], controller.signal);
  controller.abort();
  const ended = await waiting;
  assert.equal((ended.error as DhipError).code, "DHIP_INTERRUPTED");
});

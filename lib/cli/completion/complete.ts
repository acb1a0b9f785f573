/**
 * `dhip __complete`, which the shells' completions call.
 *
 * The words come as arguments behind `--`, or through standard input, which keeps a password on
 * the line out of the list of processes: each ended by a NUL, or as lines. Each candidate is
 * printed on a line, with its explanation behind a tab. The line `:files` asks for files.
 *
 * No device is contacted and no password is read: a config file that holds one is only searched
 * for names.
 *
 * @module
 */

import type { Config } from "../config/config.ts";
import type { CliIo } from "../io.ts";
import { plain } from "../text.ts";
import { candidatesFor, FILES, type Names } from "./candidates.ts";

/** Prints what fits. Nothing that goes wrong shows: it would disturb a line that is typed. */
export async function complete(args: readonly string[], io: CliIo): Promise<number> {
  const words = args[0] === "--" ? args.slice(1) : wordsOf(await io.stdin.readAll());
  const candidates = await candidatesFor(words, () => readNames(words, io)).catch(() => []);
  const lines = candidates === FILES
    ? [":files"]
    : candidates.map(({ word, summary }) => summary === undefined ? word : `${word}\t${summary}`);
  await io.stdout.write(lines.map((line) => `${line}\n`).join(""));
  return 0;
}

function wordsOf(bytes: Uint8Array): string[] {
  const text = new TextDecoder().decode(bytes);
  const end = text.includes("\0") ? "\0" : "\n";
  return (text.endsWith(end) ? text.slice(0, -1) : text).split(end);
}

async function readNames(words: readonly string[], io: CliIo): Promise<Names> {
  const at = words.findLastIndex((word) => word === "--config" || word.startsWith("--config="));
  const file = at < 0 ? undefined : words[at]!.split("=", 2)[1] ?? words[at + 1];
  const { loadConfig } = await import("../config/load.ts");
  const { devices }: Config = await loadConfig(io, file);
  const tags = new Map<string, number>();
  for (const { tags: own } of devices.values()) {
    for (const tag of own) tags.set(tag, (tags.get(tag) ?? 0) + 1);
  }
  return {
    devices: [...devices.values()].map(({ name, address }) => ({
      word: name,
      summary: plain(address.host),
    })),
    tags: [...tags].map(([word, count]) => ({
      word,
      summary: count === 1 ? "1 device" : `${count} devices`,
    })),
  };
}

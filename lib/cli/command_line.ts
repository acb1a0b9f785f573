/**
 * Which command a command line means.
 *
 * @module
 */

import { CONNECTION, GENERAL } from "./global_options.ts";
import type { OptionSpecs } from "./option_spec.ts";
import { tokenize, unknownOption } from "./parse.ts";
import { commandsOf, matchCommand, matchGroup } from "./registry.ts";
import type { CommandEntry } from "./spec.ts";
import { unknownCommand, usageError, Words } from "./usage.ts";

/** What a command line asks for. */
export type Request =
  | { readonly kind: "nothing" | "help" | "version" | "python" }
  | {
    readonly kind: "group";
    /** Words that its commands begin with. */
    readonly group: string;
    /** False when the rest of a command is missing. */
    readonly asked: boolean;
  }
  | {
    readonly kind: "command";
    readonly entry: CommandEntry;
    /** Places of the words of its name. */
    readonly indexes: readonly number[];
  };

/** Options that may stand before the first word: the general ones and those of python-dhip. */
const LEADING = {
  ...CONNECTION,
  ...GENERAL,
  port: { value: "PORT", summary: "" },
  method: { short: "m", value: "METHOD", summary: "" },
  params: { value: "JSON", summary: "" },
  version: { summary: "" },
} as const satisfies OptionSpecs;

/** Long options of python-dhip, which accepts abbreviations. */
const PYTHON_OPTIONS = ["--port", "--user", "--password", "--method", "--params", "--verbose"];

/**
 * Finds the command: the first words that are no options. A line whose first word is no command
 * has python-dhip's form, with the host first.
 *
 * @throws {DhipError} `DHIP_USAGE`
 */
export function readRequest(argv: readonly string[]): Request {
  if (argv.length === 0) return { kind: "nothing" };
  const tokens = tokenize(argv, LEADING);
  const first = tokens.find((token) => token.kind === "argument");
  const before = tokens.filter((token) =>
    token.kind === "option" && (first === undefined || token.index < first.index)
  );
  for (const token of before) {
    if (token.kind !== "option" || token.key !== undefined) continue;
    const { written } = token;
    const abbreviated = written.startsWith("--") &&
      PYTHON_OPTIONS.some((name) => name.startsWith(written));
    if (!abbreviated || first === undefined) throw unknownOption(token, LEADING, new Words(argv));
    return { kind: "python" };
  }
  const has = (key: string) => before.some((token) => token.kind === "option" && token.key === key);
  if (has("version")) return { kind: "version" };
  if (first === undefined) {
    if (has("help")) return { kind: "help" };
    throw usageError("A command is missing", "dhip --help lists the commands.");
  }
  const words = tokens.flatMap((token) => token.kind === "argument" ? token : []);
  const texts = words.map(({ text }) => text);
  const match = matchCommand(texts);
  if (match !== undefined) {
    const { entry, length } = match;
    return { kind: "command", entry, indexes: words.slice(0, length).map(({ index }) => index) };
  }
  const group = matchGroup(texts);
  if (group === undefined) return { kind: "python" };
  const next = words[group.split(" ").length];
  if (next === undefined) {
    const asked = tokens.some((token) => token.kind === "option" && token.key === "help");
    return { kind: "group", group, asked };
  }
  if (new Words(argv).secret) throw usageError(`Unknown command: argument ${next.index + 1}`);
  throw unknownCommand(`${group} ${next.text}`, commandsOf(group).map(({ name }) => name));
}

/**
 * What can stand next on a command line. Derived from the specifications of the commands.
 *
 * @module
 */

import { CONNECTION, GENERAL } from "../global_options.ts";
import { argumentsOf, optionsOf, tokenize } from "../parse.ts";
import {
  type ArgumentSpec,
  longName,
  type Offer,
  type OptionSpec,
  type OptionSpecs,
} from "../option_spec.ts";
import { GROUPS } from "../groups.ts";
import { COMMANDS, matchCommand } from "../registry.ts";
import type { Command } from "../spec.ts";

/** A word that fits. */
export interface Candidate {
  /** The whole word. */
  readonly word: string;
  /** What it is, for shells that show it. */
  readonly summary?: string | undefined;
}

/** Names of the config file. */
export interface Names {
  readonly devices: readonly Candidate[];
  readonly tags: readonly Candidate[];
}

/** Names are read only when they are wanted. */
export type ReadNames = () => Promise<Names>;

/** Options that may stand before a command. */
const LEADING: OptionSpecs = { ...CONNECTION, ...GENERAL };

/** Says that the shell should offer files. */
export const FILES = "files";

/**
 * The words that fit in place of the last one.
 *
 * @param words the words behind `dhip`; the last one is being typed and may be empty
 */
export async function candidatesFor(
  words: readonly string[],
  readNames: ReadNames,
): Promise<readonly Candidate[] | typeof FILES> {
  const before = words.slice(0, -1);
  const current = words.at(-1) ?? "";
  const match = matchOf(before);
  const command = match === undefined ? undefined : (await match.entry.load()).default;
  const specs: OptionSpecs = command === undefined ? LEADING : optionsOf(command);
  const isOver = before.includes("--");
  const waiting = isOver ? undefined : waitingOption(before, specs);
  if (waiting !== undefined) return await valuesOf(waiting, current, readNames);
  if (!isOver && current.startsWith("-")) {
    const [, name, text] = /^--([\w-]+)=(.*)$/s.exec(current) ?? [];
    if (name === undefined) return begin(optionWords(specs, match === undefined), current);
    const key = Object.keys(specs).find((key) => longName(key) === name);
    if (key === undefined) return [];
    const values = await valuesOf(specs[key]!, text ?? "", readNames);
    if (values === FILES) return FILES;
    return values.map(({ word, summary }) => ({ word: `--${name}=${word}`, summary }));
  }
  const args = argumentWords(before, specs);
  if (command === undefined) return begin(commandWords(args), current);
  const own = args.slice(match!.length);
  const spec = argumentAt(command, own.length);
  if (spec?.offers === "command") {
    const { TOPICS } = await import("../help/topics.ts");
    const topics = TOPICS.map(({ name, summary }) => ({ word: name, summary }));
    return begin([...commandWords(own), ...(own.length === 0 ? topics : [])], current);
  }
  return spec === undefined ? [] : await valuesOf(spec, current, readNames);
}

function matchOf(before: readonly string[]) {
  return matchCommand(argumentWords(before, LEADING));
}

function argumentWords(words: readonly string[], specs: OptionSpecs): string[] {
  return tokenize(words, specs).flatMap((token) => token.kind === "argument" ? token.text : []);
}

/** The option whose value is being typed. */
function waitingOption(before: readonly string[], specs: OptionSpecs): OptionSpec | undefined {
  const last = tokenize(before, specs).at(-1);
  if (last?.kind !== "option" || last.key === undefined || last.text !== undefined) {
    return undefined;
  }
  const spec = specs[last.key];
  return spec?.value === undefined || spec.implied !== undefined ? undefined : spec;
}

/** The argument at a place. The last one may take all further places. */
function argumentAt(command: Command, place: number): ArgumentSpec | undefined {
  const specs = Object.values(argumentsOf(command));
  const last = specs.at(-1);
  return specs[place] ?? (last?.many ? last : undefined);
}

function commandWords(args: readonly string[]): Candidate[] {
  const begun = args.map((word) => `${word} `).join("");
  const found = new Map<string, Candidate>();
  for (const { name, summary } of COMMANDS) {
    if (!name.startsWith(begun)) continue;
    const [word = "", ...more] = name.slice(begun.length).split(" ");
    if (more.length === 0) found.set(word, { word, summary });
    else if (!found.has(word)) found.set(word, { word, summary: GROUPS[begun + word] });
  }
  return [...found.values()];
}

function optionWords(specs: OptionSpecs, isRoot: boolean): Candidate[] {
  const words = Object.entries(specs).map(([key, { summary }]) => ({
    word: `--${longName(key)}`,
    summary,
  }));
  return isRoot
    ? [...words, { word: "--version", summary: "Show version, runtime and platform" }]
    : words;
}

async function valuesOf(
  spec: ArgumentSpec | OptionSpec,
  current: string,
  readNames: ReadNames,
): Promise<readonly Candidate[] | typeof FILES> {
  if (spec.type?.choices !== undefined) {
    return begin(spec.type.choices.map((word) => ({ word })), current);
  }
  const offer = spec.offers ?? (spec.value === "FILE" ? "file" : undefined);
  return offer === undefined ? [] : await offered(offer, current, readNames);
}

async function offered(
  offer: Offer,
  current: string,
  readNames: ReadNames,
): Promise<readonly Candidate[] | typeof FILES> {
  switch (offer) {
    case "file":
      return FILES;
    case "targetOrFile": {
      const names = current === "" ? [] : await offered("target", current, readNames);
      return names.length === 0 ? FILES : names;
    }
    case "command": // depends on the words before; an option never offers it
      return [];
    case "fault": {
      const { FAULTS } = await import("../../simulator/faults.ts");
      return begin(
        FAULTS.map(({ name, description }) => ({ word: name, summary: description })),
        current,
      );
    }
    case "device":
      return begin((await readNames()).devices, current);
    case "tag":
      return begin((await readNames()).tags, current);
    case "target": {
      const { devices, tags } = await readNames();
      const done = current.slice(0, current.lastIndexOf(",") + 1);
      const marked = tags.map(({ word, summary }) => ({ word: `@${word}`, summary }));
      return begin([...devices, ...marked], current.slice(done.length))
        .map(({ word, summary }) => ({ word: done + word, summary }));
    }
  }
}

function begin(candidates: readonly Candidate[], beginning: string): Candidate[] {
  return candidates.filter(({ word }) => word.startsWith(beginning));
}

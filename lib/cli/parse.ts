/**
 * From the words of a command line to the values that a command's specification promises.
 *
 * @module
 */

import { parseArgs } from "node:util";
import type { DhipError } from "../errors.ts";
import {
  CONNECTION,
  type ConnectionValues,
  GENERAL,
  type GeneralValues,
} from "./global_options.ts";
import { type ArgumentSpec, longName, type OptionSpec, type OptionSpecs } from "./option_spec.ts";
import type { Command } from "./spec.ts";
import { nearest, usageError, Words } from "./usage.ts";

/** An option or an argument, with its place on the command line. */
export type Token =
  | { readonly kind: "argument"; readonly index: number; readonly text: string }
  | {
    readonly kind: "option";
    readonly index: number;
    /** As written, for example `-P` or `--password`. */
    readonly written: string;
    /** Key of the specification; undefined when it has no such option. */
    readonly key: string | undefined;
    readonly text: string | undefined;
    /** False when the value is the next word. */
    readonly inline: boolean;
  };

/** What {@linkcode parseLine} gives. */
export interface ParsedLine {
  readonly targets: readonly string[];
  /** Values as the specification promises; by name. */
  readonly args: Readonly<Record<string, never>>;
  readonly options: Readonly<Record<string, never>>;
  readonly general: GeneralValues;
  /** Undefined when the command works on no device. */
  readonly connection: ConnectionValues | undefined;
  /** Keys of the options that stand on the line itself. */
  readonly given: ReadonlySet<string>;
}

/** What gives an option its value when the line does not. */
export interface Settings {
  /** An environment variable. */
  env(name: string): string | undefined;
  /** Values of the config file's `[defaults]`, by key. */
  readonly defaults?: Readonly<Record<string, unknown>>;
}

/** All options that a command understands. */
export function optionsOf(command: Command): OptionSpecs {
  const own = new Set(Object.values<OptionSpec>(command.options).map(({ short }) => short));
  const rest: OptionSpecs = { ...connectionSpecs(command), ...GENERAL };
  // A letter that a command takes for itself means what it says there.
  const others = Object.entries(rest).map(([key, spec]) => {
    const { short, ...longOnly } = spec;
    return [key, short !== undefined && own.has(short) ? longOnly : spec] as const;
  });
  return { ...command.options, ...Object.fromEntries(others) };
}

/** The connection options that a command understands. */
export function connectionSpecs({ targets, connection }: Command): OptionSpecs {
  if (targets === "none") return {};
  return connection === undefined
    ? CONNECTION
    : Object.fromEntries(connection.map((key) => [key, CONNECTION[key]]));
}

/** Splits a command line. Understands `-pVALUE`, `-p=VALUE`, `-vv`, `--name=VALUE` and `--`. */
export function tokenize(argv: readonly string[], specs: OptionSpecs): Token[] {
  const keys = new Map(Object.keys(specs).map((key) => [longName(key), key]));
  const options = Object.fromEntries(
    [...keys].map(([name, key]) => {
      const { value, short, implied } = specs[key]!;
      const alone = value === undefined || implied !== undefined;
      const type = alone ? "boolean" as const : "string" as const;
      return [name, short === undefined ? { type } : { type, short }];
    }),
  );
  // Not strict: node's own messages repeat values, and one of these may be a password.
  const { tokens } = parseArgs({
    args: [...argv],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return tokens.flatMap((token): Token[] => {
    if (token.kind === "option-terminator") return [];
    const { index } = token;
    if (token.kind === "positional") return [{ kind: "argument", index, text: token.value }];
    const inline = token.inlineValue === true;
    const isShort = !token.rawName.startsWith("--");
    const text = isShort && inline ? token.value?.replace(/^=/, "") : token.value;
    const key = keys.get(token.name);
    return [{ kind: "option", index, written: token.rawName, key, text, inline }];
  });
}

/**
 * Reads the command line of one command.
 *
 * @param nameIndexes places of the words of the command's name, which are no arguments
 * @throws {DhipError} `DHIP_USAGE`
 */
export function parseLine(
  command: Command,
  argv: readonly string[],
  nameIndexes: readonly number[],
  settings: Settings,
  words: Words = new Words(argv),
): ParsedLine {
  const specs = optionsOf(command);
  const given: Record<string, unknown[]> = {};
  const args: { text: string; index: number }[] = [];
  for (const token of tokenize(argv, specs)) {
    if (token.kind === "option") {
      if (token.key === undefined) throw unknownOption(token, specs, words);
      (given[token.key] ??= []).push(readOption(token, specs[token.key]!));
    } else if (!nameIndexes.includes(token.index)) {
      args.push(token);
    }
  }
  const values = Object.fromEntries(
    Object.entries(specs).map(([key, spec]) => [key, settle(key, spec, given[key], settings)]),
  );
  const { target, ...rest } = assign(command, args, given, words);
  return {
    targets: [...(target ?? []), ...(given.target ?? [])] as string[],
    args: rest as ParsedLine["args"],
    options: Object.fromEntries(
      Object.keys(command.options).map((key) => [key, values[key]]),
    ) as ParsedLine["options"],
    general: values as unknown as GeneralValues,
    connection: command.targets === "none" ? undefined : values as unknown as ConnectionValues,
    given: new Set(Object.keys(given)),
  };
}

/** An option on the command line. */
export type OptionToken = Extract<Token, { kind: "option" }>;

function readOption(token: OptionToken, spec: OptionSpec): unknown {
  const { written, text, inline } = token;
  if (spec.value === undefined) {
    if (text === undefined) return true;
    throw usageError(`${written} takes no value`);
  }
  if (text === undefined && spec.implied !== undefined) {
    return readValue(written, spec.implied, spec);
  }
  // A forgotten value must not swallow the next option. Negative numbers and "-" are values.
  if (text === undefined || (!inline && /^-(?!$|\.?\d)/.test(text))) {
    throw usageError(
      `${written} needs a value (${spec.value})`,
      `Write ${written}=${spec.value} when the value starts with a dash.`,
    );
  }
  return readValue(written, text, spec);
}

function readValue(name: string, text: string, spec: OptionSpec | ArgumentSpec): unknown {
  if (spec.type === undefined) return text;
  try {
    return spec.type.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) throw usageError(`${name} must be ${error.message}`);
    throw error;
  }
}

/** The one value of an option: from the line, the environment, the config file, or the default. */
function settle(
  key: string,
  spec: OptionSpec,
  given: readonly unknown[] | undefined,
  { env, defaults = {} }: Settings,
): unknown {
  if (spec.count) return given?.length ?? 0;
  if (spec.value === undefined) return given !== undefined || defaults[key] === true;
  if (spec.many) return given ?? [];
  if (given !== undefined) {
    if (given.length === 1) return given[0];
    // Of two values one is a mistake, and we cannot know which.
    throw usageError(`--${longName(key)} is given ${given.length} times`);
  }
  const text = spec.env === undefined ? undefined : env(spec.env);
  if (text !== undefined && text !== "") return readValue(spec.env!, text, spec);
  return defaults[key] ?? spec.default;
}

/** The positional arguments of a command, its targets first. */
export function argumentsOf(command: Command): Readonly<Record<string, ArgumentSpec>> {
  if (command.targets === "none") return command.arguments;
  const target: ArgumentSpec = { value: "TARGET", summary: TARGET_SUMMARY, offers: "target" };
  const none = { ...target, optional: true, many: true, summary: TARGET_SUMMARY + OR_ALL } as const;
  const many = { ...target, many: true } as const;
  const files = {
    ...many,
    value: "FILE|TARGET",
    summary: `${FILE_SUMMARY}. ${TARGET_SUMMARY}`,
    offers: "targetOrFile",
  } as const;
  return {
    target: { many, manyOrAll: none, manyOrFiles: files, list: target }[command.targets],
    ...command.arguments,
  };
}

const TARGET_SUMMARY =
  "HOST, HOST:PORT, [IPV6]:PORT, sn:SERIAL, dhip://USER@HOST:PORT, a NAME or @TAG of the config " +
  "file, or a comma list of these";
const FILE_SUMMARY =
  "A file (./NAME for one that is called like a device), or - for standard input";
const OR_ALL = "; none at all means every device of the config file";

/**
 * Gives the words to the arguments in order. When there are fewer words than arguments, an
 * argument whose option was given (`-t` for the target) does not wait for a word.
 */
function assign(
  command: Command,
  found: readonly { text: string; index: number }[],
  given: Readonly<Record<string, readonly unknown[]>>,
  words: Words,
): Record<string, unknown> & { target?: unknown[] } {
  let open = Object.entries(argumentsOf(command));
  const result: Record<string, unknown> = {};
  for (const [key, { fills }] of Object.entries(optionsOf(command))) {
    if (fills === undefined || given[key] === undefined) continue;
    const isShort = found.length < open.length;
    if (isShort) open = open.filter(([name]) => name !== fills);
    if (fills === "target") continue; // both ways of naming targets may be used at once
    if (!isShort) throw usageError(`${command.arguments[fills]!.value} is given twice`);
    result[fills] = given[key][0];
  }
  const queue = [...found];
  for (const [name, spec] of open) {
    const taken = queue.splice(0, spec.many ? queue.length : 1);
    if (taken.length === 0 && !spec.optional) {
      throw usageError(`${spec.value} is missing`, "--help shows what the command takes.");
    }
    const values = taken.map(({ text }) => readValue(spec.value, text, spec));
    result[name] = spec.many || name === "target" ? values : values[0];
  }
  if (queue.length > 0) {
    throw usageError(
      `Unexpected argument: ${words.show(queue[0]!.index)}`,
      command.targets === "list"
        ? "Several targets are one comma list: A,B. Put quotes around values with spaces."
        : "Put quotes around values with spaces. --help shows what the command takes.",
    );
  }
  return result;
}

/** The error of an option that a specification does not have. */
export function unknownOption(token: OptionToken, specs: OptionSpecs, words: Words): DhipError {
  if (words.secret) return usageError(`Unknown option: argument ${token.index + 1}`);
  const names = Object.keys(specs).map((key) => `--${longName(key)}`);
  const near = token.written.startsWith("--") ? nearest(token.written, names) : undefined;
  return usageError(
    `Unknown option: ${token.written}`,
    near === undefined ? "--help lists the options." : `Did you mean ${near}?`,
  );
}

/**
 * Python's argparse, as far as python-dhip uses it. Pure: words in, values out.
 *
 * @module
 */

import { usageError, type Words } from "./usage.ts";

/** An option: its names, and how its value is read. */
export interface ArgparseOption {
  /** Key in the result. */
  readonly key: string;
  /** Short and long names, with their dashes. */
  readonly names: readonly string[];
  /** `flag` takes no value; `words` all words up to the next option, joined by commas. */
  readonly kind: "flag" | "text" | "integer" | "number" | "words";
  /** Not python-dhip's own: has no abbreviations and makes none ambiguous. */
  readonly exact?: true;
}

/** What {@linkcode argparse} finds. */
export interface ArgparseResult {
  /** Values by key, `true` for flags. */
  readonly values: Readonly<Record<string, string | true>>;
  /** Positional arguments, with their places. */
  readonly positionals: readonly { readonly text: string; readonly index: number }[];
  /** Place behind the last word that was read. */
  readonly end: number;
}

/**
 * Reads words from `start` on, until `limit` positional arguments are found.
 *
 * - `--opt value`, `--opt=value`, `-ovalue`, `-o=value`, `-o value`, and groups of flags
 * - abbreviations of long options, when unambiguous
 * - a word that looks like a negative number or holds a space is no option
 * - `--` ends the options
 *
 * @throws {DhipError} `DHIP_USAGE`
 */
export function argparse(
  argv: readonly string[],
  start: number,
  options: readonly ArgparseOption[],
  limit: number,
  words: Words,
): ArgparseResult {
  const values: Record<string, string | true> = {};
  const positionals: { text: string; index: number }[] = [];
  let index = start;
  let onlyPositionals = false;
  while (index < argv.length && positionals.length < limit) {
    const word = argv[index]!;
    if (!onlyPositionals && word === "--") {
      onlyPositionals = true;
      index++;
    } else if (onlyPositionals || !looksLikeOption(word, options)) {
      positionals.push({ text: word, index: index++ });
    } else {
      index = option(word, index);
    }
  }
  return { values, positionals, end: index };

  /** Reads the option at `at`; returns the place behind it. */
  function option(word: string, at: number): number {
    const found = find(word, at);
    if (found.option.kind === "flag") {
      values[found.option.key] = true;
      if (found.value === undefined) return at + 1;
      const rest = `-${found.value}`;
      if (word.startsWith("--") || !looksLikeOption(rest, options)) {
        throw usageError(`${found.name} takes no value`);
      }
      return option(rest, at);
    }
    if (found.value !== undefined) {
      values[found.option.key] = checked(found.option, found.name, found.value);
      return at + 1;
    }
    if (found.option.kind === "words") {
      let behind = at + 1;
      while (behind < argv.length && !looksLikeOption(argv[behind]!, options)) behind++;
      values[found.option.key] = argv.slice(at + 1, behind).join(",");
      return behind;
    }
    const next = argv[at + 1] === "--" ? at + 2 : at + 1;
    const value = argv[next];
    if (value === undefined || (next === at + 1 && looksLikeOption(value, options))) {
      throw usageError(
        `${found.name} needs a value`,
        `Write ${found.name}=VALUE when the value starts with a dash.`,
      );
    }
    values[found.option.key] = checked(found.option, found.name, value);
    return next + 1;
  }

  function find(word: string, at: number): Match {
    const matches = matchesOf(word, options);
    if (matches.length === 1) return matches[0]!;
    const shown = words.secret ? `argument ${at + 1}` : word.split("=", 1)[0];
    if (matches.length === 0) throw usageError(`Unknown option: ${shown}`);
    const names = matches.map(({ name }) => name).join(", ");
    throw usageError(`Ambiguous option: ${shown} could be ${names}`);
  }
}

interface Match {
  readonly option: ArgparseOption;
  readonly name: string;
  /** Value inside the same word. */
  readonly value: string | undefined;
}

function looksLikeOption(word: string, options: readonly ArgparseOption[]): boolean {
  if (!word.startsWith("-") || word === "-") return false;
  if (matchesOf(word, options).length > 0) return true;
  return !/^-\d+$|^-\d*\.\d+$/.test(word) && !word.includes(" ");
}

function matchesOf(word: string, options: readonly ArgparseOption[]): Match[] {
  const named = options.flatMap((option) => option.names.map((name) => ({ option, name })));
  const equals = word.indexOf("=");
  const [head, inline] = equals < 0
    ? [word, undefined]
    : [word.slice(0, equals), word.slice(equals + 1)];
  const exact = named.filter(({ name }) => name === word || name === head);
  if (exact.length > 0) {
    return exact.map((match) => ({ ...match, value: match.name === word ? undefined : inline }));
  }
  if (word.startsWith("--")) {
    return named.filter(({ option, name }) => !option.exact && name.startsWith(head))
      .map((match) => ({ ...match, value: inline }));
  }
  return named.filter(({ name }) => name === word.slice(0, 2))
    .map((match) => ({ ...match, value: word.slice(2) }));
}

function checked(option: ArgparseOption, name: string, value: string): string {
  const text = value.trim();
  if (option.kind === "integer" && !/^[+-]?\d+$/.test(text)) {
    throw usageError(`${name} must be a whole number`);
  }
  if (option.kind === "number" && (text === "" || !Number.isFinite(Number(text)))) {
    throw usageError(`${name} must be a number`);
  }
  return option.kind === "text" || option.kind === "words" ? value : text;
}

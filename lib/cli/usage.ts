/**
 * Mistakes on the command line, told without repeating what may be a password.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import { plain } from "./text.ts";

/** An error of the command line: exit 2. */
export function usageError(message: string, hint?: string): DhipError {
  return new DhipError("DHIP_USAGE", message, { hint });
}

/**
 * Speaks about the words of one command line. As soon as a password may be among them, words are
 * named by their position only: the end of an unquoted password looks like any other argument.
 */
export class Words {
  readonly #argv: readonly string[];
  /** True when no word may be repeated. */
  readonly secret: boolean;

  /** Takes the command line without the program's name. `secret` overrides the detection. */
  constructor(argv: readonly string[], secret?: boolean) {
    this.#argv = argv;
    // Any abbreviation of --password counts, and -P inside a group such as -vP.
    this.secret = secret ??
      argv.some((word, index) =>
        /^--p(?!ar|or|assword-stdin$)|^-[a-zA-Z]*P/.test(word) ||
        // A new password that somebody expects to belong on the line.
        (word === "user" && /^(?:add|passwd)$/.test(argv[index + 1] ?? ""))
      );
  }

  /** The word at `index` in quotes, or its position. */
  show(index: number): string {
    const word = this.#argv[index] ?? "";
    const showable = !this.secret && mayShow(word) && word.length <= 80;
    return showable ? JSON.stringify(plain(word)) : `argument ${index + 1}`;
  }
}

/** False for what may be `user:password@host`, whole or in part. */
export function mayShow(word: string): boolean {
  return !/.@/s.test(word) && !/\/\/|:(?!\d{1,5}$)/.test(word);
}

/** The error of a name that none of the commands has. */
export function unknownCommand(name: string, commands: readonly string[]): DhipError {
  const near = nearest(name, commands);
  return usageError(
    `Unknown command${mayShow(name) ? `: ${plain(name)}` : ""}`,
    near === undefined ? "dhip --help lists the commands." : `Did you mean dhip ${near}?`,
  );
}

/** The candidate nearest to a mistyped word, or undefined when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word, candidate);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best ?? (word.length >= 3 ? candidates.find((name) => name.startsWith(word)) : undefined);
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  if (a.length > 40 || b.length > 40) return Infinity;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let value = Math.min(row[j - 1]! + 1, last[j]! + 1, last[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        value = Math.min(value, before[j - 2]! + 1);
      }
      row.push(value);
    }
    [before, last] = [last, row];
  }
  return last[b.length]!;
}

/**
 * Configuration tables as CGI writes them: one line for each leaf.
 *
 * @module
 */

import type { ConfigTable } from "../config_tables.ts";

/** Paths and values of all leaves: `Encode[0].MainFormat[0].Video.FPS`, 25. */
export function* leavesOf(path: string, value: unknown): Generator<[string, unknown]> {
  if (Array.isArray(value)) {
    for (const [index, each] of value.entries()) yield* leavesOf(`${path}[${index}]`, each);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, each] of Object.entries(value)) yield* leavesOf(`${path}.${key}`, each);
  } else {
    yield [path, value];
  }
}

/** The steps of a path, the name of the table first; undefined when it is malformed. */
export function stepsOf(path: string): string[] | undefined {
  if (!/^[^.[\]]+(\.[^.[\]]+|\[\d{1,4}\])*$/.test(path)) return undefined;
  return path.split(/[.[\]]+/).filter((step) => step !== "");
}

/**
 * The table with one leaf changed; the text becomes what the leaf was before, number, boolean or
 * text. Undefined when there is no such leaf or the text does not fit it.
 */
export function withLeaf(
  table: ConfigTable,
  steps: readonly string[],
  text: string,
): ConfigTable | undefined {
  return change(table, steps, text) as ConfigTable | undefined;
}

function change(value: unknown, steps: readonly string[], text: string): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return leaf(value, text);
  if (typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value)) {
    const index = Number(step);
    if (!Number.isInteger(index) || index > value.length) return undefined;
    // One past the end makes a list longer; its first entry is text, the others are as the first.
    const old = index === value.length && rest.length === 0 ? value[0] ?? "" : value[index];
    const changed = change(old, rest, text);
    return changed === undefined ? undefined : value.toSpliced(index, 1, changed);
  }
  if (!Object.hasOwn(value, step)) return undefined;
  const changed = change((value as Record<string, unknown>)[step], rest, text);
  return changed === undefined ? undefined : { ...value, [step]: changed };
}

function leaf(before: unknown, text: string): unknown {
  switch (typeof before) {
    case "number": {
      const number = Number(text);
      return text.trim() !== "" && Number.isFinite(number) ? number : undefined;
    }
    case "boolean":
      return text === "true" ? true : text === "false" ? false : undefined;
    case "string":
      return text;
    default:
      return undefined;
  }
}

/**
 * Places inside configuration tables, as people write them: `Encode[0].MainFormat[0].Video.FPS`.
 *
 * The first name is the table. Indexes are the table's own and count from 0, as in the vendor's
 * documents and in `table.Encode[0]…` of the HTTP API.
 *
 * @module
 */

/** One step into a value: a member or an element. */
export type PathStep = string | number;

/** A place in a table. */
export interface ConfigPath {
  /** Table, for example `Encode`. */
  readonly table: string;
  /** Steps from the table's value; none for the whole table. */
  readonly steps: readonly PathStep[];
}

/** One change of a configuration. */
export interface Assignment {
  /** Where. */
  readonly path: ConfigPath;
  /** The new value. */
  readonly value: unknown;
  /** How the value was written, where it was not quoted: goes into tables that hold text there. */
  readonly text?: string;
}

/**
 * Reads a path. Members whose names hold other characters are written in quotes: `A["odd.name"]`.
 *
 * ```ts
 * import { parseConfigPath } from "@dhip/dhip";
 *
 * const path = parseConfigPath("Encode[0].MainFormat[0].Video.FPS");
 * if (path.table !== "Encode" || path.steps.length !== 5) throw new Error("unexpected");
 * ```
 *
 * @throws {SyntaxError} when the text is no path
 */
export function parseConfigPath(text: string): ConfigPath {
  const first = /^[\p{L}_][\p{L}\p{N}_-]*/u.exec(text)?.[0];
  if (first === undefined) throw notAPath(text);
  const steps: PathStep[] = [];
  const step = /\.([\p{L}\p{N}_-]+)|\[(\d{1,6})\]|\[("(?:[^"\\]|\\.)*")\]/uy;
  step.lastIndex = first.length;
  while (step.lastIndex < text.length) {
    const match = step.exec(text);
    if (match === null) throw notAPath(text);
    const [, member, index, quoted] = match;
    if (member !== undefined) steps.push(member);
    else if (index !== undefined) steps.push(Number(index));
    else steps.push(unquote(quoted!, text));
  }
  return { table: first, steps };
}

/** Writes a path so that {@linkcode parseConfigPath} reads it back. */
export function formatConfigPath(path: ConfigPath): string {
  return path.steps.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    return /^[\p{L}\p{N}_-]+$/u.test(step) ? `${text}.${step}` : `${text}[${JSON.stringify(step)}]`;
  }, path.table);
}

/**
 * Reads `PATH=VALUE`. The value is JSON where it reads as JSON (`15`, `true`, `"text"`, `[1,2]`),
 * else the text itself; what type a table wants is decided against its present value by
 * {@linkcode assign}.
 *
 * @throws {SyntaxError} when there is no `=` or no path before it
 */
export function parseAssignment(text: string): Assignment {
  const equals = /^(?:[^="]|"(?:[^"\\]|\\.)*")*?=/.exec(text)?.[0].length;
  // The text is not repeated: a value without its path may be a password.
  if (equals === undefined) throw new SyntaxError("Not PATH=VALUE; expected e.g. NTP.Enable=true");
  const path = parseConfigPath(text.slice(0, equals - 1));
  const written = text.slice(equals);
  try {
    const value: unknown = JSON.parse(written);
    return typeof value === "string" ? { path, value } : { path, value, text: written };
  } catch {
    return { path, value: written };
  }
}

/**
 * The value at a place.
 *
 * @throws {RangeError} when there is no such place
 */
export function valueAt(table: unknown, path: ConfigPath): unknown {
  let value = table;
  for (const [depth, step] of path.steps.entries()) {
    if (!has(value, step)) throw noSuchPlace(path, depth, value);
    value = (value as Record<PathStep, unknown>)[step];
  }
  return value;
}

/**
 * A copy of the table with the value at the place replaced; the table itself stays as it is. Text
 * keeps being text where the table holds text (`Name=15`), so that a shell needs no extra quotes.
 *
 * @throws {RangeError} when there is no such place: a table grows only as a whole
 * @throws {TypeError} when the table holds another type there: devices accept that and misbehave
 */
export function assign(table: unknown, { path, value, text }: Assignment): unknown {
  const before = valueAt(table, path);
  // As it was written: through a number, 1.50 and long keys would come out changed.
  const wanted = typeof before === "string" && isPlain(value) ? text ?? String(value) : value;
  if (before !== null && kindOf(before) !== kindOf(wanted)) {
    const place = formatConfigPath(path);
    throw new TypeError(`${place} holds ${kindOf(before)}, not ${kindOf(wanted)}`);
  }
  return replaceAt(table, path.steps, wanted);
}

/** A copy with the value at the steps replaced; the place must exist. */
export function replaceAt(table: unknown, steps: readonly PathStep[], value: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  const copy = (Array.isArray(table) ? [...table] : { ...table as object }) as Record<
    PathStep,
    unknown
  >;
  copy[step] = replaceAt(copy[step], rest, value);
  return copy;
}

function isPlain(value: unknown): boolean {
  return typeof value === "number" || typeof value === "boolean";
}

function kindOf(value: unknown): string {
  if (value === null) return "nothing (null)";
  if (Array.isArray(value)) return "a list";
  return { string: "text", number: "a number", boolean: "true or false" }[typeof value as string] ??
    "an object";
}

function has(value: unknown, step: PathStep): boolean {
  if (Array.isArray(value)) return typeof step === "number" && step < value.length;
  return typeof value === "object" && value !== null && Object.hasOwn(value, step);
}

function unquote(quoted: string, text: string): string {
  try {
    return JSON.parse(quoted);
  } catch {
    throw notAPath(text);
  }
}

function notAPath(text: string): SyntaxError {
  const shown = JSON.stringify(text.slice(0, 200));
  return new SyntaxError(`Not a path: ${shown}; expected e.g. Encode[0].MainFormat[0].Video.FPS`);
}

function noSuchPlace(path: ConfigPath, depth: number, value: unknown): RangeError {
  const here = formatConfigPath({ table: path.table, steps: path.steps.slice(0, depth) });
  const missing = formatConfigPath({ table: path.table, steps: path.steps.slice(0, depth + 1) });
  const known = Array.isArray(value)
    ? `${here} has ${value.length} elements, counted from 0`
    : typeof value === "object" && value !== null
    ? `${here} has ${Object.keys(value).slice(0, 30).join(", ")}`
    : `${here} is a plain value`;
  return new RangeError(`There is no ${missing}; ${known}`);
}

/**
 * Names of pictures and recordings: a template of text, `{host}`, `{name}`, `{channel}` and fields of
 * the time.
 *
 * @module
 */

import { fileWord } from "./target_path.ts";

/** Whose picture it is. */
export interface PictureOf {
  /** Name of the target in the config file, else its address. */
  readonly name: string;
  /** Address of the target. */
  readonly host: string;
  /** 1 is the first. */
  readonly channel: number;
}

/** The fields that every name can have. */
const OF = ["host", "name", "channel"] as const satisfies readonly (keyof PictureOf)[];

/** What a field of the time becomes, and everything that it can become. */
interface Field {
  readonly text: (at: Temporal.ZonedDateTime) => string;
  readonly pattern: string;
}

const two = (value: number) => String(value).padStart(2, "0");
const four = (value: number) => String(value).padStart(4, "0");

const MONTH = "(?:0[1-9]|1[0-2])";
const DAY = "(?:0[1-9]|[12]\\d|3[01])";
const HOUR = "(?:[01]\\d|2[0-3])";
const MINUTE = "[0-5]\\d";

/** As strftime of C has them. */
const FIELDS: Readonly<Record<string, Field>> = {
  Y: { text: ({ year }) => four(year), pattern: "\\d{4}" },
  y: { text: ({ year }) => two(year % 100), pattern: "\\d\\d" },
  m: { text: ({ month }) => two(month), pattern: MONTH },
  d: { text: ({ day }) => two(day), pattern: DAY },
  H: { text: ({ hour }) => two(hour), pattern: HOUR },
  M: { text: ({ minute }) => two(minute), pattern: MINUTE },
  S: { text: ({ second }) => two(second), pattern: MINUTE },
  j: { text: ({ dayOfYear }) => String(dayOfYear).padStart(3, "0"), pattern: "[0-3]\\d\\d" },
  F: {
    text: ({ year, month, day }) => `${four(year)}-${two(month)}-${two(day)}`,
    pattern: `\\d{4}-${MONTH}-${DAY}`,
  },
  s: {
    text: ({ epochMilliseconds }) => String(Math.floor(epochMilliseconds / 1000)),
    pattern: "\\d{9,11}",
  },
  z: { text: ({ offset }) => offset.replace(":", "").slice(0, 5), pattern: "[+-]\\d{4}" },
};

type Part =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "of"; readonly key: string }
  | { readonly kind: "time"; readonly field: Field };

/** A folder whose name never changes, and what stands below it. */
export interface NamePattern {
  /** The folder; `.` for the present one. */
  readonly folder: string;
  /** One for each level below; the last one is for files. */
  readonly levels: readonly RegExp[];
}

/** A template of file names. `More` are fields beside `{host}`, `{name}` and `{channel}`. */
export class FileNames<More extends string = never> {
  readonly #parts: readonly Part[];

  /**
   * Reads a template. `%Y %y %m %d %H %M %S %j %F %s %z` and `%%` are those of strftime. A template
   * that ends with `/` is a folder, in which the files get the usual names.
   *
   * @throws {SyntaxError} for another letter behind `%`, and another field
   */
  constructor(template: string, more: readonly More[] = []) {
    const text = template.endsWith("/") ? template + USUAL : template;
    this.#parts = parse(text, [...OF, ...more]);
  }

  /** True when pictures of different times get different names. */
  get hasTime(): boolean {
    return this.#parts.some(({ kind }) => kind === "time");
  }

  /** True when the field is in it. */
  has(field: keyof PictureOf | More): boolean {
    return this.#parts.some((part) => part.kind === "of" && part.key === field);
  }

  /** True when `{name}` or `{host}` is in it. */
  get hasTarget(): boolean {
    return this.has("name") || this.has("host");
  }

  /** The path of one file. */
  pathOf(of: PictureOf & Readonly<Record<More, string>>, at: Temporal.ZonedDateTime): string {
    return this.#parts.map((part) => part.kind === "time" ? part.field.text(at) : fixed(part, of))
      .join("");
  }

  /** The paths that pictures of one channel can have got, at whatever time. */
  patternOf(of: PictureOf & Readonly<Record<More, string>>): NamePattern {
    let levels = [{ pattern: "", text: "", changes: false }];
    for (const part of this.#parts) {
      const level = levels.at(-1)!;
      if (part.kind === "time") {
        level.pattern += part.field.pattern;
        level.changes = true;
        continue;
      }
      const [first = "", ...more] = fixed(part, of).split("/");
      level.pattern += RegExp.escape(first);
      level.text += first;
      for (const text of more) levels.push({ pattern: RegExp.escape(text), text, changes: false });
    }
    const last = levels.length - 1;
    const still = levels.findIndex(({ changes }, index) => changes || index === last);
    const folder = levels.slice(0, still).map(({ text }) => text).join("/");
    levels = levels.slice(still).filter(({ pattern }) => pattern !== "");
    return {
      folder: still === 0 ? "." : folder === "" ? "/" : folder,
      levels: levels.map(({ pattern }) => new RegExp(`^${pattern}$`)),
    };
  }
}

/** The usual name, unless the user wants another. */
export const USUAL = "{name}-{channel}-%Y%m%d-%H%M%S.jpg";

function parse(template: string, fields: readonly string[]): Part[] {
  const parts: Part[] = [];
  for (
    const [text, letter, key] of template.matchAll(
      /%(.?)|\{(\w+)\}|[^%{]+|\{/gs,
    )
  ) {
    if (key !== undefined) {
      if (!fields.includes(key)) {
        const known = fields.map((field) => `{${field}}`).join(" ");
        throw new SyntaxError(`a file name with fields among ${known}; there is no {${key}}`);
      }
      parts.push({ kind: "of", key });
    } else if (letter === undefined || letter === "%") {
      parts.push({ kind: "text", text: letter ?? text });
    } else {
      const field = Object.hasOwn(FIELDS, letter) ? FIELDS[letter] : undefined;
      if (field === undefined) {
        const known = Object.keys(FIELDS).map((letter) => `%${letter}`).join(" ");
        throw new SyntaxError(`a file name whose fields are among ${known} and %%`);
      }
      parts.push({ kind: "time", field });
    }
  }
  return parts;
}

function fixed(part: Exclude<Part, { kind: "time" }>, of: object): string {
  const fields = of as Readonly<Record<string, unknown>>;
  return part.kind === "text" ? part.text : fileWord(String(fields[part.key]));
}

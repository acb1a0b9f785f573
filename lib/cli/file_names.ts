/**
 * Names of pictures: a template of text, `{host}`, `{name}`, `{channel}` and fields of the time.
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
  | { readonly kind: "of"; readonly key: keyof PictureOf }
  | { readonly kind: "time"; readonly field: Field };

/** A folder whose name never changes, and what stands below it. */
export interface NamePattern {
  /** The folder; `.` for the present one. */
  readonly folder: string;
  /** One for each level below; the last one is for files. */
  readonly levels: readonly RegExp[];
}

/** A template of file names. */
export class FileNames {
  readonly #parts: readonly Part[];

  /**
   * Reads a template. `%Y %y %m %d %H %M %S %j %F %s %z` and `%%` are those of strftime. A template
   * that ends with `/` is a folder, in which the files get the usual names.
   *
   * @throws {SyntaxError} for another letter behind `%`
   */
  constructor(template: string) {
    this.#parts = parse(template.endsWith("/") ? template + USUAL : template);
  }

  /** True when pictures of different times get different names. */
  get hasTime(): boolean {
    return this.#parts.some(({ kind }) => kind === "time");
  }

  /** True when `{channel}` is in it. */
  get hasChannel(): boolean {
    return this.#parts.some((part) => part.kind === "of" && part.key === "channel");
  }

  /** True when `{name}` or `{host}` is in it. */
  get hasTarget(): boolean {
    return this.#parts.some((part) => part.kind === "of" && part.key !== "channel");
  }

  /** The path of one picture. */
  pathOf(of: PictureOf, at: Temporal.ZonedDateTime): string {
    return this.#parts.map((part) => part.kind === "time" ? part.field.text(at) : fixed(part, of))
      .join("");
  }

  /** The paths that pictures of one channel can have got, at whatever time. */
  patternOf(of: PictureOf): NamePattern {
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

function parse(template: string): Part[] {
  const parts: Part[] = [];
  for (
    const [text, letter, key, other] of template.matchAll(
      /%(.?)|\{(host|name|channel)\}|\{(\w+)\}|[^%{]+|\{/gs,
    )
  ) {
    if (other !== undefined) {
      throw new SyntaxError(`a file name with {host}, {name} or {channel}; there is no {${other}}`);
    }
    if (key !== undefined) {
      parts.push({ kind: "of", key: key as keyof PictureOf });
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

function fixed(part: Exclude<Part, { kind: "time" }>, of: PictureOf): string {
  return part.kind === "text" ? part.text : fileWord(String(of[part.key]));
}

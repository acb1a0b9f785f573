/**
 * Names of recordings that are cut into files.
 *
 * @module
 */

const two = (value: number) => String(value).padStart(2, "0");

/** The directives of strftime that make sense in a file name. */
const PARTS: Readonly<Record<string, (at: Temporal.PlainDateTime) => string>> = {
  Y: (at) => String(at.year).padStart(4, "0"),
  y: (at) => two(at.year % 100),
  m: (at) => two(at.month),
  d: (at) => two(at.day),
  H: (at) => two(at.hour),
  M: (at) => two(at.minute),
  S: (at) => two(at.second),
  j: (at) => String(at.dayOfYear).padStart(3, "0"),
  F: (at) => at.toPlainDate().toString(),
  "%": () => "%",
};

/**
 * A name for a time: `gate-%Y%m%d-%H%M%S.mp4`.
 *
 * @throws {SyntaxError} for a directive that does not exist
 */
export function nameAt(pattern: string, at: Temporal.PlainDateTime): string {
  return pattern.replace(/%(.?)/gs, (directive, letter) => {
    const part = PARTS[letter];
    if (part !== undefined) return part(at);
    const known = Object.keys(PARTS).map((letter) => `%${letter}`).join(" ");
    throw new SyntaxError(
      `No such part of a time in a file name: ${directive} (there are ${known})`,
    );
  });
}

/** The names of the files of one recording: no two alike, `-2`, `-3` … where they would be. */
export class FileNames {
  readonly #pattern: string;
  #last = "";
  #count = 0;

  /**
   * Makes names after a pattern.
   *
   * @throws {SyntaxError} see {@linkcode nameAt}
   */
  constructor(pattern: string) {
    this.#pattern = pattern;
    nameAt(pattern, new Temporal.PlainDateTime(2000, 1, 1));
  }

  /** The next name, for a file that begins at this time. */
  next(at: Temporal.PlainDateTime): string {
    const name = nameAt(this.#pattern, at);
    if (name !== this.#last) {
      this.#last = name;
      this.#count = 1;
      return name;
    }
    return numbered(name, ++this.#count);
  }
}

/** `x.mp4`, `x-2.mp4`, `x-3.mp4`. */
export function numbered(name: string, number: number): string {
  if (number === 1) return name;
  const [, stem, extension] = /^(.*?)(\.[^./\\]*)?$/s.exec(name)!;
  return `${stem}-${number}${extension ?? ""}`;
}

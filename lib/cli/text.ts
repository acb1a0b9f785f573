/**
 * Text for people and for machines, without bytes that could steer a terminal.
 *
 * @module
 */

/** C1, line and paragraph separator, and overrides of the writing direction. */
const BEYOND_ASCII =
  "\\u0080-\\u009f\\u2028\\u2029\\u200e\\u200f\\u061c\\u202a-\\u202e\\u2066-\\u2069";
const UNSAFE = new RegExp(`[\\u0000-\\u001f\\u007f${BEYOND_ASCII}]`, "g");
/** What `JSON.stringify` leaves as it is. */
const UNSAFE_IN_JSON = new RegExp(`[\\u007f${BEYOND_ASCII}]`, "g");

/** One line in which every control character is visible instead of effective. */
export function plain(text: string): string {
  return text.replace(UNSAFE, (char) => {
    const code = char.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? "\u2421" : unicodeEscape(char);
  });
}

/** JSON whose text is safe on a terminal; its value is that of `JSON.stringify`. */
export function jsonText(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, undefined, indent) ?? "null";
  return text.replace(UNSAFE_IN_JSON, unicodeEscape);
}

function unicodeEscape(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** A word of a POSIX shell command line, in quotes where it needs them. */
export function shellQuote(word: string): string {
  return /^[\w@%+=:,./[\]-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Breaks text at spaces into lines of at most `width` characters. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

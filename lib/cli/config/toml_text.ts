/**
 * Where things stand in the text of a TOML file. The text is valid TOML, or nearly: it is parsed
 * elsewhere, this only finds lines.
 *
 * @module
 */

/** A table header or a pair of key and value. */
export interface TomlStatement {
  readonly kind: "header" | "pair";
  /** Its name from the root: `["devices", "front", "host"]`. */
  readonly path: readonly string[];
  /** First line, from 0. */
  readonly first: number;
  /** Last line, from 0. */
  readonly last: number;
}

/** All statements, in their order. */
export function statementsOf(text: string): TomlStatement[] {
  const statements: TomlStatement[] = [];
  let table: readonly string[] = [];
  let at = 0;
  let line = 0;
  while (at < text.length) {
    const start = at;
    const rest = /^[^\S\n]*(\[{1,2})?/.exec(text.slice(at))!;
    at += rest[0].length;
    const char = text[at];
    if (char === undefined || char === "\n" || char === "#") {
      at = endOfLine(text, at);
    } else {
      const isHeader = rest[1] !== undefined;
      const { path, end } = keyAt(text, at);
      at = isHeader ? endOfLine(text, end) : endOfValue(text, end);
      if (isHeader) table = path;
      const last = line + count(text, start, at);
      statements.push({
        kind: isHeader ? "header" : "pair",
        path: isHeader ? path : [...table, ...path],
        first: line,
        last,
      });
    }
    at++; // the newline
    line += count(text, start, at);
  }
  return statements;
}

/** The line, from 1, of what is named, or of the nearest thing around it. */
export function lineOf(text: string, path: readonly string[]): number | undefined {
  let best: TomlStatement | undefined;
  for (const statement of statementsOf(text)) {
    if (!startsWith(path, statement.path)) continue;
    if (best === undefined || statement.path.length > best.path.length) best = statement;
  }
  // A table that is only named as a part: [devices.front] also makes devices.
  best ??= statementsOf(text).find((statement) => startsWith(statement.path, path));
  return best === undefined ? undefined : best.first + 1;
}

/** True when the path begins with the other one. */
export function startsWith(path: readonly string[], beginning: readonly string[]): boolean {
  return beginning.length <= path.length && beginning.every((part, at) => part === path[at]);
}

/** A dotted key; `end` is the place behind it. */
function keyAt(text: string, start: number): { path: string[]; end: number } {
  const part = /[^\S\n]*("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^\s.=\]"'#]+)[^\S\n]*(\.?)/y;
  const path: string[] = [];
  part.lastIndex = start;
  let end = start;
  for (let match = part.exec(text); match !== null; match = part.exec(text)) {
    path.push(unquoted(match[1]!));
    end = part.lastIndex;
    if (match[2] === "") break;
  }
  return { path, end };
}

function unquoted(key: string): string {
  if (key.startsWith("'")) return key.slice(1, -1);
  if (!key.startsWith('"')) return key;
  try {
    return JSON.parse(key); // \U and \e are TOML's only, and nobody names a table so
  } catch {
    return key.slice(1, -1);
  }
}

/** Place of the newline behind a value: lists and texts may go over several lines. */
function endOfValue(text: string, start: number): number {
  const token =
    /"""(?:[^\\]|\\[^])*?"{3,5}|'''[^]*?'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|#[^\n]*|[[\]{}]|\n/g;
  token.lastIndex = start;
  let depth = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [found] = match;
    if (found === "\n" && depth <= 0) return match.index;
    if (found === "[" || found === "{") depth++;
    if (found === "]" || found === "}") depth--;
  }
  return text.length;
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf("\n", start);
  return end < 0 ? text.length : end;
}

function count(text: string, from: number, to: number): number {
  return text.slice(from, to).split("\n").length - 1;
}

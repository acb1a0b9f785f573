/**
 * Adds and removes devices in the text of a config file, and leaves the rest of it as it is.
 *
 * @module
 */

import { stringify, type TomlTable } from "smol-toml";
import { startsWith, statementsOf } from "./toml_text.ts";

/** The text with a device at its end. `values` are those of `[devices.NAME]`. */
export function withDevice(text: string, name: string, values: TomlTable): string {
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const block = stringify({ devices: { [name]: values } }).trim().replaceAll("\n", newline);
  const before = text.trimEnd();
  return before === "" ? `${block}${newline}` : `${before}${newline}${newline}${block}${newline}`;
}

/**
 * The text without a device, however it is written: as `[devices.NAME]` or in keys with dots. The
 * comment directly above its header goes with it.
 */
export function withoutDevice(text: string, name: string): string {
  const lines = text.split("\n");
  const cut = new Set<number>();
  const device = ["devices", name];
  let inside = false;
  let end = -1;
  for (const { kind, path, first, last } of statementsOf(text)) {
    if (kind === "header") {
      if (startsWith(path, device)) {
        if (!inside) { for (const line of commentAbove(lines, first)) cut.add(line); }
      } else if (inside) cutBlankLines(end + 1);
      inside = startsWith(path, device);
    }
    if (!startsWith(path, device)) continue;
    // What stands between the statements of one block belongs to it, too.
    for (let line = inside && kind === "pair" ? end + 1 : first; line <= last; line++) {
      cut.add(line);
    }
    end = last;
  }
  if (inside) cutBlankLines(end + 1);
  return lines.filter((_, line) => !cut.has(line)).join("\n");

  function cutBlankLines(from: number): void {
    for (let line = from; lines[line]?.trim() === "" && line < lines.length - 1; line++) {
      cut.add(line);
    }
  }
}

/** Lines of the comment directly above a line. One at the head of the file is about the file. */
function commentAbove(lines: readonly string[], header: number): number[] {
  const found: number[] = [];
  let line = header - 1;
  for (; line >= 0 && lines[line]!.trim().startsWith("#"); line--) found.push(line);
  return line < 0 ? [] : found;
}

/**
 * Writes the table of error codes into README.md.
 *
 *     deno task error-table
 */

import { ERROR_CODES } from "../lib/errors.ts";

const BEGIN = "<!-- error codes: made by scripts/error_table.ts -->\n";
const END = "<!-- end of error codes -->";

/** The table as Markdown. */
export function errorTable(): string {
  const rows = Object.entries(ERROR_CODES).map(([code, { meaning, retryable, exit }]) =>
    `| \`${code}\` | ${meaning} | ${retryable ? "yes" : "no"} | ${exit} |`
  );
  return ["| code | meaning | retry | exit |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

/** The page with the table in its place. */
export function withErrorTable(page: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) throw new Error("README.md has lost the marks of its error table");
  return `${page.slice(0, begin + BEGIN.length)}\n${errorTable()}\n\n${page.slice(end)}`;
}

if (import.meta.main) {
  const readme = new URL("../README.md", import.meta.url);
  await Deno.writeTextFile(readme, withErrorTable(await Deno.readTextFile(readme)));
}

/**
 * Writes the tables of exit codes and error codes into README.md.
 *
 *     deno task error-table
 */

import { ERROR_CODES, EXIT_CODES } from "../lib/errors.ts";

/** The tables as Markdown, by what stands in the page's marks around them. */
const TABLES: Readonly<Record<string, () => string>> = {
  "exit codes": () => table(["code", "meaning"], Object.entries(EXIT_CODES)),
  "error codes": () =>
    table(
      ["code", "meaning", "retry", "exit"],
      Object.entries(ERROR_CODES).map(([code, { meaning, retryable, exit }]) => [
        `\`${code}\``,
        meaning,
        retryable ? "yes" : "no",
        String(exit),
      ]),
    ),
};

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

/** The page with the tables in their places. */
export function withErrorTables(page: string): string {
  return Object.entries(TABLES).reduce((text, [name, make]) => {
    const first = `<!-- ${name}: made by scripts/error_table.ts -->\n`;
    const begin = text.indexOf(first);
    const end = text.indexOf(`<!-- end of ${name} -->`);
    if (begin < 0 || end < begin) throw new Error(`README.md has lost the marks of its ${name}`);
    return `${text.slice(0, begin + first.length)}\n${make()}\n\n${text.slice(end)}`;
  }, page);
}

if (import.meta.main) {
  const readme = new URL("../README.md", import.meta.url);
  await Deno.writeTextFile(readme, withErrorTables(await Deno.readTextFile(readme)));
}

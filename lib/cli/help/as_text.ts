/**
 * A page of the help for a terminal.
 *
 * @module
 */

import type { Example, HelpSection } from "../spec.ts";
import { wrap } from "../text.ts";
import type { HelpPage } from "./page.ts";

/** Lines longer than this are hard to read, however wide the terminal is. */
const WIDEST = 100;
/** A term longer than this has its text on the next line. */
const TERM_LIMIT = 30;

/** The page in lines that fit into so many columns, but for usage and examples. */
export function pageText(page: HelpPage, columns: number): string {
  const width = Math.min(columns, WIDEST);
  return [
    ...wrap(page.description, width),
    ...(page.usage === undefined ? [] : ["", "USAGE", `  ${page.usage}`]),
    ...page.sections.flatMap((section) => block(section, width)),
    ...exampleLines(page.examples),
    "",
  ].join("\n");
}

function block({ title, text, rows }: HelpSection, width: number): string[] {
  if (rows.length === 0 && text === undefined) return [];
  const terms = rows.map(([term]) => term.length).filter((length) => length <= TERM_LIMIT);
  const indent = Math.max(0, ...terms) + 4;
  const lines = rows.flatMap(([term, text]) => {
    const [first = "", ...rest] = wrap(text, Math.max(20, width - indent));
    const own = term.length > TERM_LIMIT ? [`  ${term}`, pad("", first, indent)] : [
      pad(`  ${term}`, first, indent),
    ];
    return [...own, ...rest.map((line) => pad("", line, indent))];
  });
  const words = text === undefined ? [] : wrap(text, width - 2).map((line) => `  ${line}`);
  return ["", title.toUpperCase(), ...words, ...lines];
}

function pad(term: string, text: string, indent: number): string {
  return (term.padEnd(indent) + text).trimEnd();
}

function exampleLines(examples: readonly Example[]): string[] {
  if (examples.length === 0) return [];
  return ["", "EXAMPLES", ...examples.flatMap(({ does, line }) => [`  # ${does}`, `  ${line}`])];
}

/**
 * A page of the help as a manual page, in the man macros that groff and mandoc share.
 *
 * @module
 */

import type { Example, HelpSection } from "../spec.ts";
import { VERSION } from "../version.ts";
import type { HelpPage } from "./page.ts";

/** The name of a page's file: `dhip-config-get.1`. */
export function manFile(page: HelpPage): string {
  return `${manName(page)}.${page.section}`;
}

/** The page as roff source. */
export function pageMan(page: HelpPage): string {
  const title = roff(manName(page));
  return [
    `.\\" Made by dhip help --man from the specifications of the commands.`,
    `.TH "${title.toUpperCase()}" "${page.section}" "" "dhip ${VERSION}" "dhip manual"`,
    ".nh", // words of a command line are not to be broken
    ".ad l",
    ".SH NAME",
    `${title} \\- ${lowered(roff(page.summary))}`,
    ...(page.usage === undefined ? [] : [".SH SYNOPSIS", ...synopsis(page.usage)]),
    ".SH DESCRIPTION",
    line(roff(page.description)),
    ...page.sections.flatMap(section),
    ...examples(page.examples),
    ...seeAlso(page),
    "",
  ].join("\n");
}

function manName({ name }: HelpPage): string {
  return ["dhip", ...name.split(" ")].filter((word) => word !== "").join("-");
}

/** The words of the command itself are bold. */
function synopsis(usage: string): string[] {
  const [, command = "", rest = ""] = /^((?:[a-z][\w-]* ?)+)(.*)$/.exec(usage) ?? [];
  return [`.B ${roff(command.trim())}`, line(roff(rest))];
}

function section({ title, text, rows }: HelpSection): string[] {
  if (rows.length === 0 && text === undefined) return [];
  return [
    `.SH "${roff(title.toUpperCase())}"`,
    ...(text === undefined ? [] : [line(roff(text))]),
    ...rows.flatMap(([term, words]) => [".TP", `.B "${roff(term.trim())}"`, line(roff(words))]),
  ];
}

function examples(all: readonly Example[]): string[] {
  if (all.length === 0) return [];
  return [
    ".SH EXAMPLES",
    ...all.flatMap(({ does, line: command }) => [
      ".TP",
      line(roff(`${does}:`)),
      ".nf",
      line(roff(command)),
      ".fi",
    ]),
  ];
}

/** The program's page leads to the topics, and every other one to the program's. */
function seeAlso({ name, sections }: HelpPage): string[] {
  const topics = sections.flatMap(({ title, rows }) => title === "Topics" ? rows : [])
    .map(([term]) => `.BR dhip\\-${roff(term.replace("help ", ""))} (7)`);
  const others = name === "" ? topics : [".BR dhip (1)"];
  return [".SH SEE ALSO", ...others.map((one, at) => at < others.length - 1 ? `${one},` : one)];
}

/** What roff would understand in its own way. */
const SPECIAL: Readonly<Record<string, string>> = {
  "\\": "\\e",
  "-": "\\-",
  "'": "\\(aq",
  '"': "\\(dq",
  "`": "\\(ga",
  "^": "\\(ha",
  "~": "\\(ti",
};

/** Text as roff shows it unchanged. */
function roff(text: string): string {
  return text.replace(/[\\\-'"`^~]/g, (char) => SPECIAL[char]!)
    // deno-lint-ignore no-control-regex -- whatever is not ASCII
    .replace(/[^\x00-\x7f]/gu, (char) => {
      const code = char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
      return `\\[u${code}]`;
    });
}

/** A line that is text, whatever it begins with. */
function line(text: string): string {
  return text.startsWith(".") ? `\\&${text}` : text;
}

/** As the word after a dash: not with a capital, unless that is a name's (HTTP, TLS). */
function lowered(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text[0]!.toLowerCase() + text.slice(1) : text;
}

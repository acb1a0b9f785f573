/**
 * `--help`, made from the specifications that the parser uses.
 *
 * @module
 */

import { GENERAL } from "./global_options.ts";
import { argumentsOf, connectionSpecs, optionsOf } from "./parse.ts";
import { type ArgumentSpec, longName, type OptionSpec, type OptionSpecs } from "./option_spec.ts";
import type { Command, CommandEntry, Example, HelpSection } from "./spec.ts";
import { wrap } from "./text.ts";

type Row = readonly [term: string, text: string];

/** Lines longer than this are hard to read, however wide the terminal is. */
const WIDEST = 100;
/** A term longer than this has its text on the next line. */
const TERM_LIMIT = 30;

/** The help of one command. */
export async function commandHelp(
  entry: CommandEntry,
  command: Command,
  columns: number,
): Promise<string> {
  const args = Object.values(argumentsOf(command));
  const specs = optionsOf(command);
  const general = Object.fromEntries(Object.keys(GENERAL).map((key) => [key, specs[key]!]));
  const usage = ["dhip", entry.name, ...args.map(usageOf), "[options]"].join(" ");
  const sections: HelpSection[] = [
    { title: "Arguments", rows: args.map((spec) => [usageOf(spec), spec.summary]) },
    { title: "Options", rows: optionRows(command.options) },
    { title: "Connection", rows: optionRows(connectionSpecs(command)) },
    { title: "General", rows: optionRows(general) },
    ...(await command.details?.() ?? []),
  ];
  const width = Math.min(columns, WIDEST);
  return [
    ...wrap(command.description ?? `${entry.summary}.`, width),
    "",
    "USAGE",
    `  ${usage}`,
    ...sections.flatMap((section) => block(section, width)),
    ...exampleLines(command.examples),
    "",
  ].join("\n");
}

type Groups = Readonly<Record<string, string>>;

/** The help of a group of commands, for example `devices`. */
export function groupHelp(
  commands: readonly CommandEntry[],
  groups: Groups,
  group: string,
  columns: number,
): string {
  const width = Math.min(columns, WIDEST);
  const rows = commands.filter(({ name }) => name.startsWith(`${group} `))
    .map(({ name, summary }): Row => [name, summary]);
  return [
    ...wrap(`${groups[group]}.`, width),
    "",
    "USAGE",
    `  dhip ${group} COMMAND [arguments] [options]`,
    ...block({ title: "Commands", rows }, width),
    ...exampleLines([
      ...(GROUP_EXAMPLES[group] ?? []),
      { does: "More about one of them", line: `dhip ${rows[0]![0]} --help` },
    ]),
    "",
  ].join("\n");
}

/** The help of the program. */
export function rootHelp(
  commands: readonly CommandEntry[],
  groups: Groups,
  columns: number,
): string {
  const width = Math.min(columns, WIDEST);
  const titles = [...new Set(commands.map(({ group }) => group))];
  const rowOf = ({ name, summary }: CommandEntry): Row => {
    const [first = ""] = name.split(" ", 1);
    return first !== name && first in groups ? [`${first} ...`, groups[first]!] : [name, summary];
  };
  const sections: HelpSection[] = [
    ...titles.map((title) => ({
      title,
      // A group is one row, in the place of its first command.
      rows: [
        ...new Map(commands.filter(({ group }) => group === title).map(rowOf)),
      ],
    })),
    {
      title: "General options",
      rows: [...optionRows(GENERAL), ["    --version", "Show version, runtime and platform"]],
    },
    { title: "Targets", rows: TARGETS },
    { title: "Passwords", rows: PASSWORDS },
    { title: "Exit codes", rows: EXIT_CODES },
  ];
  return [
    "The tool for Dahua-protocol cameras and recorders.",
    "",
    "USAGE",
    "  dhip COMMAND TARGET [arguments] [options]",
    ...sections.flatMap((section) => block(section, width)),
    ...exampleLines([
      { does: "What a camera is; asks for the password", line: "dhip info 192.0.2.7" },
      { does: "Try it without a camera", line: "dhip simulate" },
      { does: "More about one command", line: "dhip call --help" },
    ]),
    "",
  ].join("\n");
}

const GROUP_EXAMPLES: Readonly<Record<string, readonly Example[]>> = {
  ptz: [
    { does: "A little to the left", line: "dhip ptz left 192.0.2.7" },
    { does: "This is the gate; later, back to it", line: "dhip ptz preset save 192.0.2.7 gate" },
  ],
  config: [
    { does: "The time server settings", line: "dhip config get 192.0.2.7 NTP" },
    { does: "Everything to a file", line: "dhip config backup 192.0.2.7 gate.json" },
  ],
  devices: [
    { does: "A name for a camera", line: "dhip devices add front 192.0.2.7" },
    { does: "Whether the logins work", line: "dhip devices test" },
  ],
};

const TARGETS: readonly Row[] = [
  ["HOST, HOST:PORT", "Name or IPv4 address"],
  ["[IPV6]:PORT", "IPv6 address"],
  ["dhip://USER@HOST:PORT", "With a user of its own"],
  ["NAME, @TAG", "Devices of the config file; dhip devices add makes them"],
  ["A,B,C", "Several; -t TARGET may be repeated too"],
];
const PASSWORDS: readonly Row[] = [
  ["prompt", "Asked for on a terminal when nothing else gives it"],
  ["--password-stdin", "First line of standard input"],
  ["config file", "A device's own password_command, password_file or password"],
  ["DHIP_PASSWORD_FILE", "First line of a file that only you can read"],
  ["DHIP_PASSWORD", "Environment variable"],
  ["-P PASSWORD", "Works, but every user of this computer can see it"],
];
const EXIT_CODES: readonly Row[] = [
  ["0", "Done"],
  ["1", "Unexpected error"],
  ["2", "The command line cannot be understood, or no password"],
  ["3", "Device unreachable, or no answer in time"],
  ["4", "Login refused or account locked"],
  ["5", "The device refused the request"],
  ["6", "Some of several targets failed"],
  ["7", "The result is incomplete"],
  ["8", "A check failed"],
  ["130", "Interrupted"],
];

function usageOf(spec: ArgumentSpec): string {
  const name = spec.many ? `${spec.value}...` : spec.value;
  return spec.optional ? `[${name}]` : name;
}

function optionRows(specs: OptionSpecs): Row[] {
  return Object.entries(specs).map(([key, spec]): Row => {
    const short = spec.short === undefined ? "    " : `-${spec.short}, `;
    const value = spec.value === undefined
      ? ""
      : spec.implied === undefined
      ? ` ${spec.value}`
      : `[=${spec.value}]`;
    return [`${short}--${longName(key)}${value}`, spec.summary + remarks(spec)];
  });
}

function remarks(spec: OptionSpec): string {
  const parts: string[] = [];
  if (spec.env !== undefined) parts.push(`env ${spec.env}`);
  const otherwise = spec.otherwise ?? spec.default;
  if (otherwise !== undefined) parts.push(`default ${otherwise}`);
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}

function block({ title, rows }: HelpSection, width: number): string[] {
  if (rows.length === 0) return [];
  const terms = rows.map(([term]) => term.length).filter((length) => length <= TERM_LIMIT);
  const indent = Math.max(0, ...terms) + 4;
  const lines = rows.flatMap(([term, text]) => {
    const [first = "", ...rest] = wrap(text, Math.max(20, width - indent));
    const own = term.length > TERM_LIMIT ? [`  ${term}`, pad("", first, indent)] : [
      pad(`  ${term}`, first, indent),
    ];
    return [...own, ...rest.map((line) => pad("", line, indent))];
  });
  return ["", title.toUpperCase(), ...lines];
}

function pad(term: string, text: string, indent: number): string {
  return (term.padEnd(indent) + text).trimEnd();
}

function exampleLines(examples: readonly Example[]): string[] {
  return ["", "EXAMPLES", ...examples.flatMap(({ does, line }) => [`  # ${does}`, `  ${line}`])];
}

/**
 * The pages of the help, made from the specifications that the parser uses. How they look on a
 * terminal and as manual pages is told elsewhere.
 *
 * @module
 */

import { GENERAL } from "../global_options.ts";
import { type ArgumentSpec, longName, type OptionSpec, type OptionSpecs } from "../option_spec.ts";
import { argumentsOf, connectionSpecs, optionsOf } from "../parse.ts";
import { GROUPS } from "../groups.ts";
import { COMMANDS, commandsOf, findCommand, firstWords } from "../registry.ts";
import type { Command, CommandEntry, Example, HelpSection } from "../spec.ts";
import { plain } from "../text.ts";
import { nearest, unknownCommand, usageError } from "../usage.ts";
import { GROUP_EXAMPLES } from "./group_examples.ts";
import { CREDENTIALS, exitCodes, TARGETS, type Topic, TOPICS } from "./topics.ts";

/** A page of the help. */
export interface HelpPage {
  /** What stands behind `dhip`, or the name of a topic; empty for the program itself. */
  readonly name: string;
  /** 1 for what can be run, 7 for a topic. */
  readonly section: 1 | 7;
  /** One line, without a full stop. */
  readonly summary: string;
  /** A paragraph. */
  readonly description: string;
  /** What a line looks like. */
  readonly usage?: string;
  readonly sections: readonly HelpSection[];
  readonly examples: readonly Example[];
}

/**
 * The page of a command, a group of them or a topic; without a name that of the program.
 *
 * @throws {DhipError} `DHIP_USAGE` when there is none of that name
 */
export async function findPage(name?: string): Promise<HelpPage> {
  if (name === undefined) return rootPage();
  if (Object.hasOwn(GROUPS, name)) return groupPage(name);
  const entry = findCommand(name);
  if (entry !== undefined) return await commandPage(entry, (await entry.load()).default);
  const topic = TOPICS.find((topic) => topic.name === name);
  if (topic !== undefined) return await topicPage(topic);
  const commands = name.includes(" ") ? COMMANDS.map(({ name }) => name) : firstWords();
  const near = nearest(name, TOPICS.map(({ name }) => name));
  if (near === undefined || nearest(name, commands) !== undefined) {
    throw unknownCommand(name, commands);
  }
  throw usageError(`Unknown topic: ${plain(name)}`, `Did you mean dhip help ${near}?`);
}

/** All pages: the program, groups, commands and topics. */
export async function allPages(): Promise<HelpPage[]> {
  const names = [...Object.keys(GROUPS), ...COMMANDS.map(({ name }) => name)];
  return [
    rootPage(),
    ...await Promise.all([...names, ...TOPICS.map(({ name }) => name)].map(findPage)),
  ];
}

/** The page of one command. */
async function commandPage(entry: CommandEntry, command: Command): Promise<HelpPage> {
  const args = Object.values(argumentsOf(command));
  const specs = optionsOf(command);
  const general = Object.fromEntries(Object.keys(GENERAL).map((key) => [key, specs[key]!]));
  return {
    name: entry.name,
    section: 1,
    summary: entry.summary,
    description: command.description ?? `${entry.summary}.`,
    usage: ["dhip", entry.name, ...args.map(usageOf), "[options]"].join(" "),
    sections: [
      { title: "Arguments", rows: args.map((spec) => [usageOf(spec), spec.summary]) },
      { title: "Options", rows: optionRows(command.options) },
      { title: "Connection", rows: optionRows(connectionSpecs(command)) },
      { title: "General", rows: optionRows(general) },
      ...(await command.details?.() ?? []),
    ],
    examples: command.examples,
  };
}

/** The page of a group of commands, for example `devices`. */
function groupPage(group: string): HelpPage {
  const rows = commandsOf(group).map(({ name, summary }) => [name, summary] as const);
  return {
    name: group,
    section: 1,
    summary: GROUPS[group]!,
    description: `${GROUPS[group]}.`,
    usage: `dhip ${group} COMMAND [arguments] [options]`,
    sections: [{ title: "Commands", rows }],
    examples: [
      ...(GROUP_EXAMPLES[group] ?? []),
      { does: "More about one of them", line: `dhip ${rows[0]![0]} --help` },
    ],
  };
}

/** The page of the program. */
function rootPage(): HelpPage {
  const summary = "The tool for Dahua-protocol cameras and recorders";
  const titles = [...new Set(COMMANDS.map(({ group }) => group))];
  const rowOf = ({ name, summary }: CommandEntry): readonly [string, string] => {
    const [first = ""] = name.split(" ", 1);
    return first !== name && first in GROUPS ? [`${first} ...`, GROUPS[first]!] : [name, summary];
  };
  return {
    name: "",
    section: 1,
    summary,
    description: `${summary}.`,
    usage: "dhip COMMAND TARGET [arguments] [options]",
    sections: [
      ...titles.map((title) => ({
        title,
        // A group is one row, in the place of its first command.
        rows: [...new Map(COMMANDS.filter(({ group }) => group === title).map(rowOf))],
      })),
      {
        title: "General options",
        rows: [...optionRows(GENERAL), ["    --version", "Show version, runtime and platform"]],
      },
      { title: "Targets", rows: TARGETS },
      { title: "Passwords", rows: CREDENTIALS },
      exitCodes(),
      {
        title: "Topics",
        rows: TOPICS.map(({ name, summary }) => [`help ${name}`, summary]),
      },
    ],
    examples: [
      { does: "What a camera is; asks for the password", line: "dhip info 192.0.2.7" },
      { does: "Try it without a camera", line: "dhip simulate" },
      { does: "More about one command", line: "dhip call --help" },
    ],
  };
}

async function topicPage({ name, summary, description, sections, examples }: Topic) {
  return {
    name,
    section: 7,
    summary,
    description,
    sections: await sections(COMMANDS),
    examples: examples ?? [],
  } as const;
}

function usageOf(spec: ArgumentSpec): string {
  const name = spec.many ? `${spec.value}...` : spec.value;
  return spec.optional ? `[${name}]` : name;
}

function optionRows(specs: OptionSpecs): HelpSection["rows"] {
  return Object.entries(specs).map(([key, spec]) => {
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

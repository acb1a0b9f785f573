/**
 * What a command line may contain, as data. Parsing, `--help` and shell completions are all
 * derived from the same objects, so that they cannot disagree.
 *
 * @module
 */

import type { Context } from "./context.ts";
import type { CONNECTION } from "./global_options.ts";
import type { ArgumentSpecs, ArgumentValues, OptionSpecs, OptionValues } from "./option_spec.ts";

/** A line to copy, and what it does. */
export interface Example {
  /** What it does, in a few words. */
  readonly does: string;
  /** The line, without a prompt. */
  readonly line: string;
}

/** A further section of a command's help. */
export interface HelpSection {
  /** Heading. */
  readonly title: string;
  /** A paragraph before the rows. */
  readonly text?: string;
  /** Term and explanation. */
  readonly rows: readonly (readonly [string, string])[];
}

/** A command: what it takes and what it does. */
export interface CommandSpec<A extends ArgumentSpecs, O extends OptionSpecs> {
  /**
   * Devices the command works on. `many`: `TARGET...`, nothing else may follow but options.
   * `manyOrAll`: the same, and none at all means every device of the config file.
   * `manyOrFiles`: the same as `many`, but a word that names a file is one of `Context.files`.
   * `list`: one argument, which may be a comma list. `none`: no device, no connection options.
   */
  readonly targets: "many" | "manyOrAll" | "manyOrFiles" | "list" | "none";
  /** The connection options it takes, when it does not log in and so needs few of them. */
  readonly connection?: readonly (keyof typeof CONNECTION)[];
  /** Needs the config file, although it works on no device. */
  readonly needsConfig?: true;
  /** A paragraph for the help, behind the summary. */
  readonly description?: string;
  /** Positional arguments behind the targets. */
  readonly arguments: A;
  /** Options of its own. */
  readonly options: O;
  /** At least one. */
  readonly examples: readonly [Example, ...Example[]];
  /** Further sections of the help; only called for the help. */
  readonly details?: () => Promise<readonly HelpSection[]>;
  /** Does it. Resolves to the exit code. Results and failures go through the context. */
  run(context: Context, args: ArgumentValues<A>, options: OptionValues<O>): Promise<number>;
}

/** Any command. */
export type Command = CommandSpec<ArgumentSpecs, OptionSpecs>;

/** Declares a command; the types of `args` and `options` follow from the specification. */
export function command<const A extends ArgumentSpecs, const O extends OptionSpecs>(
  spec: CommandSpec<A, O>,
): Command {
  return spec;
}

/** Where a command is found. Reading it does not load the command. */
export interface CommandEntry {
  /** Name on the command line: one word, or several (`devices list`). */
  readonly name: string;
  /** Other names, each a whole one. */
  readonly aliases?: readonly string[];
  /** Heading in the list of commands. */
  readonly group: string;
  /** One line for the list and the head of the command's help. */
  readonly summary: string;
  /** Loads the command. */
  load(): Promise<{ readonly default: Command }>;
}

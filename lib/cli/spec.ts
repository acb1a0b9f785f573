/**
 * What a command line may contain, as data. Parsing, `--help` and shell completions are all
 * derived from the same objects, so that they cannot disagree.
 *
 * @module
 */

import type { Context } from "./context.ts";
import type { ValueType } from "./values.ts";

/** An option. Its key in {@linkcode OptionSpecs} is its long name: `dhipPort` is `--dhip-port`. */
export interface OptionSpec {
  /** One line for the help. */
  readonly summary: string;
  /** One-letter name. */
  readonly short?: string;
  /** Name of the value in the help. An option without one is a flag. */
  readonly value?: string;
  /** How the value is read; as text by default. */
  readonly type?: ValueType<unknown>;
  /** Value when nothing else gives one. */
  readonly default?: unknown;
  /** What applies when nothing gives a value; only shown in the help. */
  readonly otherwise?: string;
  /** Environment variable that gives the value when the option is absent. */
  readonly env?: string;
  /** The option may be repeated and its value is a list. */
  readonly many?: true;
  /** A flag that counts how often it was given. */
  readonly count?: true;
  /** Name of the argument that this option can stand for. */
  readonly fills?: string;
}

/** Options by name in camel case. */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** A positional argument. */
export interface ArgumentSpec {
  /** Name in the help. */
  readonly value: string;
  /** One line for the help. */
  readonly summary: string;
  /** How the text is read; as text by default. */
  readonly type?: ValueType<unknown>;
  /** The argument may be missing. */
  readonly optional?: true;
  /** One or more; with `optional` none or more. Only the last one can be. */
  readonly many?: true;
}

/** Arguments by name, in the order of the command line. */
export type ArgumentSpecs = Readonly<Record<string, ArgumentSpec>>;

type Read<S> = S extends { type: ValueType<infer T> } ? T : string;
type OptionValue<S> = S extends { value: string } ? S extends { many: true } ? readonly Read<S>[]
  : S extends { default: unknown } ? Read<S>
  : Read<S> | undefined
  : S extends { count: true } ? number
  : boolean;
type ArgumentValue<S> = S extends { many: true } ? readonly Read<S>[]
  : S extends { optional: true } ? Read<S> | undefined
  : Read<S>;

/** The values that a specification of options gives. */
export type OptionValues<O extends OptionSpecs> = { readonly [K in keyof O]: OptionValue<O[K]> };

/** The values that a specification of arguments gives. */
export type ArgumentValues<A extends ArgumentSpecs> = {
  readonly [K in keyof A]: ArgumentValue<A[K]>;
};

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
  /** Term and explanation. */
  readonly rows: readonly (readonly [string, string])[];
}

/** A command: what it takes and what it does. */
export interface CommandSpec<A extends ArgumentSpecs, O extends OptionSpecs> {
  /**
   * Devices the command works on. `many`: `TARGET...`, nothing else may follow but options.
   * `list`: one argument, which may be a comma list. `none`: no device, no connection options.
   */
  readonly targets: "many" | "list" | "none";
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
  /** Name on the command line. */
  readonly name: string;
  /** Heading in the list of commands. */
  readonly group: string;
  /** One line for the list and the head of the command's help. */
  readonly summary: string;
  /** Loads the command. */
  load(): Promise<{ readonly default: Command }>;
}

/** The long name of an option: `dhipPort` is `--dhip-port`. */
export function longName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

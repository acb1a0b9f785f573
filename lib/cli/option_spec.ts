/**
 * What options and arguments may be, as data.
 *
 * @module
 */

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
  /** The value of an option that stands alone; any other value then stands behind a `=`. */
  readonly implied?: string;
  /** The option may be repeated and its value is a list. */
  readonly many?: true;
  /** A flag that counts how often it was given. */
  readonly count?: true;
  /**
   * Where the config file may give the value, by the option's name in snake case: in `[defaults]`,
   * or there and for each device.
   */
  readonly config?: "defaults" | "device";
  /** Name of the argument that this option can stand for. */
  readonly fills?: string;
  /** What completions offer as its value, beside the choices of `type`. */
  readonly offers?: Offer;
}

/** What completions offer: names of the config file, tags too, commands, faults, or files. */
export type Offer = "target" | "targetOrFile" | "device" | "tag" | "command" | "fault" | "file";

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
  /** What completions offer, beside the choices of `type`. */
  readonly offers?: Offer;
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

/** The long name of an option: `dhipPort` is `--dhip-port`. */
export function longName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The name of an option in the config file: `dhipPort` is `dhip_port`. */
export function configName(key: string): string {
  return longName(key).replaceAll("-", "_");
}

/**
 * What describes a fault, and the options that many faults have in common.
 *
 * @module
 */

/** Value of a fault option. */
export type FaultValue = number | string | boolean;

/** One option of a fault. */
export interface FaultOptionInfo {
  /** Key in the options object. */
  readonly name: string;
  /** What it does, with its unit. */
  readonly description: string;
  /** Value when it is left out; its type is the option's type. */
  readonly default: FaultValue;
  /** Smallest number. */
  readonly min?: number;
  /** Largest number. */
  readonly max?: number;
  /** The words that a text may be. */
  readonly choices?: readonly string[];
}

/** One fault. */
export interface FaultInfo {
  /** Name as given to `fault()` and `--fault`. */
  readonly name: string;
  /** One sentence. */
  readonly description: string;
  /** Its options, beside `device`. */
  readonly options: readonly FaultOptionInfo[];
}

/** How often a fault strikes. */
export const times = (value: number, what: string): FaultOptionInfo => ({
  name: "times",
  description: `${what} it strikes before it clears itself; 0 = until cleared`,
  default: value,
  min: 0,
  max: 1e9,
});
const METHOD: FaultOptionInfo = {
  name: "method",
  description: "only replies to this method; empty = any",
  default: "",
};
const AFTER: FaultOptionInfo = {
  name: "after",
  description: "matching replies that pass before the first strike",
  default: 0,
  min: 0,
  max: 1e9,
};
const PROBABILITY: FaultOptionInfo = {
  name: "probability",
  description: "chance of each strike, 0 to 1",
  default: 1,
  min: 0,
  max: 1,
};

/** Options of a fault that strikes replies. */
export function reply(strikes: number): FaultOptionInfo[] {
  return [METHOD, AFTER, PROBABILITY, times(strikes, "replies")];
}

/** A duration in milliseconds. */
export function ms(name: string, description: string, value: number): FaultOptionInfo {
  return { name, description: `${description}, ms`, default: value, min: 0, max: 3_600_000 };
}

/** The size of pieces in bytes. */
export function size(value: number, description = "bytes in one fragment"): FaultOptionInfo {
  return {
    name: "size",
    description,
    default: value,
    min: 16,
    max: 1_048_576,
  };
}

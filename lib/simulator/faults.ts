/**
 * The documented faults: one table for the simulator, `dhip simulate --help` and the README.
 *
 * @module
 */

import { DHIP_FAULTS } from "./dhip_faults.ts";
import type { FaultInfo, FaultOptionInfo, FaultValue } from "./fault_info.ts";
import { MEDIA_FAULTS } from "./media/faults.ts";
import { P2P_FAULTS } from "./p2p/faults.ts";
import { HTTP_FAULTS } from "./web/faults.ts";

export type { FaultInfo, FaultOptionInfo, FaultValue };

/** Every fault the simulator knows. */
export const FAULTS: readonly FaultInfo[] = [
  ...DHIP_FAULTS,
  ...HTTP_FAULTS,
  ...MEDIA_FAULTS,
  ...P2P_FAULTS,
];

/** Options of a fault: those of the table, and `device`. */
export interface FaultOptions {
  /** Only on this device, 0-based. All devices when left out. */
  readonly device?: number;
  /** An option of {@linkcode FAULTS}. */
  readonly [option: string]: FaultValue | undefined;
}

/** A fault as given at the start: a name, `name:option=value,option=value`, or both parts. */
export type FaultSpec = string | { readonly name: string; readonly options?: FaultOptions };

/** A checked fault with every option set. */
export interface ResolvedFault {
  /** Row of the table. */
  readonly info: FaultInfo;
  /** Every option, defaults included. */
  readonly options: Readonly<Record<string, FaultValue>>;
  /** Device it is meant for, 0-based; undefined = all. */
  readonly device: number | undefined;
}

const BY_NAME = new Map(FAULTS.map((info) => [info.name, info]));

/**
 * Reads a fault as written on a command line: `late-reply`, `late-reply:delay=500,times=3`.
 *
 * @throws {RangeError} naming what is known, when the fault or an option is not
 */
export function parseFault(spec: FaultSpec): ResolvedFault {
  if (typeof spec !== "string") return resolveFault(spec.name, spec.options);
  const colon = spec.indexOf(":");
  if (colon < 0) return resolveFault(spec);
  const options: Record<string, FaultValue> = {};
  for (const pair of spec.slice(colon + 1).split(",")) {
    const [key = "", ...rest] = pair.split("=");
    const text = rest.join("=");
    options[key.trim()] = text === "true"
      ? true
      : text === "false"
      ? false
      : text.trim() !== "" && Number.isFinite(Number(text))
      ? Number(text)
      : text;
  }
  return resolveFault(spec.slice(0, colon), options);
}

/**
 * Checks name and options of a fault and fills in the defaults.
 *
 * @throws {RangeError} naming what is known, when the fault or an option is not
 */
export function resolveFault(name: string, options: FaultOptions = {}): ResolvedFault {
  const info = faultInfo(name);
  const values: Record<string, FaultValue> = {};
  for (const option of info.options) values[option.name] = option.default;
  for (const [key, value] of Object.entries(options)) {
    if (key === "device" || value === undefined) continue;
    const option = info.options.find((each) => each.name === key);
    if (option === undefined) {
      const known = ["device", ...info.options.map((each) => each.name)].join(", ");
      throw new RangeError(`Fault ${name} has no option "${key}"; known: ${known}`);
    }
    check(name, option, value);
    values[key] = value;
  }
  const { device } = options;
  if (device !== undefined && !(Number.isInteger(device) && device >= 0)) {
    throw new RangeError(`Option device of fault ${name} must be an index of 0 or more`);
  }
  if (Number(values.min) > Number(values.max)) {
    throw new RangeError(`Option min of fault ${name} must not be above max`);
  }
  return { info, options: values, device };
}

/**
 * The row of a fault.
 *
 * @throws {RangeError} naming the known faults
 */
export function faultInfo(name: string): FaultInfo {
  const info = BY_NAME.get(name);
  if (info !== undefined) return info;
  throw new RangeError(`No fault "${name}"; known: ${FAULTS.map((each) => each.name).join(", ")}`);
}

function check(fault: string, option: FaultOptionInfo, value: FaultValue): void {
  const { min, max, choices } = option;
  const where = `Option ${option.name} of fault ${fault}`;
  if (typeof value !== typeof option.default) {
    throw new RangeError(`${where} must be a ${typeof option.default}`);
  }
  if (typeof value === "number") {
    if (!(value >= (min ?? -Infinity) && value <= (max ?? Infinity))) {
      throw new RangeError(`${where} must be within ${min}..${max}`);
    }
    if (option.name !== "probability" && !Number.isInteger(value)) {
      throw new RangeError(`${where} must be an integer`);
    }
  }
  if (choices !== undefined && !choices.includes(String(value))) {
    throw new RangeError(`${where} must be one of ${choices.join(", ")}`);
  }
}

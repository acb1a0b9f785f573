/**
 * The documented faults: one table for the simulator, `dhip simulate --help` and the README.
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

const times = (value: number, what: string): FaultOptionInfo => ({
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
function reply(strikes: number): FaultOptionInfo[] {
  return [METHOD, AFTER, PROBABILITY, times(strikes, "replies")];
}

function ms(name: string, description: string, value: number): FaultOptionInfo {
  return { name, description: `${description}, ms`, default: value, min: 0, max: 3_600_000 };
}

function size(value: number): FaultOptionInfo {
  return {
    name: "size",
    description: "bytes in one fragment",
    default: value,
    min: 16,
    max: 1_048_576,
  };
}

/** Every fault the simulator knows. */
export const FAULTS: readonly FaultInfo[] = [
  {
    name: "split-frames",
    description: "Every write is cut at random places.",
    options: [
      { name: "pieces", description: "most pieces of a write", default: 8, min: 2, max: 1000 },
    ],
  },
  {
    name: "merge-frames",
    description: "Messages are held back and leave several in one write.",
    options: [ms("hold", "time from the first message held to the write", 20)],
  },
  {
    name: "one-byte",
    description: "Every byte is a write of its own.",
    options: [],
  },
  {
    name: "push-before-reply",
    description: "An unrelated push arrives between a request and its reply.",
    options: [
      {
        name: "same-id",
        description: "the push carries the id of the request",
        default: false,
      },
      ...reply(0),
    ],
  },
  {
    name: "late-reply",
    description: "A reply comes late; calls behind it are answered at once.",
    options: [ms("delay", "lateness", 1000), ...reply(0)],
  },
  {
    name: "reorder",
    description: "Every reply waits a random time, so replies overtake each other.",
    options: [ms("min", "shortest wait", 0), ms("max", "longest wait", 50), ...reply(0)],
  },
  {
    name: "drop-reply",
    description: "The call is carried out, its reply never leaves.",
    options: reply(0),
  },
  {
    name: "silent-events",
    description: "Attach succeeds, events are not delivered.",
    options: [times(0, "events")],
  },
  {
    name: "half-open",
    description: "Connections stay open, swallow everything and never say another byte.",
    options: [{
      name: "scope",
      description:
        "`all`: also connections made until it is cleared; `present`: only those open now",
      default: "all",
      choices: ["all", "present"],
    }],
  },
  {
    name: "reset-mid-frame",
    description: "The connection dies in the middle of a reply.",
    options: reply(1),
  },
  {
    name: "refuse-keepalive",
    description: "Keep-alives are answered with false; other calls still work.",
    options: [
      {
        name: "code",
        description: "error number; 0 = a false without an error",
        default: 287637505,
        min: 0,
        max: 4_294_967_295,
      },
      times(0, "keep-alives"),
    ],
  },
  {
    name: "session-expiry",
    description: "The device forgets sessions.",
    options: [
      {
        name: "after",
        description:
          "0: all sessions, now, once; otherwise a session once it has made this many calls",
        default: 0,
        min: 0,
        max: 1e9,
      },
      times(1, "sessions"),
    ],
  },
  {
    name: "locked-account",
    description: "All accounts are locked until the time is over or the fault is cleared.",
    options: [{
      name: "seconds",
      description: "duration of the lock, s",
      default: 300,
      min: 1,
      max: 86_400,
    }],
  },
  {
    name: "session-table-full",
    description: "A right password is refused because no session is free.",
    options: [times(0, "logins")],
  },
  {
    name: "stale-config",
    description: "Configuration is accepted with a yes and not changed.",
    options: [times(0, "writes")],
  },
  {
    name: "clock-jump",
    description: "The device's date and time jump; clearing the fault takes the jump back.",
    options: [{
      name: "ms",
      description: "size and direction of the jump, ms",
      default: 3_600_000,
      min: -1e12,
      max: 1e12,
    }],
  },
  {
    name: "nul-terminated",
    description: "NUL bytes follow the JSON and count in its length.",
    options: [
      { name: "count", description: "NUL bytes", default: 2, min: 1, max: 64 },
      ...reply(0),
    ],
  },
  {
    name: "gbk-names",
    description: "Channels get Chinese names (they keep them) and replies are GBK, not UTF-8.",
    options: reply(0),
  },
  {
    name: "binary-in-message",
    description: "Binary follows the JSON and a newline inside the message length.",
    options: reply(0),
  },
  {
    name: "garbage",
    description: "Random bytes with a wrong magic stand in place of a reply.",
    options: reply(1),
  },
  {
    name: "oversize-length",
    description: "A header announces 0xFFFFFFFF bytes in place of a reply.",
    options: reply(1),
  },
  {
    name: "http-answer",
    description: "The port answers HTTP and closes.",
    options: [times(0, "connections")],
  },
  {
    name: "bad-json",
    description: "The body of a reply is cut-off JSON; the framing is right.",
    options: reply(1),
  },
  {
    name: "fragments-a",
    description: "Every reply comes in small fragments that share one body and the totals.",
    options: [size(64), ...reply(0)],
  },
  {
    name: "fragments-b",
    description: "Binary replies come as self-contained frames that count up the package index.",
    options: [size(1024), ...reply(0)],
  },
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

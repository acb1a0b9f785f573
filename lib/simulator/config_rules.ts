/**
 * What a device makes of a table that a client writes: some values are refused, some are accepted
 * and quietly not taken.
 *
 * @module
 */

import type { ConfigTable } from "./config_tables.ts";

/** A rule for one leaf of a table. */
interface Rule {
  /** Keys and indices on the way to the leaf; `*` is any. */
  readonly path: string;
  /** True for a value that the device takes. */
  readonly fits: (value: unknown) => boolean;
  /** `refuse` the whole table, or `ignore` the value and say yes. */
  readonly otherwise: "refuse" | "ignore";
}

const within = (min: number, max: number) => (value: unknown) =>
  typeof value === "number" && Number.isInteger(value) && value >= min && value <= max;
const among = (...known: readonly string[]) => (value: unknown) =>
  typeof value === "string" && known.includes(value);
const atMost = (length: number) => (value: unknown) =>
  typeof value === "string" && value.length <= length;

const PORT = within(1, 65_535);

const RULES: Readonly<Record<string, readonly Rule[]>> = {
  Encode: [
    { path: "*.*.*.Video.FPS", fits: within(1, 60), otherwise: "refuse" },
    { path: "*.*.*.Video.BitRate", fits: within(3, 65_536), otherwise: "refuse" },
    {
      path: "*.*.*.Video.Compression",
      fits: among("H.264", "H.264B", "H.264H", "H.265", "MJPG"),
      otherwise: "ignore",
    },
    { path: "*.*.*.Video.BitRateControl", fits: among("CBR", "VBR"), otherwise: "ignore" },
  ],
  ChannelTitle: [{ path: "*.Name", fits: atMost(63), otherwise: "refuse" }],
  General: [{ path: "MachineName", fits: atMost(63), otherwise: "refuse" }],
  Email: [{ path: "Port", fits: PORT, otherwise: "refuse" }],
  NTP: [
    { path: "Port", fits: PORT, otherwise: "refuse" },
    { path: "UpdatePeriod", fits: within(1, 10_080), otherwise: "ignore" },
  ],
  RecordMode: [{ path: "*.Mode", fits: within(0, 2), otherwise: "refuse" }],
  VideoInOptions: [{ path: "*.DayNightColor", fits: within(0, 2), otherwise: "refuse" }],
  RTSP: [{ path: "Port", fits: PORT, otherwise: "refuse" }],
  VideoColor: ["Brightness", "Contrast", "Hue", "Saturation"].map((name) => ({
    path: `*.*.${name}`,
    fits: within(0, 100),
    otherwise: "ignore",
  })),
  VideoStandard: [
    { path: "VideoStandard", fits: among("PAL", "NTSC"), otherwise: "refuse" },
  ],
};

/** Tables that take effect only after a restart. */
const NEED_REBOOT: ReadonlySet<string> = new Set(["DVRIP", "RTSP", "VideoStandard"]);

/** True when a change of the table takes effect only after a restart. */
export function needsReboot(name: string): boolean {
  return NEED_REBOOT.has(name);
}

/** The table as the device takes it; undefined when it refuses it. */
export function ruled(
  name: string,
  table: ConfigTable,
  present: ConfigTable,
): ConfigTable | undefined {
  let taken = table;
  for (const { path, fits, otherwise } of RULES[name] ?? []) {
    const applied = apply(path.split("."), taken, present, fits, otherwise);
    if (applied === REFUSED) return undefined;
    taken = applied as ConfigTable;
  }
  return taken;
}

const REFUSED = Symbol("refused");

/** The value with every leaf on the path judged; only what changes is copied. */
function apply(
  path: readonly string[],
  value: unknown,
  present: unknown,
  fits: Rule["fits"],
  otherwise: Rule["otherwise"],
): unknown {
  const [step, ...rest] = path;
  if (step === undefined) {
    if (value === undefined || fits(value)) return value;
    return otherwise === "refuse" ? REFUSED : present;
  }
  if (typeof value !== "object" || value === null) return value;
  const before = Object(present) as Record<string, unknown>;
  let copy: Record<string, unknown> | undefined;
  for (const [key, each] of Object.entries(value)) {
    if (step !== "*" && step !== key) continue;
    const judged = apply(rest, each, before[key], fits, otherwise);
    if (judged === REFUSED) return REFUSED;
    if (judged === each) continue;
    copy ??= (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
    copy[key] = judged;
  }
  return copy ?? value;
}

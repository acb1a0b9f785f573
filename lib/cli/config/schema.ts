/**
 * The shape of a config file. The settings that are options too come from the options'
 * specifications, so that line and file take the same values.
 *
 * @module
 */

import * as v from "valibot";
import { parseTarget, SERIAL } from "../../net/target.ts";
import { CONNECTION, DEVICE_ONLY, GENERAL } from "../global_options.ts";
import { configName, type OptionSpec, type OptionSpecs } from "../option_spec.ts";
import { port, type ValueType } from "../values.ts";

const OPTIONS: OptionSpecs = { ...DEVICE_ONLY, ...CONNECTION, ...GENERAL };

/** Keys of the options that a section takes, by their names in the file. */
export function settingKeys(section: "defaults" | "device"): ReadonlyMap<string, string> {
  const keys = Object.keys(OPTIONS).filter((key) =>
    OPTIONS[key]!.config === "device" || OPTIONS[key]!.config === section
  );
  return new Map(keys.map((key) => [configName(key), key]));
}

const text = v.string("must be a text in quotes");
const filled = v.pipe(text, v.minLength(1, "must not be empty"));

const secretCommand = v.union([
  filled,
  v.pipe(v.array(text), v.minLength(1), v.check(([program]) => program !== "")),
], "must be a text or a list of texts");

const password = {
  password: v.optional(text),
  password_file: v.optional(filled),
  password_command: v.optional(secretCommand),
};

const tag = v.pipe(text, v.regex(/^[^\s,@]+$/, "must be tags without spaces, commas and @"));

const device = v.strictObject({
  host: v.optional(v.pipe(text, v.check(isHost, "must be HOST, HOST:PORT or [IPV6]:PORT"))),
  serial: v.optional(v.pipe(text, v.regex(SERIAL, "must be of letters, digits, - and _"))),
  user: v.optional(filled),
  ...password,
  tags: v.optional(v.array(tag, "must be a list of tags"), []),
  ...settings("device"),
});

const cloudFields = {
  host: v.optional(filled),
  port: v.optional(parsed(port)),
  username: v.optional(filled),
  key: v.optional(filled),
  key_file: v.optional(filled),
  key_command: v.optional(secretCommand),
  dialect: v.optional(v.picklist(["dh", "nf"], "must be dh or nf")),
};

const namedCloud = v.strictObject(cloudFields);
/** `[cloud]`, and `[cloud.NAME]` for each further one. */
const cloud = v.objectWithRest(cloudFields, namedCloud);

/** A config file. */
export const FILE = v.strictObject({
  defaults: v.optional(
    v.strictObject({ user: v.optional(filled), ...password, ...settings("defaults") }),
    {},
  ),
  devices: v.optional(v.record(v.string(), device, "must be a table of devices"), {}),
  cloud: v.optional(cloud),
});

/** A config file as the schema has read it. */
export type FileValues = v.InferOutput<typeof FILE>;

/** Names that a section can have, for the hint about one that it cannot have. */
export function namesAt(path: readonly string[]): string[] {
  if (path.length === 0) return Object.keys(FILE.entries);
  if (path[0] === "devices") return Object.keys(device.entries);
  if (path[0] === "cloud") return Object.keys(cloudFields);
  return Object.keys(FILE.entries.defaults.wrapped.entries);
}

function settings(section: "defaults" | "device") {
  return Object.fromEntries(
    [...settingKeys(section)].map(([name, key]) => [name, v.optional(valueOf(OPTIONS[key]!))]),
  );
}

function valueOf(spec: OptionSpec): v.GenericSchema<unknown, unknown> {
  if (spec.value === undefined) return v.boolean("must be true or false");
  return spec.type === undefined ? filled : parsed(spec.type);
}

/** Numbers may stand in quotes or not: `timeout = 10`, `timeout = "500ms"`. */
function parsed<T>(type: ValueType<T>): v.GenericSchema<unknown, T> {
  return v.pipe(
    v.union([v.string(), v.number()], "must be a text or a number"),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      try {
        return type.parse(String(dataset.value));
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        addIssue({ message: `must be ${error.message}` });
        return NEVER;
      }
    }),
  );
}

function isHost(text: string): boolean {
  try {
    return parseTarget(text).user === undefined && !text.includes("://");
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

/**
 * From the text of a config file to its meaning, or to an error that names the line.
 *
 * Its errors never repeat a value: any value may be a password.
 *
 * @module
 */

import { dirname } from "node:path";
import { parse, TomlError } from "smol-toml";
import * as v from "valibot";
import { DhipError } from "../../errors.ts";
import { parseTarget, type Target } from "../../net/target.ts";
import { plain } from "../text.ts";
import { nearest } from "../usage.ts";
import { nameProblem } from "./device_name.ts";
import type { Config, DeviceEntry, OptionSettings, PasswordSource } from "./config.ts";
import { cloudsOf } from "./clouds.ts";
import { type Fault, sourceOf } from "./secret_source.ts";
import { FILE, namesAt, settingKeys } from "./schema.ts";
import { lineOf } from "./toml_text.ts";

/**
 * Reads a config file.
 *
 * @param path where it is, for messages and for paths in it
 * @param reserved names that no device can have
 * @throws {DhipError} `DHIP_CONFIG`
 */
export function parseConfig(text: string, path: string, reserved: readonly string[] = []): Config {
  const toml = parseToml(text, path);
  const read = v.safeParse(FILE, toml);
  if (!read.success) throw issueError(mostTelling(read.issues), text, path);
  const { defaults, devices, cloud } = read.output;
  const fault = (where: readonly string[], problem: string, hint?: string) =>
    configError(text, path, where, problem, hint);
  const folder = dirname(path);
  return {
    path,
    reserved,
    defaults: {
      ...common(defaults, folder, ["defaults"], fault),
      settings: settingsOf(defaults, "defaults"),
    },
    devices: new Map(
      Object.entries(devices).map(([name, device]): [string, DeviceEntry] => {
        const where = ["devices", name];
        const problem = nameProblem(name, reserved);
        if (problem !== undefined) throw fault(where, problem);
        return [name, {
          name,
          address: addressOf(device, where, fault),
          ...common(device, folder, where, fault),
          tags: device.tags,
          settings: settingsOf(device, "device"),
        }];
      }),
    ),
    clouds: cloudsOf(cloud, folder, fault),
  };
}

function addressOf(
  { host, serial }: { readonly host?: string | undefined; readonly serial?: string | undefined },
  where: readonly string[],
  fault: Fault,
): Target {
  if (host !== undefined && serial !== undefined) {
    throw fault(where, "has a host and a serial", "Keep the one that it is reached by.");
  }
  if (serial !== undefined) return parseTarget(`sn:${serial}`);
  if (host === undefined) throw fault([...where, "host"], "is missing");
  return parseTarget(host);
}

function parseToml(text: string, path: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // Only the first line: the others show the text, and a password may stand there.
    const reason = error.message.split("\n", 1)[0]!.replace(/^Invalid TOML document: /, "");
    throw new DhipError(
      "DHIP_CONFIG",
      `${path} line ${error.line}, column ${error.column}: ${reason}`,
      { hint: 'Texts stand in quotes: \'as it is\', or "with \\\\ and \\" escaped".' },
    );
  }
}

/** What devices and defaults both have. */
interface Common {
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly password_file?: string | undefined;
  readonly password_command?: string | readonly string[] | undefined;
}

function common(
  values: Common,
  folder: string,
  where: readonly string[],
  fault: Fault,
): { user?: string; password?: PasswordSource } {
  const { user, password, password_file: file, password_command: command } = values;
  const source = sourceOf("password", { text: password, file, command }, { folder, where, fault });
  return {
    ...(user === undefined ? {} : { user }),
    ...(source === undefined ? {} : { password: source }),
  };
}

function settingsOf(values: object, section: "defaults" | "device"): OptionSettings {
  const keys = settingKeys(section);
  return Object.fromEntries(
    Object.entries(values)
      .filter(([name, value]) => keys.has(name) && value !== undefined)
      .map(([name, value]) => [keys.get(name)!, value]),
  );
}

type Issue = v.InferIssue<typeof FILE>;

/** An unknown name explains a missing one: `hots` and no `host`. */
function mostTelling(issues: readonly Issue[]): Issue {
  return issues.find((issue) => issue.type === "strict_object" && issue.expected === "never") ??
    issues[0]!;
}

function issueError(issue: Issue, text: string, path: string): DhipError {
  const where = (issue.path ?? []).map(({ key }) => String(key));
  if (issue.type !== "strict_object") return configError(text, path, where, issue.message);
  if (issue.expected === "Object") return configError(text, path, where, "must be a table");
  if (issue.expected !== "never") return configError(text, path, where, "is missing");
  const names = namesAt(where.slice(0, -1));
  const near = nearest(where.at(-1)!, names);
  return configError(
    text,
    path,
    where,
    "is no setting",
    near === undefined ? `Possible here: ${names.join(", ")}.` : `Did you mean ${near}?`,
  );
}

function configError(
  text: string,
  path: string,
  where: readonly string[],
  problem: string,
  hint?: string,
): DhipError {
  const line = lineOf(text, where);
  const place = line === undefined ? path : `${path} line ${line}`;
  const name = where.map((part) => plain(part).slice(0, 80)).join(".");
  return new DhipError("DHIP_CONFIG", `${place}: ${name} ${problem}`, { hint });
}

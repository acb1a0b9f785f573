/**
 * Runs a parsed command and reports how it failed.
 *
 * @module
 */

import type { Config } from "./config/config.ts";
import type { Context } from "./context.ts";
import type { Library } from "./devices.ts";
import { eachDevice, type EachLogin, openDevices } from "./each_device.ts";
import { eachTarget } from "./each_target.ts";
import { exitCodeOf, toDhipError } from "./failure.ts";
import { filesAmong } from "./files_among.ts";
import { connectionOf, GENERAL, type GeneralValues } from "./global_options.ts";
import { type CliIo, OutputClosed } from "./io.ts";
import { Log } from "./log.ts";
import { Output } from "./output.ts";
import { type ParsedLine, tokenize } from "./parse.ts";
import type { State } from "./remembered.ts";
import type { Command } from "./spec.ts";
import { type NamedTarget, readTargets } from "./targets.ts";
import { Tunnels } from "./tunnels.ts";
import type { Words } from "./usage.ts";
import { type Format, FORMATS } from "./view.ts";

/** What a command runs in. */
export interface Surroundings {
  readonly io: CliIo;
  readonly library: Library;
  readonly words: Words;
  /** The config file; an empty one for commands that need none. */
  readonly config: Config;
  /** Set for a line in python-dhip's form. */
  readonly python?: {
    /** Value of `-P`. */
    readonly password: string | undefined;
    /** The same in native words. */
    readonly nativeLine: string;
  };
}

/** Runs the command; resolves to the exit code. */
export async function execute(
  command: Command,
  line: ParsedLine,
  surroundings: Surroundings,
): Promise<number> {
  const { io, library, words, config, python } = surroundings;
  // python-dhip always prints JSON, and its users read plain text on standard error.
  const format = line.general.output ?? (python === undefined ? undefined : "json");
  const output = new Output(io.stdout, format, io.env("NO_COLOR") ? true : false);
  const log = logOf(io, line.general, python === undefined && isJson(output.format));
  let targets: readonly NamedTarget[] = [];
  try {
    // Before anything of the line is shown: a target may hold a password, and is refused then.
    const { files, words: named } = command.targets === "manyOrFiles"
      ? await filesAmong(line.targets, config.devices)
      : { files: [], words: line.targets };
    targets = readTargets(named, {
      words,
      devices: config.devices,
      all: command.targets === "manyOrAll",
      ...userChain(line, config, io),
    });
    let state: Promise<State> | undefined;
    const isHelp = command.targets === "none" && !command.needsConfig;
    if (python !== undefined && !isHelp) {
      log.notice(`native form: ${python.nativeLine}`);
    }
    const connectionTo: Context["connectionOf"] = ({ device }) => {
      if (line.connection === undefined) throw new Error("This command has no targets");
      // What no option says comes from the file alone, for all devices or for this one.
      const values = { ...config.defaults.settings, ...line.connection };
      return connectionOf(values, line.given, device?.settings);
    };
    const around = {
      io,
      log,
      library,
      help: async (name: string | undefined, form: number | "man") =>
        await (await import("./help/help.ts")).help(name, form),
      config,
      signal: io.interrupt,
      connectionOf: connectionTo,
      state: () => state ??= library.state(io, (text) => log.warning(text)),
    };
    await using tunnels = new Tunnels(around);
    const context: Context = {
      ...around,
      tunnels,
      output,
      targets,
      files,
      connection: line.connection,
      stdinTaken: line.connection?.passwordStdin ?? false,
      python: python !== undefined,
      eachAddress(work, options) {
        return eachTarget(this, work, options);
      },
      devices() {
        return openDevices(this, loginOf(line, python));
      },
      each(work, options) {
        return eachDevice(this, loginOf(line, python), work, options);
      },
    };
    return await command.run(context, line.args, line.options);
  } catch (error) {
    return conclude(error, log, targets);
  }
}

/** How the line wants to log in. */
function loginOf({ connection }: ParsedLine, python: Surroundings["python"]): EachLogin {
  if (connection === undefined) throw new Error("This command has no targets");
  const password = python?.password ?? connection.password;
  return {
    options: { ...connection, password },
    fallbackPassword: python === undefined ? undefined : "",
  };
}

/** Users of devices that have none: that of the line, and what applies otherwise. */
function userChain(line: ParsedLine, { defaults }: Config, io: CliIo) {
  const { user } = line.connection ?? {};
  return { user, otherUser: (io.env("DHIP_USER") || defaults.user) ?? "admin" };
}

/** Reports a failure on the way to the command; resolves to the exit code. */
export function reportFailure(error: unknown, argv: readonly string[], io: CliIo): number {
  const given = tokenize(argv, GENERAL).flatMap((token) => token.kind === "option" ? token : []);
  const count = (key: string) => given.filter((token) => token.key === key).length;
  const wanted = given.findLast(({ key }) => key === "output")?.text ?? io.env("DHIP_OUTPUT");
  const format = FORMATS.find((choice) => choice === wanted);
  const options = {
    quiet: count("quiet") > 0,
    verbose: count("verbose"),
    logJson: count("logJson") > 0,
  };
  const json = isJson(new Output(io.stdout, format, true).format);
  return conclude(error, logOf(io, options, json));
}

function conclude(error: unknown, log: Log, targets: readonly NamedTarget[] = []): number {
  if (error instanceof OutputClosed) return 0; // whoever reads has seen enough, as with `| head`
  const failure = toDhipError(error);
  // A named device is known by its name, and not by its address.
  const [only] = targets.length === 1 ? targets : [];
  const isNamed = only?.device !== undefined && failure.host !== undefined;
  log.failure(failure, isNamed ? only.name : undefined);
  return exitCodeOf(failure);
}

function logOf(
  io: CliIo,
  general: Pick<GeneralValues, "quiet" | "verbose" | "logJson">,
  jsonResults: boolean,
): Log {
  const { quiet, verbose, logJson } = general;
  return new Log(io, { quiet, verbose, json: logJson, jsonResults });
}

function isJson(format: Format): boolean {
  return format === "json" || format === "ndjson";
}

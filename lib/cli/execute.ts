/**
 * Runs a parsed command and reports how it failed.
 *
 * @module
 */

import type { Context } from "./context.ts";
import type { Library } from "./devices.ts";
import { eachTarget } from "./each_target.ts";
import { exitCodeOf, toDhipError } from "./failure.ts";
import { GENERAL, type GeneralValues } from "./global_options.ts";
import { type CliIo, OutputClosed } from "./io.ts";
import { Log } from "./log.ts";
import { Output } from "./output.ts";
import { type ParsedLine, tokenize } from "./parse.ts";
import { COMMANDS, findCommand } from "./registry.ts";
import type { Command } from "./spec.ts";
import { readTargets } from "./targets.ts";
import { unknownCommand, type Words } from "./usage.ts";
import { type Format, FORMATS } from "./view.ts";

/** What a command runs in. */
export interface Surroundings {
  readonly io: CliIo;
  readonly library: Library;
  readonly words: Words;
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
  const { io, library, words, python } = surroundings;
  // python-dhip always prints JSON, and its users read plain text on standard error.
  const format = line.general.output ?? (python === undefined ? undefined : "json");
  const output = new Output(io.stdout, format, io.env("NO_COLOR") ? true : false);
  const log = logOf(io, line.general, python === undefined && isJson(output.format));
  try {
    // Before anything of the line is shown: a target may hold a password, and is refused then.
    const targets = readTargets(line.targets, words);
    if (python !== undefined && line.connection !== undefined) {
      log.notice(`native form: ${python.nativeLine}`);
    }
    const context: Context = {
      io,
      output,
      log,
      library,
      help: (name) => helpText(name, io.stdout.columns),
      signal: io.interrupt,
      targets,
      stdinTaken: line.connection?.passwordStdin ?? false,
      python: python !== undefined,
      each(work, options) {
        if (line.connection === undefined) throw new Error("This command has no targets");
        const password = python?.password ?? line.connection.password;
        return eachTarget(
          this,
          {
            options: { ...line.connection, password },
            fallbackPassword: python === undefined ? undefined : "",
          },
          work,
          options,
        );
      },
    };
    return await command.run(context, line.args, line.options);
  } catch (error) {
    return conclude(error, log);
  }
}

/** See {@linkcode Context.help}. */
async function helpText(name: string | undefined, columns: number): Promise<string> {
  const { commandHelp, rootHelp } = await import("./help.ts");
  if (name === undefined) return rootHelp(COMMANDS, columns);
  const entry = findCommand(name);
  if (entry === undefined) throw unknownCommand(name, COMMANDS.map((entry) => entry.name));
  return await commandHelp(entry, (await entry.load()).default, columns);
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

function conclude(error: unknown, log: Log): number {
  if (error instanceof OutputClosed) return 0; // whoever reads has seen enough, as with `| head`
  const failure = toDhipError(error);
  log.failure(failure);
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

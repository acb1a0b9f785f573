/**
 * The runner: from a command line to output and an exit code. Nothing else reads the command
 * line, and what a command prints goes through what the runner gives it.
 *
 * @module
 */

import { readRequest } from "./command_line.ts";
import type { Config } from "./config/config.ts";
import { type Library, library } from "./devices.ts";
import type { CliIo } from "./io.ts";
import { optionsOf, parseLine, type Settings, tokenize } from "./parse.ts";
import { matchCommand } from "./registry.ts";
import type { Command } from "./spec.ts";
import { Words } from "./usage.ts";

/**
 * Runs one command line, without the program's name.
 *
 * @returns the exit code; never throws for anything the user, the device or the network did
 */
export async function runCli(
  argv: readonly string[],
  io: CliIo,
  behind: Library = library,
): Promise<number> {
  try {
    return await run(argv, io, behind);
  } catch (error) {
    const { reportFailure } = await import("./execute.ts");
    return reportFailure(error, argv, io);
  }
}

async function run(argv: readonly string[], io: CliIo, behind: Library): Promise<number> {
  if (argv[0] === "__complete") {
    const { complete } = await import("./completion/complete.ts");
    return await complete(argv.slice(1), io);
  }
  const request = readRequest(argv);
  switch (request.kind) {
    case "nothing":
      io.stderr.write(await helpText(undefined, io.stderr.columns));
      return 2;
    case "help":
      await io.stdout.write(await helpText(undefined, io.stdout.columns));
      return 0;
    case "group": {
      const { group, asked } = request;
      const text = await helpText(group, (asked ? io.stdout : io.stderr).columns);
      if (asked) await io.stdout.write(text);
      else io.stderr.write(text);
      return asked ? 0 : 2;
    }
    case "version": {
      const { VERSION } = await import("./version.ts");
      await io.stdout.write(`dhip ${VERSION} (${io.platform})\n`);
      return 0;
    }
    case "python":
      return await runPython(argv, io, behind);
    case "command": {
      const { entry, indexes } = request;
      const { default: command } = await entry.load();
      if (asksForHelp(command, argv)) {
        await io.stdout.write(await helpText(entry.name, io.stdout.columns));
        return 0;
      }
      const words = new Words(argv);
      const config = await configFor(command, argv, io);
      const line = parseLine(command, argv, indexes, settingsOf(config, io), words);
      const { execute } = await import("./execute.ts");
      return await execute(command, line, { io, library: behind, words, config });
    }
  }
}

/** A line in python-dhip's form, with the host first. */
async function runPython(argv: readonly string[], io: CliIo, behind: Library): Promise<number> {
  const { nativeLine, translatePython } = await import("./python_dhip.ts");
  const { execute } = await import("./execute.ts");
  const { secret } = new Words(argv);
  const translation = translatePython(argv, new Words(argv));
  const native = translation.argv;
  const { entry, length } = matchCommand(native)!;
  const { default: command } = await entry.load();
  const words = new Words(native, secret);
  const config = await configFor(command, native, io);
  const indexes = [...Array(length).keys()];
  const line = parseLine(command, native, indexes, settingsOf(config, io), words);
  const python = { password: translation.password, nativeLine: nativeLine(translation) };
  return await execute(command, line, { io, library: behind, words, config, python });
}

/** The config file, for the commands that need it. No other command fails for a mistake in it. */
async function configFor(command: Command, argv: readonly string[], io: CliIo): Promise<Config> {
  if (command.targets === "none" && command.needsConfig === undefined) {
    return (await import("./config/config.ts")).NO_CONFIG;
  }
  const named = tokenize(argv, optionsOf(command))
    .findLast((token) => token.kind === "option" && token.key === "config");
  const { loadConfig } = await import("./config/load.ts");
  return await loadConfig(io, named?.text);
}

function settingsOf({ defaults }: Config, io: CliIo): Settings {
  return { env: (name) => io.env(name), defaults: defaults.settings };
}

/** True for `-h` and `--help`, even when the rest of the line is wrong. */
function asksForHelp(command: Command, argv: readonly string[]): boolean {
  return tokenize(argv, optionsOf(command))
    .some((token) => token.kind === "option" && token.key === "help");
}

/** The help of a command, a group or, without a name, the program. */
async function helpText(name: string | undefined, columns: number): Promise<string> {
  const { help } = await import("./help/help.ts");
  return await help(name, columns);
}

/**
 * The runner: from a command line to output and an exit code. Nothing else reads the command
 * line, and what a command prints goes through what the runner gives it.
 *
 * @module
 */

import { readRequest } from "./command_line.ts";
import { type Library, library } from "./devices.ts";
import type { CliIo } from "./io.ts";
import { optionsOf, parseLine, tokenize } from "./parse.ts";
import { COMMANDS, findCommand } from "./registry.ts";
import type { Command, CommandEntry } from "./spec.ts";
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
  const request = readRequest(argv);
  switch (request.kind) {
    case "nothing": {
      const { rootHelp } = await import("./help.ts");
      io.stderr.write(rootHelp(COMMANDS, io.stderr.columns));
      return 2;
    }
    case "help": {
      const { rootHelp } = await import("./help.ts");
      await io.stdout.write(rootHelp(COMMANDS, io.stdout.columns));
      return 0;
    }
    case "version": {
      const { VERSION } = await import("./version.ts");
      await io.stdout.write(`dhip ${VERSION} (${io.platform})\n`);
      return 0;
    }
    case "python":
      return await runPython(argv, io, behind);
    case "command": {
      const { entry, index } = request;
      const { default: command } = await entry.load();
      if (asksForHelp(command, argv)) return await printHelp(entry, command, io);
      const words = new Words(argv);
      const line = parseLine(command, argv, index, (name) => io.env(name), words);
      const { execute } = await import("./execute.ts");
      return await execute(command, line, { io, library: behind, words });
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
  const { default: command } = await findCommand(native[0]!)!.load();
  const words = new Words(native, secret);
  const line = parseLine(command, native, 0, (name) => io.env(name), words);
  const python = { password: translation.password, nativeLine: nativeLine(translation) };
  return await execute(command, line, { io, library: behind, words, python });
}

/** True for `-h` and `--help`, even when the rest of the line is wrong. */
function asksForHelp(command: Command, argv: readonly string[]): boolean {
  return tokenize(argv, optionsOf(command))
    .some((token) => token.kind === "option" && token.key === "help");
}

async function printHelp(entry: CommandEntry, command: Command, io: CliIo): Promise<number> {
  const { commandHelp } = await import("./help.ts");
  await io.stdout.write(await commandHelp(entry, command, io.stdout.columns));
  return 0;
}

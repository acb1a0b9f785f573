/**
 * JSON on the command line: as it stands, `@FILE`, or `-` for standard input.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import type { Context } from "./context.ts";
import { usageError } from "./usage.ts";

/**
 * Reads the value of an option that takes JSON.
 *
 * @param option its name, for errors
 * @throws {DhipError} `DHIP_USAGE`, `DHIP_FILE`
 */
export async function readJsonArgument(
  context: Pick<Context, "io" | "stdinTaken">,
  option: string,
  text: string,
): Promise<unknown> {
  const json = await textOf(context, option, text);
  try {
    return JSON.parse(json);
  } catch (error) {
    // V8's message repeats the text, which may hold a password.
    const place = /at position (\d+)/.exec(String(error))?.[1];
    throw usageError(
      `${option} is no valid JSON${place === undefined ? "" : ` (character ${Number(place) + 1})`}`,
      `Quote it for the shell: ${option} '{"name":"General"}'. @FILE and - (standard input) work too.`,
    );
  }
}

async function textOf(
  { io, stdinTaken }: Pick<Context, "io" | "stdinTaken">,
  option: string,
  text: string,
): Promise<string> {
  if (text === "-") {
    if (stdinTaken) throw usageError(`${option} - and --password-stdin both want standard input`);
    return new TextDecoder().decode(await io.stdin.readAll());
  }
  if (!text.startsWith("@")) return text;
  try {
    return new TextDecoder().decode(await io.files.read(text.slice(1)));
  } catch (cause) {
    throw new DhipError("DHIP_FILE", `The file of ${option} cannot be read: ${text.slice(1)}`, {
      hint: `${option} @FILE reads a file; without the @ it is JSON.`,
      cause,
    });
  }
}

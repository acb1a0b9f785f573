/**
 * Questions before something is lost.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import type { Context } from "./context.ts";
import type { CliIo } from "./io.ts";
import { usageError } from "./usage.ts";

/**
 * Makes sure, before any device is contacted, that somebody can be asked, and about one device.
 *
 * @param what beginning of the message: "Restoring"
 * @param hint what to do where nobody can be asked
 * @throws {DhipError} `DHIP_USAGE`
 */
export function requireAnswers(
  { io, stdinTaken, targets }: Pick<Context, "io" | "stdinTaken" | "targets">,
  what: string,
  hint: string,
): void {
  if (!io.stdin.isTerminal || stdinTaken) {
    throw usageError(`${what} asks first, and there is no terminal to ask on`, hint);
  }
  if (targets.length > 1) throw usageError(`${what} on several devices needs --yes`, hint);
}

/**
 * Asks; anything but yes ends the command.
 *
 * @throws {DhipError} `DHIP_INTERRUPTED`
 */
export async function confirm(
  io: Pick<CliIo, "stdin">,
  question: string,
  { host }: { readonly host: string },
): Promise<void> {
  if (/^y(es)?$/i.test(await io.stdin.ask(`${question} [y/N] `) ?? "")) return;
  throw new DhipError("DHIP_INTERRUPTED", "Nothing was changed", { host });
}

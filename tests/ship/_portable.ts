/** The portable file, built once for the tests of a file, and a way to run it in empty surroundings. */

import { packPortable } from "../../scripts/portable/pack.ts";
import { temporaryFolder } from "../support/peers.ts";

/** What a run left behind. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A folder with the portable file. */
export interface Portable extends AsyncDisposable {
  /** The portable file. */
  readonly file: string;
  /** A folder for what tests write, which is gone afterwards. */
  readonly folder: string;
}

/** Builds the file. */
export async function buildPortable(): Promise<Portable> {
  const { path: folder, [Symbol.asyncDispose]: dispose } = await temporaryFolder();
  const file = `${folder}/dhip`;
  await packPortable(file);
  return { file, folder, [Symbol.asyncDispose]: dispose };
}

/** Runs a program with these variables and no others. */
export async function runAlone(
  program: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Ran> {
  const { code, stdout, stderr } = await new Deno.Command(program[0]!, {
    args: program.slice(1),
    clearEnv: true,
    env,
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), err: text.decode(stderr) };
}

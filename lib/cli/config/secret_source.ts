/**
 * Where a config file keeps a secret.
 *
 * @module
 */

import type { DhipError } from "../../errors.ts";
import type { PasswordSource } from "./config.ts";

/** Makes the error of what stands somewhere in the file. */
export type Fault = (where: readonly string[], problem: string, hint?: string) => DhipError;

/** A place in the file. */
export interface Place {
  /** Folder of the file. */
  readonly folder: string;
  readonly where: readonly string[];
  readonly fault: Fault;
}

/**
 * The one source of a secret; undefined when there is none.
 *
 * @param name what it is: `password` for `password`, `password_file` and `password_command`
 * @throws {DhipError} `DHIP_CONFIG` when there are several
 */
export function sourceOf(
  name: string,
  { text, file, command }: {
    readonly text: string | undefined;
    readonly file: string | undefined;
    readonly command: string | readonly string[] | undefined;
  },
  { folder, where, fault }: Place,
): PasswordSource | undefined {
  const sources: PasswordSource[] = [
    ...(command === undefined ? [] : [{ kind: "command", command } as const]),
    ...(file === undefined ? [] : [{ kind: "file", path: file, folder } as const]),
    ...(text === undefined ? [] : [{ kind: "text", password: text } as const]),
  ];
  if (sources.length > 1) {
    const one = `Keep one of ${name}_command, ${name}_file and ${name}.`;
    throw fault(where, `has several ${name}s`, one);
  }
  return sources[0];
}

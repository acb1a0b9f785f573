/** What both ways of building an executable share. */

import manifest from "../deno.json" with { type: "json" };

/** The folder of the repository. */
export const ROOT = new URL("../", import.meta.url);

/** What the program runs with, whoever starts it: deno.json says what it may. */
export const RUN_FLAGS: readonly string[] = [
  ...manifest.unstable.filter((name) => name === "net").map((name) => `--unstable-${name}`),
  ...Object.keys(manifest.permissions.cli).map((name) => `--allow-${name}`),
  "--deny-import",
  "--no-prompt",
];

/** A build that cannot be done, in one line. */
export class BuildError extends Error {}

/**
 * Runs Deno in the repository, quietly.
 *
 * @throws {BuildError} with what it wrote when it fails
 */
export async function deno(args: readonly string[], env: Record<string, string> = {}) {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", RUST_BACKTRACE: "0", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = new TextDecoder();
  if (!success) throw new BuildError(text.decode(stderr).trim());
  return text.decode(stdout);
}

/** A size for people. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/**
 * The executable `dhip`.
 *
 * ```sh
 * deno run --unstable-net --allow-net --allow-read --allow-write --allow-env --allow-sys --allow-run \
 *   jsr:@dhip/dhip/cli info 192.0.2.7
 * ```
 *
 * @module
 */

import { DhipError } from "./lib/errors.ts";
import { processIo } from "./lib/cli/process_io.ts";
import { runCli } from "./lib/cli/run.ts";

/**
 * Runs the command line of this process, and sets its exit code.
 *
 * @param build how this dhip was built, for `--version`, when it is not simply run by Deno
 */
export async function main(build?: string): Promise<void> {
  const interrupt = new AbortController();
  const stop = () => interrupt.abort(new DhipError("DHIP_INTERRUPTED", "Interrupted"));
  const onSignal = () => {
    if (interrupt.signal.aborted) Deno.exit(130); // the second Ctrl-C ends at once
    stop();
  };
  // Windows has no SIGTERM.
  const isWindows = Deno.build.os === "windows";
  const signals: Deno.Signal[] = isWindows ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  for (const signal of signals) Deno.addSignalListener(signal, onSignal);
  // A terminal that closes sends it twice, from the shell and from the system.
  const heedHangUp = () => {
    if (!isWindows) Deno.addSignalListener("SIGHUP", stop);
  };
  const code = await runCli(Deno.args, processIo(interrupt.signal, { heedHangUp, build }));
  for (const signal of signals) Deno.removeSignalListener(signal, onSignal);
  if (!isWindows) Deno.removeSignalListener("SIGHUP", stop);
  Deno.exitCode = code;
  // A link that did not close in time, or a read on the terminal, would keep the process alive.
  if (interrupt.signal.aborted) Deno.exit(code);
}

if (import.meta.main) await main();

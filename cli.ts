/**
 * The executable `dhip`.
 *
 * ```sh
 * deno run --allow-net --allow-read --allow-write --allow-env jsr:@dhip/dhip/cli info 192.0.2.7
 * ```
 *
 * @module
 */

import { DhipError } from "./lib/errors.ts";
import { processIo } from "./lib/cli/process_io.ts";
import { runCli } from "./lib/cli/run.ts";

if (import.meta.main) {
  const interrupt = new AbortController();
  const onSignal = () => {
    if (interrupt.signal.aborted) Deno.exit(130); // the second Ctrl-C ends at once
    interrupt.abort(new DhipError("DHIP_INTERRUPTED", "Interrupted"));
  };
  // Windows has no SIGTERM.
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  for (const signal of signals) Deno.addSignalListener(signal, onSignal);
  const code = await runCli(Deno.args, processIo(interrupt.signal));
  for (const signal of signals) Deno.removeSignalListener(signal, onSignal);
  Deno.exitCode = code;
  // A link that did not close in time, or a read on the terminal, would keep the process alive.
  if (interrupt.signal.aborted) Deno.exit(code);
}

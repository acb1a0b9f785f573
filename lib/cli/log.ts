/**
 * Messages on standard error, as text or as JSON lines.
 *
 * @module
 */

import type { DhipError } from "../errors.ts";
import { envelopeOf, linesOf, stackOf } from "./failure.ts";
import type { CliIo } from "./io.ts";
import { jsonText, plain } from "./text.ts";

/** What a message is: a step shows with `-v`, a trace with `-vv`. */
export type Level = "error" | "warning" | "notice" | "step" | "trace";

/** What the user wants to see. */
export interface LogOptions {
  readonly quiet: boolean;
  /** 0, 1 (`-v`) or 2 (`-vv`). */
  readonly verbose: number;
  /** Messages as JSON lines. */
  readonly json: boolean;
  /** Results are JSON, so failures are too. */
  readonly jsonResults: boolean;
}

/** Writes messages. None of them may hold a secret. */
export class Log {
  readonly #io: CliIo;
  readonly #options: LogOptions;
  /** True while the last line of the terminal is a bar that will be replaced. */
  #barred = false;

  /** Makes a log on the standard error of `io`. */
  constructor(io: CliIo, options: LogOptions) {
    this.#io = io;
    this.#options = options;
  }

  /** True with `-vv`. */
  get tracing(): boolean {
    return this.#options.verbose >= 2;
  }

  /** Something that may go wrong because of what the user did. */
  warning(text: string): void {
    if (!this.#options.quiet) this.#write("warning", `warning: ${text}`, text);
  }

  /** Something to know about the result. */
  notice(text: string): void {
    if (!this.#options.quiet) this.#write("notice", text);
  }

  /**
   * Shows a line that the next one replaces, and which is no part of the log; an empty one goes
   * away. False where nobody watches or the user wants it quiet: then `line` is not asked for.
   */
  bar(line: () => string): boolean {
    const { stderr } = this.#io;
    if (!stderr.isTerminal || this.#options.quiet || this.#options.json) return false;
    const text = plain(line()).slice(0, stderr.columns - 1);
    if (text !== "" || this.#barred) stderr.write(`\r\x1b[K${text}`);
    this.#barred = text !== "";
    return true;
  }

  /** A step of the work. */
  step(text: string): void {
    if (this.#options.verbose >= 1) this.#write("step", text);
  }

  /** One message on the wire. */
  trace(text: string): void {
    if (this.tracing) this.#write("trace", text);
  }

  /** The failure that ends the run. Never suppressed. `target` is the device's name, if any. */
  failure(error: DhipError, target?: string): void {
    const { json, jsonResults } = this.#options;
    this.bar(() => "");
    if (json || jsonResults) this.#io.stderr.write(`${jsonText({ error: envelopeOf(error) })}\n`);
    else this.#lines(linesOf(error, target));
    if (this.tracing) { for (const line of stackOf(error)) this.trace(line); }
  }

  /** The failure of one of several targets. JSON results hold it themselves. */
  targetFailure(error: DhipError, target: string): void {
    const { json, jsonResults } = this.#options;
    this.bar(() => "");
    if (!jsonResults) {
      const envelope = { target, error: envelopeOf(error) };
      if (json) this.#io.stderr.write(`${jsonText(envelope)}\n`);
      else this.#lines(linesOf(error, target));
    }
    if (this.tracing) { for (const line of stackOf(error)) this.trace(line); }
  }

  #lines(lines: readonly string[]): void {
    this.#io.stderr.write(lines.map((line) => `${line}\n`).join(""));
  }

  #write(level: Level, line: string, message = line): void {
    const { stderr, now } = this.#io;
    this.bar(() => "");
    if (!this.#options.json) return stderr.write(`${plain(line)}\n`);
    const time = new Date(now()).toISOString();
    stderr.write(`${jsonText({ time, level, message })}\n`);
  }
}

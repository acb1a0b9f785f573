/**
 * Runs a command for each record, with the record on its standard input.
 *
 * @module
 */

import type { Log } from "../log.ts";
import { plain } from "../text.ts";
import type { CliIo, RunResult } from "../io.ts";
import type { EventSink } from "./sink.ts";

/** Options of an {@linkcode ExecSink}. */
export interface ExecOptions {
  /** Run by the shell. */
  readonly command: string;
  /** Time for one run in milliseconds. */
  readonly timeout: number;
  /** Records that wait for the command before the oldest are dropped. */
  readonly limit: number;
  readonly run: CliIo["run"];
  readonly log: Pick<Log, "warning" | "notice">;
  /** Aborted by Ctrl-C: a run gets {@linkcode GRACE} then. */
  readonly interrupt: AbortSignal;
}

/** What a running command has left after Ctrl-C, in milliseconds. */
const GRACE = 400;
/** Most output of one run, in bytes. */
const MAX_OUTPUT = 256 * 1024;

/**
 * One command at a time, in the order of the records, so that scripts need no locks. The record
 * never stands in arguments or variables, where other users and shells would read it.
 */
export class ExecSink implements EventSink {
  readonly #options: ExecOptions;
  readonly #stop = new AbortController();
  #waiting: string[] = [];
  #dropped = 0;
  #worker: Promise<void> | undefined;

  /** Makes a sink; nothing runs yet. */
  constructor(options: ExecOptions) {
    this.#options = options;
  }

  /** See {@linkcode EventSink.offer}. */
  offer(json: string): void {
    const { limit, log } = this.#options;
    if (this.#waiting.length >= limit) {
      this.#waiting.shift();
      if (this.#dropped++ === 0) log.warning(`--exec is too slow: records are dropped`);
    }
    this.#waiting.push(json);
    this.#worker ??= this.#work();
  }

  /** Runs what waits; after Ctrl-C only the present run ends, within {@linkcode GRACE}. */
  async close(): Promise<void> {
    const { interrupt, log } = this.#options;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const hurry = () => {
      this.#dropped += this.#waiting.splice(0).length;
      timer = setTimeout(() => this.#stop.abort(), GRACE);
    };
    if (interrupt.aborted) hurry();
    else interrupt.addEventListener("abort", hurry, { once: true });
    await this.#worker;
    clearTimeout(timer);
    interrupt.removeEventListener("abort", hurry);
    if (this.#dropped > 0) log.warning(`--exec: the command did not see ${this.#dropped} records`);
  }

  async #work(): Promise<void> {
    for (;;) {
      const json = this.#waiting.shift();
      if (json === undefined) {
        this.#worker = undefined; // in the same turn, so that the next offer starts another
        return;
      }
      await this.#runOnce(json);
    }
  }

  async #runOnce(json: string): Promise<void> {
    const { command, timeout, run, log } = this.#options;
    try {
      const result = await run(command, {
        timeout,
        maxOutput: MAX_OUTPUT,
        signal: this.#stop.signal,
        input: new TextEncoder().encode(`${json}\n`),
        withoutPasswords: true,
      });
      for (const line of linesOf(result)) log.notice(line);
      const how = howItFailed(result, timeout);
      if (how !== undefined) log.warning(`--exec: the command ${how}`);
    } catch (error) {
      log.warning(`--exec: ${error instanceof Error ? plain(error.message) : "cannot be run"}`);
    }
  }
}

function linesOf({ stdout, stderr }: RunResult): string[] {
  return `${new TextDecoder().decode(stdout)}\n${stderr}`.split("\n")
    .filter((line) => line.trim() !== "");
}

function howItFailed({ end, code }: RunResult, timeout: number): string | undefined {
  if (end === "timeout") return `did not end within ${timeout / 1000} s`;
  if (end === "output") return `printed more than ${MAX_OUTPUT} bytes`;
  return code === 0 ? undefined : `ended with code ${code}`;
}

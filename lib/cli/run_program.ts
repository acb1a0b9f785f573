/**
 * Runs a program of the user's choice, within bounds.
 *
 * @module
 */

import { interrupted } from "../net/deadline.ts";
import type { RunLimits, RunResult } from "./io.ts";

/** How much of standard error is kept: enough for a message. */
const MAX_STDERR = 4096;

/** See `CliIo.run`. */
export async function runProgram(
  command: string | readonly string[],
  limits: RunLimits,
): Promise<RunResult> {
  const { timeout, maxOutput, signal } = limits;
  if (signal.aborted) throw interrupted(signal, "run a program");
  const [program = "", ...args] = typeof command === "string" ? inShell(command) : command;
  const child = new Deno.Command(program, {
    args,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let end: RunResult["end"] = "exit";
  const stdout = new Collector(child.stdout, () => {
    if (stdout.length <= maxOutput) return;
    end = "output";
    stop();
  });
  const stderr = new Collector(child.stderr, () => stderr.keepLast(MAX_STDERR));
  const stop = () => {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended in the meantime.
    }
    // A program that it started may still hold the pipes.
    stdout.cancel();
    stderr.cancel();
  };
  const timer = setTimeout(() => {
    end = "timeout";
    stop();
  }, timeout);
  signal.addEventListener("abort", stop, { once: true });
  try {
    const [{ code }] = await Promise.all([child.status, stdout.done, stderr.done]);
    if (signal.aborted) throw interrupted(signal, "run a program");
    return {
      end,
      code,
      stdout: withoutCarriageReturn(stdout.bytes()),
      stderr: new TextDecoder().decode(stderr.bytes()),
    };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

function inShell(command: string): string[] {
  return Deno.build.os === "windows"
    ? ["cmd", "/d", "/s", "/c", command]
    : ["/bin/sh", "-c", command];
}

/** Programs of Windows end their lines with CR LF; what follows knows LF. */
function withoutCarriageReturn(bytes: Uint8Array): Uint8Array {
  const end = bytes.length - 2;
  if (Deno.build.os !== "windows" || bytes[end] !== 0x0d || bytes[end + 1] !== 0x0a) return bytes;
  return new Uint8Array([...bytes.subarray(0, end), 0x0a]);
}

/** What a pipe brings. */
class Collector {
  /** Bytes so far. */
  length = 0;
  /** Resolves at the end, or after {@linkcode cancel}. */
  readonly done: Promise<void>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #chunks: Uint8Array[] = [];

  constructor(stream: ReadableStream<Uint8Array>, onChunk: () => void) {
    this.#reader = stream.getReader();
    this.done = this.#collect(onChunk);
  }

  bytes(): Uint8Array {
    const all = new Uint8Array(this.length);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    return all;
  }

  /** Forgets all but the last bytes. */
  keepLast(limit: number): void {
    if (this.length <= limit * 2) return;
    this.#chunks = [this.bytes().slice(-limit)];
    this.length = limit;
  }

  cancel(): void {
    this.#reader.cancel().catch(() => {});
  }

  async #collect(onChunk: () => void): Promise<void> {
    for (;;) {
      const { value, done } = await this.#reader.read();
      if (done) return;
      this.#chunks.push(value);
      this.length += value.length;
      onChunk();
    }
  }
}

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
  const { timeout, maxOutput, signal, input } = limits;
  if (signal.aborted) throw interrupted(signal, "run a program");
  const [program = "", ...args] = typeof command === "string" ? inShell(command) : command;
  const child = new Deno.Command(program, {
    args,
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    ...(limits.withoutPasswords ? { clearEnv: true, env: harmlessEnvironment() } : {}),
  }).spawn();
  if (input !== undefined) void feed(child.stdin, input);
  let end: RunResult["end"] = "exit";
  const stdout = new Collector(child.stdout, () => {
    if (stdout.length <= maxOutput) return;
    end = "output";
    stop();
  });
  const stderr = new Collector(child.stderr, () => stderr.keepLast(MAX_STDERR));
  let killed: Promise<void> | undefined;
  const stop = () => {
    // A program that it started may still hold the pipes.
    stdout.cancel();
    stderr.cancel();
    killed ??= killTree(child);
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
    await killed;
  }
}

/** What a program that shares the terminal has to end after Ctrl-C, in milliseconds. */
const OWN_END = 300;
/** The same after SIGTERM. */
const ASKED_END = 300;

/** See `CliIo.attach`. */
export async function attachProgram(command: string, signal: AbortSignal): Promise<number> {
  const [program = "", ...args] = inShell(command);
  const child = new Deno.Command(program, {
    args,
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
    clearEnv: true,
    env: harmlessEnvironment(),
  }).spawn();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let killed: Promise<void> | undefined;
  // Ctrl-C on a terminal reaches the program as well; a signal to this one alone does not.
  const ask = () => {
    didKill(() => child.kill("SIGTERM"));
    timer = setTimeout(() => killed = killTree(child), ASKED_END);
  };
  const stop = () => {
    timer = setTimeout(ask, OWN_END);
  };
  if (signal.aborted) stop();
  else signal.addEventListener("abort", stop, { once: true });
  try {
    return (await child.status).code;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    await killed;
  }
}

/** Variables that dhip takes secrets from. */
const SECRET_VARIABLES = [
  "DHIP_PASSWORD",
  "DHIP_PASSWORD_FILE",
  "DHIP_POST_SECRET",
  "DHIP_CLOUD_KEY",
  "DHIP_CLOUD_KEY_FILE",
];

function harmlessEnvironment(): Record<string, string> {
  const all = Deno.env.toObject();
  for (const name of SECRET_VARIABLES) delete all[name];
  return all;
}

/** Writes the input. A program may end without reading it. */
async function feed(stdin: WritableStream<Uint8Array>, input: Uint8Array): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(input);
    await writer.close();
  } catch {
    await writer.abort().catch(() => {});
  }
}

/**
 * Ends a program and what it started. A process group of its own would be simpler, but a program
 * in another group or session cannot ask on the terminal, as password managers do.
 */
async function killTree(child: Deno.ChildProcess): Promise<void> {
  // Stopped it starts nothing more, and its number stays its own while others are looked up.
  if (Deno.build.os !== "windows" && !didKill(() => child.kill("SIGSTOP"))) return;
  const others = await descendants(child.pid);
  didKill(() => child.kill("SIGKILL"));
  for (const pid of others) didKill(() => Deno.kill(pid, "SIGKILL"));
}

/** False when the program had ended in the meantime. */
function didKill(kill: () => void): boolean {
  try {
    kill();
    return true;
  } catch {
    return false;
  }
}

async function descendants(root: number): Promise<number[]> {
  if (Deno.build.os === "windows") return []; // there is no list that is cheap to get
  const list = await new Deno.Command("ps", {
    args: ["-A", "-o", "pid=,ppid="],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).output().catch(() => undefined); // a small system may have no ps
  if (list === undefined) return [];
  const found = new Set([root]);
  const pairs = new TextDecoder().decode(list.stdout).trim().split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  for (let known = 0; known < found.size;) {
    known = found.size;
    for (const [pid, parent] of pairs) if (found.has(parent!)) found.add(pid!);
  }
  found.delete(root);
  return [...found];
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

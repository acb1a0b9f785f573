/**
 * The real surroundings of a run: this process.
 *
 * @module
 */

import { type CliIo, type Files, OutputClosed, type Source } from "./io.ts";

/** Surroundings that are this process; `interrupt` is aborted by its signal handlers. */
export function processIo(interrupt: AbortSignal): CliIo {
  return {
    stdout: {
      isTerminal: Deno.stdout.isTerminal(),
      get columns() {
        return columnsOf(this.isTerminal);
      },
      async write(text) {
        try {
          const bytes = new TextEncoder().encode(text);
          for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
        } catch (error) {
          if (error instanceof Deno.errors.BrokenPipe) throw new OutputClosed();
          const { DhipError } = await import("../errors.ts");
          throw new DhipError("DHIP_FILE", "Standard output cannot be written", {
            hint: error instanceof Error ? error.message : String(error), // a full disk, mostly
            cause: error,
          });
        }
      },
    },
    stderr: {
      isTerminal: Deno.stderr.isTerminal(),
      get columns() {
        return columnsOf(this.isTerminal);
      },
      write: writeNote,
    },
    stdin: source(interrupt),
    files,
    env: variable,
    async run(command, limits) {
      const { runProgram } = await import("./run_program.ts");
      return await runProgram(command, limits);
    },
    interrupt,
    now: () => Date.now(),
    platform: `deno ${Deno.version.deno}, ${Deno.build.os} ${Deno.build.arch}`,
  };
}

/** A variable that this process may not read counts as not set. */
function variable(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

function columnsOf(isTerminal: boolean): number {
  if (!isTerminal) return 80;
  try {
    return Deno.consoleSize().columns || 80;
  } catch {
    return 80; // none of the three streams is a terminal after all
  }
}

/** Notes come from callbacks that cannot wait, so this is synchronous. */
function writeNote(text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let at = 0; at < bytes.length;) at += Deno.stderr.writeSync(bytes.subarray(at));
  } catch {
    // Nobody reads notes any more; the results still count.
  }
}

function source(interrupt: AbortSignal): Source {
  const buffer = new Uint8Array(1024);
  const terminal = {
    setRaw: (raw: boolean) => Deno.stdin.setRaw(raw),
    async read() {
      const length = await Deno.stdin.read(buffer);
      return length === null ? null : buffer.subarray(0, length);
    },
    write: writeNote,
  };
  return {
    isTerminal: Deno.stdin.isTerminal(),
    async readAll() {
      return new Uint8Array(await new Response(Deno.stdin.readable).arrayBuffer());
    },
    async askSecret(question) {
      const { askSecret } = await import("./prompt.ts");
      return await askSecret(terminal, question, interrupt);
    },
    async ask(question) {
      const { askLine } = await import("./prompt.ts");
      return await askLine(terminal, question, interrupt);
    },
  };
}

const files: Files = {
  read: (path) => Deno.readFile(path),
  async mode(path) {
    const { mode } = await Deno.stat(path);
    return Deno.build.os === "windows" ? undefined : mode ?? undefined;
  },
  async write(path, bytes, mode) {
    if (mode !== undefined) {
      const { dirname } = await import("node:path");
      await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
    }
    const file = await Deno.realPath(path).catch(() => path);
    // In the same directory, because a rename is atomic only within one file system.
    const part = `${file}.${crypto.randomUUID()}.part`;
    try {
      await Deno.writeFile(part, bytes, {
        createNew: true,
        ...(mode === undefined ? {} : { mode }),
      });
      await Deno.rename(part, file);
    } catch (error) {
      await Deno.remove(part).catch(() => {});
      throw error;
    }
  },
};

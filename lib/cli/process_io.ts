/**
 * The real surroundings of a run: this process.
 *
 * @module
 */

import { type CliIo, type Files, type FolderEntry, OutputClosed, type Source } from "./io.ts";

/** What differs from process to process. */
export interface ProcessOptions {
  /** Installs the handler of SIGHUP. */
  readonly heedHangUp?: (() => void) | undefined;
  /** How this dhip was built, for `--version`. */
  readonly build?: string | undefined;
}

/** Surroundings that are this process; `interrupt` is aborted by its signal handlers. */
export function processIo(interrupt: AbortSignal, options: ProcessOptions = {}): CliIo {
  const { heedHangUp = () => {}, build } = options;
  const { os, arch } = Deno.build;
  return {
    stdout: {
      isTerminal: Deno.stdout.isTerminal(),
      get columns() {
        return sizeOf(this.isTerminal).columns;
      },
      get rows() {
        return sizeOf(this.isTerminal).rows;
      },
      async write(data) {
        try {
          const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
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
        return sizeOf(this.isTerminal).columns;
      },
      get rows() {
        return sizeOf(this.isTerminal).rows;
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
    async attach(command, signal) {
      const { attachProgram } = await import("./run_program.ts");
      return await attachProgram(command, signal);
    },
    interrupt,
    heedHangUp,
    now: () => Date.now(),
    platform: [`deno ${Deno.version.deno}`, `${os} ${arch}`, build].filter(Boolean).join(", "),
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

function sizeOf(isTerminal: boolean): { columns: number; rows: number } {
  const usual = { columns: 80, rows: 24 };
  if (!isTerminal) return usual;
  try {
    const { columns, rows } = Deno.consoleSize();
    return { columns: columns || usual.columns, rows: rows || usual.rows };
  } catch {
    return usual; // none of the three streams is a terminal after all
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
    chunks: () => Deno.stdin.readable,
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
      await writeThrough(part, bytes, mode);
      await Deno.rename(part, file);
    } catch (error) {
      await Deno.remove(part).catch(() => {});
      throw error;
    }
  },
  makeFolder: (path) => Deno.mkdir(path, { recursive: true }),
  async list(folder, isWanted = () => true) {
    const entries: FolderEntry[] = [];
    try {
      for await (const { name, isFile, isDirectory } of Deno.readDir(folder)) {
        if (!isWanted(name)) continue;
        const kind = isFile ? "file" : isDirectory ? "folder" : "other";
        const info = isFile ? await Deno.lstat(`${folder}/${name}`).catch(() => null) : null;
        entries.push({ name, kind, modified: info?.mtime?.getTime() ?? 0 });
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    return entries;
  },
  async size(path) {
    try {
      const { size, isFile } = await Deno.stat(path);
      return isFile ? size : undefined;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  },
  async open(path) {
    const { openFile } = await import("./open_file.ts");
    return await openFile(path);
  },
  rename: (from, to) => Deno.rename(from, to),
  remove: (path) => Deno.remove(path),
};

/** Writes a new file, on the disk before it gets its name: a power cut leaves no half of it. */
async function writeThrough(path: string, bytes: Uint8Array, mode?: number): Promise<void> {
  const options = { write: true, createNew: true, ...(mode === undefined ? {} : { mode }) };
  using file = await Deno.open(path, options);
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
  await file.sync();
}

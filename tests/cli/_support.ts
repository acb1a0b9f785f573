/** What the tests of the command line share: injected surroundings and a fake device. */

import type { Library, RpcAccess } from "../../lib/cli/devices.ts";
import type { State } from "../../lib/cli/remembered.ts";
import type { CliIo, RunResult } from "../../lib/cli/io.ts";
import { runCli } from "../../lib/cli/run.ts";
import type { ConnectOptions, SystemInfo } from "../../lib/camera/mod.ts";
import type { RpcReply } from "../../lib/dhip/rpc.ts";
import { DhipError } from "../../lib/errors.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { MemoryPinStore } from "../../lib/net/pin_store.ts";
import type { Target } from "../../lib/net/target.ts";

/** Surroundings of a run that can be chosen. */
export interface FakeSurroundings {
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input that is no terminal. */
  readonly stdin?: string | Uint8Array;
  /** Answer at the prompt: standard input is a terminal. */
  readonly typed?: string;
  readonly terminal?: boolean;
  readonly columns?: number;
  /** Content and permission bits by path. */
  readonly files?: Readonly<Record<string, { readonly text: string; readonly mode?: number }>>;
  /** Programs that are run, by their line. */
  readonly programs?: Readonly<Record<string, Partial<RunResult> | Error>>;
  readonly interrupt?: AbortSignal;
  readonly library?: Partial<Library>;
  /** Called for each piece of standard output; may throw. */
  readonly onOutput?: (text: string) => void;
  /** Surroundings that a test has itself. */
  readonly io?: Partial<CliIo>;
}

/** What a run left behind. */
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly asked: readonly string[];
  readonly written: ReadonlyMap<string, Uint8Array>;
  /** Lines of the programs that were run. */
  readonly ran: readonly string[];
}

/** Runs a command line in process. */
export async function cli(argv: readonly string[], around: FakeSurroundings = {}): Promise<Ran> {
  let out = "";
  let err = "";
  const asked: string[] = [];
  const written = new Map<string, Uint8Array>();
  const ran: string[] = [];
  const { files = {}, terminal = false, columns = 80 } = around;
  const fileAt = (path: string) => files[path] ?? fail(new Deno.errors.NotFound(path));
  const io: CliIo = {
    stdout: {
      isTerminal: terminal,
      columns,
      rows: 24,
      async write(data) {
        await Promise.resolve();
        const text = typeof data === "string" ? data : data.toBase64();
        around.onOutput?.(text);
        out += text;
      },
    },
    stderr: { isTerminal: terminal, columns, rows: 24, write: (text) => void (err += text) },
    stdin: {
      isTerminal: around.typed !== undefined,
      readAll() {
        const { stdin = "" } = around;
        return Promise.resolve(typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin);
      },
      async *chunks() {
        yield await this.readAll();
      },
      askSecret(question) {
        asked.push(question);
        return Promise.resolve(around.typed);
      },
      ask(question) {
        asked.push(question);
        return Promise.resolve(around.typed);
      },
    },
    files: {
      read: (path) => Promise.resolve().then(() => new TextEncoder().encode(fileAt(path).text)),
      mode: (path) => Promise.resolve().then(() => fileAt(path).mode),
      write(path, bytes) {
        if (path.includes("unwritable")) {
          return Promise.reject(new Deno.errors.PermissionDenied(path));
        }
        written.set(path, bytes);
        return Promise.resolve();
      },
      makeFolder: () => Promise.resolve(),
      list: () => Promise.resolve([]),
      size: () => Promise.resolve(undefined),
      open: (path) => Promise.reject(new Deno.errors.PermissionDenied(path)),
      rename: () => Promise.resolve(),
      remove: () => Promise.resolve(),
    },
    env: (name) => around.env?.[name],
    run(command) {
      const line = typeof command === "string" ? command : command.join(" ");
      ran.push(line);
      const result = around.programs?.[line] ?? new Deno.errors.NotFound(line);
      if (result instanceof Error) return Promise.reject(result);
      const none = new Uint8Array();
      return Promise.resolve({ end: "exit", code: 0, stdout: none, stderr: "", ...result });
    },
    attach(command) {
      ran.push(command);
      const result = around.programs?.[command] ?? new Deno.errors.NotFound(command);
      return result instanceof Error ? Promise.reject(result) : Promise.resolve(result.code ?? 0);
    },
    interrupt: around.interrupt ?? new AbortController().signal,
    heedHangUp: () => {},
    now: () => Date.UTC(2026, 0, 2, 3, 4, 5),
    platform: "test runtime, test platform",
    ...around.io,
  };
  const library: Library = {
    connect: () => Promise.resolve(new FakeDevice()),
    at: () => Promise.resolve(new FakeDevice()),
    simulate: () => Promise.reject(new Error("no simulator in this test")),
    state: () => Promise.resolve(memoryState()),
    tunnel: () => Promise.reject(new Error("no tunnel in this test")),
    certificate: () => Promise.reject(new Error("no certificate in this test")),
    ...around.library,
  };
  const code = await runCli(argv, io, library);
  return { code, out, err, asked, written, ran };
}

/** What a run remembers when nothing is kept in files. */
export function memoryState(): State {
  return {
    guard: new MemoryLoginGuard(),
    pins: new MemoryPinStore(),
    lastingPins: new MemoryPinStore(),
    unlock: () => Promise.resolve([]),
  };
}

function fail(error: Error): never {
  throw error;
}

/** What a fake device says of itself. */
export const INFO: SystemInfo = {
  name: "Front door",
  model: "IPC-1",
  vendor: "Dahua",
  deviceClass: "IPC",
  serial: "SN1",
  hardware: "1.00",
  firmware: { version: "2.8", build: "2024-03-18" },
  memory: { total: 512 * 2 ** 20, free: 128 * 2 ** 20 },
  cpu: 7,
  uptime: { last: 90_000, total: 1_000_000 },
  time: "2026-01-01 10:00:00",
  restartPending: null,
  marketArea: null,
  problems: [],
};

/** Answers of a fake device. */
export interface FakeAnswers {
  readonly host?: string;
  readonly info?: Partial<SystemInfo> | (() => Promise<SystemInfo>);
  readonly reply?: (method: string, params: unknown) => RpcReply | Promise<RpcReply>;
  readonly onClose?: () => void | Promise<void>;
}

/** A reply, without a binary part by default. */
export function reply(fields: Record<string, unknown>, binary = new Uint8Array()): RpcReply {
  return { envelope: { id: 3, session: 7, ...fields } as RpcReply["envelope"], binary };
}

/** A device that lives in memory. */
export class FakeDevice {
  readonly host: string;
  readonly capabilities: ReadonlySet<"system" | "rpc"> = new Set(["system", "rpc"] as const);
  readonly system: { info(): Promise<SystemInfo> };
  readonly rpc: RpcAccess;
  readonly #onClose: FakeAnswers["onClose"];

  constructor(answers: FakeAnswers = {}) {
    const { info = {}, reply: replyTo = () => reply({ result: true }) } = answers;
    this.#onClose = answers.onClose;
    this.host = answers.host ?? "192.0.2.7:5000";
    this.system = {
      info: () => typeof info === "function" ? info() : Promise.resolve({ ...INFO, ...info }),
    };
    this.rpc = {
      request: async (method, params) => await replyTo(method, params),
      call: async (method, params) => {
        const { envelope } = await replyTo(method, params);
        return envelope.params ?? envelope.result;
      },
      services: () => Promise.resolve(["configManager", "magicBox"]),
      methods: (service) => Promise.resolve([`${service}.getSerialNo`, `${service}.reboot`]),
      multicall: () => Promise.resolve([]),
    };
  }

  async close(): Promise<void> {
    await this.#onClose?.();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** A library whose devices are made by `make`, and a record of the logins. */
export function devices(
  make: (target: Target, options: ConnectOptions) => FakeAnswers | Error = () => ({}),
): { library: Pick<Library, "connect">; logins: { target: Target; options: ConnectOptions }[] } {
  const logins: { target: Target; options: ConnectOptions }[] = [];
  const connect: Library["connect"] = (target, options) => {
    logins.push({ target, options });
    const made = make(target, options);
    if (made instanceof Error) return Promise.reject(made);
    return Promise.resolve(new FakeDevice({ host: `${target.host}:5000`, ...made }));
  };
  return { library: { connect }, logins };
}

/** An unreachable host. */
export function unreachable(host: string): DhipError {
  return new DhipError("DHIP_UNREACHABLE", `Cannot connect to ${host}: connection refused`, {
    host,
    hint: "Check the port.",
  });
}

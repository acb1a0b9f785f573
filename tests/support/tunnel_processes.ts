/** `dhip tunnel` and `dhip simulate`, each a process of its own, as a user starts them. */

import type { ReadyLine, SimulatorStats } from "../../lib/simulator/mod.ts";
import { privateHome, startDhip } from "./cli_process.ts";

/** Password of the device. */
export const PASSWORD = "tunnel secret";

/** A line of JSON on standard output. */
export type Line = Readonly<Record<string, unknown>>;

/** A `dhip` that tells what happens on standard output, one JSON object a line. */
export class DhipProcess implements AsyncDisposable {
  /** What it has said so far. */
  readonly lines: Line[] = [];
  /** Resolves to the exit code. */
  readonly ended: Promise<number>;
  readonly #child: Deno.ChildProcess;
  readonly #errors: Promise<string>;
  #heard = Promise.withResolvers<void>();
  #isOver = false;
  #attention = Promise.resolve();
  #listen: (() => void) | undefined;

  constructor(args: readonly string[], env: Record<string, string>) {
    this.#child = startDhip(args, { env });
    this.#errors = new Response(this.#child.stderr).text();
    this.ended = this.#read();
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Resolves when the process is gone, whether its output was read or not. */
  get status(): Promise<Deno.CommandStatus> {
    return this.#child.status;
  }

  /** True: nobody reads what it says. */
  set deaf(isDeaf: boolean) {
    if (isDeaf) this.#attention = new Promise((resolve) => this.#listen = resolve);
    else this.#listen?.();
  }

  /** What it wrote to standard error; when it has ended. */
  get errors(): Promise<string> {
    return this.#errors;
  }

  /** Waits for a line, among those that came already too; `from` is the first that counts. */
  async line(wanted: (line: Line) => boolean, from = 0): Promise<Line> {
    for (;;) {
      const found = this.lines.slice(from).find(wanted);
      if (found !== undefined) return found;
      if (this.#isOver) throw new Error(`It ended: ${await this.#errors}`);
      await this.#heard.promise;
    }
  }

  /** Sends a signal; false when it has ended before. */
  kill(signal: Deno.Signal): boolean {
    try {
      this.#child.kill(signal);
      return true;
    } catch {
      return false;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.deaf = false;
    this.kill("SIGCONT");
    this.kill("SIGKILL");
    await this.ended;
    await this.#errors;
  }

  async #read(): Promise<number> {
    let rest = "";
    const text = this.#child.stdout.pipeThrough(new TextDecoderStream() as never);
    for await (const part of text as ReadableStream<string>) {
      const lines = (rest + part).split("\n");
      rest = lines.pop()!;
      for (const line of lines) this.lines.push(JSON.parse(line));
      this.#wake();
      await this.#attention;
    }
    const { code } = await this.#child.status;
    this.#isOver = true;
    this.#wake();
    return code;
  }

  #wake(): void {
    this.#heard.resolve();
    this.#heard = Promise.withResolvers();
  }
}

/** A device behind a cloud, steered over its control port. */
export class SimulatorProcess implements AsyncDisposable {
  readonly process: DhipProcess;
  readonly ready: ReadyLine;

  private constructor(process: DhipProcess, ready: ReadyLine) {
    this.process = process;
    this.ready = ready;
  }

  static async start(
    host: string,
    args: readonly string[],
    env: Record<string, string>,
  ): Promise<SimulatorProcess> {
    const ports = ["dhip", "http", "rtsp", "p2p", "control"].map((name) => `--${name}-port=0`);
    const process = new DhipProcess(
      ["simulate", `--host=${host}`, `--password=${PASSWORD}`, ...ports, ...args],
      env,
    );
    const ready = await process.line(() => true) as unknown as ReadyLine;
    return new SimulatorProcess(process, ready);
  }

  async stats(): Promise<SimulatorStats> {
    return await this.#ask("GET", "stats") as unknown as SimulatorStats;
  }

  async fault(name: string, options: Record<string, unknown> = {}): Promise<void> {
    await this.#ask("POST", "fault", { name, options });
  }

  async clearFault(name: string): Promise<void> {
    await this.#ask("DELETE", `fault/${name}`);
  }

  /** Resolves when the device answers again. */
  async restart(downtime: number): Promise<void> {
    await this.#ask("POST", "restart", { downtime });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.process[Symbol.asyncDispose]();
  }

  async #ask(method: string, path: string, body?: object): Promise<Line> {
    const response = await fetch(`http://127.0.0.1:${this.ready.controlPort}/${path}`, {
      method,
      body: body === undefined ? null : JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
    return await response.json();
  }
}

/** Both, and the local ports that lead to the device. */
export interface TunnelPair extends AsyncDisposable {
  readonly simulator: SimulatorProcess;
  readonly tunnel: DhipProcess;
  /** Local port by port of the device. */
  readonly ports: ReadonlyMap<number, number>;
}

/** Ports of the device that are forwarded: RTSP, HTTP, DHIP, echo, one that only takes, one that only gives. */
const REMOTE = [554, 80, 5000, 7, 9, 19];

/** Starts a simulator at `host` and a tunnel to it, and waits until that is up. */
export async function startPair(
  host: string,
  more: { readonly simulate?: readonly string[]; readonly tunnel?: readonly string[] } = {},
): Promise<TunnelPair> {
  await using stack = new AsyncDisposableStack();
  const home = stack.use(await privateHome());
  const simulator = stack.use(await SimulatorProcess.start(host, more.simulate ?? [], home.env));
  const { cloud, devices } = simulator.ready;
  const forwards = REMOTE.flatMap((port) => ["-L", `0:${port}`]);
  const tunnel = stack.use(
    new DhipProcess(
      ["tunnel", `sn:${devices[0]!.serial}`, "--json", ...forwards, ...more.tunnel ?? []],
      {
        ...home.env,
        DHIP_PASSWORD: PASSWORD,
        DHIP_CLOUD_HOST: cloud!.host,
        DHIP_CLOUD_PORT: String(cloud!.port),
        DHIP_CLOUD_USER: cloud!.username,
        DHIP_CLOUD_KEY: cloud!.key,
      },
    ),
  );
  const ready = await tunnel.line(({ type }) => type === "ready");
  const list = ready.forwards as readonly { readonly port: number; readonly remotePort: number }[];
  const ports = new Map(list.map(({ port, remotePort }) => [remotePort, port]));
  const owned = stack.move();
  return {
    simulator,
    tunnel,
    ports,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

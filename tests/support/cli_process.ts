/** The command line as a process: the one place where tests start it, with the tests' own limits. */

const root = new URL("../../", import.meta.url);

/** Network permission of every child, like the tests': loopback, and UDP sockets on any port. */
const NET = "--allow-net=127.0.0.0/8,[::1],0.0.0.0,239.255.255.251";

/** The program and its fixed arguments. */
export const DHIP: readonly string[] = [
  Deno.execPath(),
  "run",
  "--quiet",
  "--no-prompt",
  "--cached-only",
  NET,
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-sys",
  "--allow-run",
  "--unstable-net",
  `--config=${new URL("deno.json", root).pathname}`,
  new URL("cli.ts", root).pathname,
];

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Record<string, string>;
  readonly stdin?: string;
  readonly cwd?: string;
}

/** A folder of its own for configuration and state, so that no test sees the user's or another's. */
export async function privateHome(): Promise<AsyncDisposable & { path: string; env: Env }> {
  const path = await Deno.makeTempDir({ prefix: "dhip-test-" });
  return {
    path,
    env: {
      HOME: path,
      XDG_CONFIG_HOME: `${path}/config`,
      XDG_STATE_HOME: `${path}/state`,
      DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
      PATH: Deno.env.get("PATH") ?? "",
      NO_COLOR: "1",
      ...coverage,
    },
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

type Env = Record<string, string>;

/** Where `deno task coverage` gathers what ran; elsewhere there is nothing to gather. */
const coverage: Env = Deno.env.has("DENO_COVERAGE_DIR")
  ? { DENO_COVERAGE_DIR: Deno.env.get("DENO_COVERAGE_DIR")! }
  : {};

/** Starts `dhip ARGS`. Variables named DHIP_* are only those of `options.env`. */
export function startDhip(args: readonly string[], options: CliOptions = {}): Deno.ChildProcess {
  const { DENO_DIR, HOME, PATH } = Deno.env.toObject();
  const inherited: Env = {};
  for (const [name, value] of Object.entries({ DENO_DIR, HOME, PATH })) {
    if (value !== undefined) inherited[name] = value;
  }
  return new Deno.Command(DHIP[0]!, {
    args: [...DHIP.slice(1), ...args],
    clearEnv: true,
    env: { ...inherited, NO_COLOR: "1", ...coverage, ...options.env },
    cwd: options.cwd ?? root,
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs `dhip ARGS` to its end. */
export async function dhip(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const child = startDhip(args, options);
  if (options.stdin !== undefined) {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(options.stdin));
    await writer.close();
  }
  const { code, stdout, stderr } = await child.output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

/** Writes an executable `dhip` into a folder, for shells. */
export async function writeShim(folder: string): Promise<void> {
  const words = DHIP.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  await Deno.writeTextFile(`${folder}/dhip`, `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
}

/** Real programs that the tests hold dhip against. */

import { setTimeout as pause } from "node:timers/promises";

/** In CI a missing program is a failure: the test runs, and says so. */
const isCi = Deno.env.get("CI") === "true";

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** The programs that are missing, by path or by name in PATH. */
function missing(programs: readonly string[]): string[] {
  const folders = [...(Deno.env.get("PATH") ?? "").split(":"), "/usr/sbin", "/usr/bin"];
  return programs.filter((program) =>
    program.startsWith("/")
      ? !exists(program)
      : !folders.some((folder) => exists(`${folder}/${program}`))
  );
}

/** A test that needs real programs; without them it is skipped, and its name says why. */
export function peerTest(
  name: string,
  programs: readonly string[],
  run: () => Promise<void>,
): void {
  const lacking = missing(programs);
  if (lacking.length === 0) return Deno.test(name, run);
  const why = `needs ${lacking.join(", ")} (run scripts/install_test_peers.sh)`;
  if (!isCi) return Deno.test({ name: `${name}: skipped: ${why}`, ignore: true, fn: run });
  Deno.test(name, () => {
    throw new Error(`Not run: ${why}`);
  });
}

/** A port on which nothing listens now. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir({ prefix: "dhip-test-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** Runs a program to its end; its output is in the error when it fails. */
export async function run(program: string, args: string[], cwd?: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    ...(cwd === undefined ? {} : { cwd }),
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  if (!success) throw new Error(`${program} failed:\n${text}`);
  return text;
}

/** A server in the foreground, stopped after the test. */
export interface Peer extends AsyncDisposable {
  /** What it wrote so far. */
  output(): string;
}

/** Starts a server and waits until it takes connections on its port of 127.0.0.1. */
export async function startPeer(
  program: string,
  args: string[],
  port: number,
  options: { cwd?: string } = {},
): Promise<Peer> {
  const child = new Deno.Command(program, {
    args,
    ...options,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let text = "";
  const gather = async (stream: ReadableStream<Uint8Array>) => {
    for await (const part of stream.pipeThrough(new TextDecoderStream() as never)) text += part;
  };
  const done = Promise.all([child.status, gather(child.stdout), gather(child.stderr)]);
  let ended = false;
  child.status.then(() => ended = true);
  for (let i = 0;; i++) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      break;
    } catch {
      if (ended || i > 200) {
        if (!ended) child.kill("SIGKILL");
        await done;
        throw new Error(`${program} does not listen on ${port}:\n${text}`);
      }
      await pause(25);
    }
  }
  return {
    output: () => text,
    [Symbol.asyncDispose]: async () => {
      if (!ended) child.kill("SIGTERM");
      await done;
    },
  };
}

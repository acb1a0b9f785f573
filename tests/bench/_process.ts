/** Servers of the benchmarks, each in a process of its own. */

const root = new URL("../../", import.meta.url);

/** A running server and the first line that it printed. */
export interface Server extends AsyncDisposable {
  readonly firstLine: string;
}

/** Starts `deno run FILE ARGS...` and waits for its first line. */
export async function startServer(file: string, ...args: string[]): Promise<Server> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "-P=cli", new URL(file, root).pathname, ...args],
    cwd: root,
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`${file} ended before it was ready`);
    text += value;
  }
  return {
    firstLine: text.slice(0, text.indexOf("\n")),
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await reader.cancel();
      await child.status;
    },
  };
}

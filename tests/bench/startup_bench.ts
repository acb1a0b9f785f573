/** Start of the command line beside the start of nothing. */

import { atMost, fastestSeconds, type Row } from "./_harness.ts";

const root = new URL("../../", import.meta.url);

export async function run(): Promise<Row[]> {
  const empty = await Deno.makeTempFile({ suffix: ".ts" });
  const start = async (...args: string[]) => {
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["run", ...args],
      cwd: root,
      stdout: "null",
      stderr: "null",
    }).output();
    if (!success) throw new Error(`deno run ${args.join(" ")} failed`);
  };
  try {
    const [nothing, help] = await fastestSeconds(
      25,
      () => start("-A", empty),
      () => start("-A", "cli.ts", "info", "--help"),
    );
    return [atMost("dhip info --help, over an empty deno run", help! / nothing!, 3.5, "x")];
  } finally {
    await Deno.remove(empty);
  }
}

/** Start of the portable file, once it is unpacked, beside the source. */

import { buildPortable, runAlone } from "../ship/_portable.ts";
import { DHIP } from "../support/cli_process.ts";
import { atMost, fastestSeconds, type Row } from "./_harness.ts";

export async function run(): Promise<Row[]> {
  await using portable = await buildPortable();
  const start = async (program: readonly string[], env: Record<string, string>) => {
    const { code, err } = await runAlone([...program, "info", "--help"], env);
    if (code !== 0) throw new Error(err);
  };
  const { DENO_DIR, HOME } = Deno.env.toObject();
  const own = Object.fromEntries(
    Object.entries({ DENO_DIR, HOME }).flatMap(([name, value]) => value ? [[name, value]] : []),
  );
  const [source, packed] = await fastestSeconds(
    25,
    () => start(DHIP, own),
    () => start([portable.file], { DHIP_CACHE: `${portable.folder}/cache` }),
  );
  return [atMost("portable dhip info --help, over the source", packed! / source!, 2, "x")];
}

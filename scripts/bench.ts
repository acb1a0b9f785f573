/**
 * Runs the benchmarks in tests/bench and prints their figures beside their goals.
 *
 *     deno task bench [NAME ...]
 *
 * Exits with 1 when a goal is missed.
 */

import type { Row } from "../tests/bench/_harness.ts";

const folder = new URL("../tests/bench/", import.meta.url);
const names = [...Deno.readDirSync(folder)]
  .map((entry) => entry.name)
  .filter((name) => name.endsWith("_bench.ts"))
  .filter((name) => Deno.args.length === 0 || Deno.args.some((arg) => name.startsWith(arg)))
  .sort();

let missed = 0;
for (const name of names) {
  const { run } = await import(new URL(name, folder).href) as { run: () => Promise<Row[]> };
  for (const { what, figure, goal, met } of await run()) {
    if (!met) missed++;
    console.log(`${met ? "ok    " : "MISSED"}  ${what}: ${figure} (goal ${goal})`);
  }
}
Deno.exit(missed === 0 ? 0 : 1);

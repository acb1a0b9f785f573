/**
 * Makes the single executable `dist/dhip`.
 *
 *     deno task compile [--target TARGET] [--output FILE]
 *     deno task compile --portable [--output FILE]
 *
 * The first needs the runtime of the target, which Deno downloads from dl.deno.land (`DENORT_BIN`
 * names one that is there already). The second needs no download: it packs the Deno that runs it.
 */

import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { BuildError, deno, megabytes, ROOT, RUN_FLAGS } from "./_build.ts";
import { packPortable } from "./portable/pack.ts";

/** Deno says so when it looks for the runtime. */
const NO_RUNTIME = /denort-\S+\.zip|Setting up base binary/;

/**
 * Compiles `cli.ts` with everything that it reaches and no other package.
 *
 * The settings of deno.json that matter come as flags: with its `lazy-dynamic-imports` Deno would
 * embed nothing that is only imported when it is needed, which is every command.
 */
async function compile(output: string, target?: string): Promise<void> {
  const args = [
    "compile",
    "--quiet",
    "--no-config",
    "--import-map=deno.json",
    "--lock=deno.lock",
    "--frozen",
    "--no-check",
    "--exclude-unused-npm",
    // It would lie in the folder for temporary files, where others of the computer may put theirs.
    "--no-code-cache",
    ...RUN_FLAGS,
    ...(target === undefined ? [] : [`--target=${target}`]),
    `--output=${output}`,
    "cli.ts",
  ];
  try {
    await deno(args);
  } catch (error) {
    if (!(error instanceof BuildError) || !NO_RUNTIME.test(error.message)) throw error;
    throw new BuildError(
      `The runtime${target === undefined ? "" : ` for ${target}`} cannot be downloaded from ` +
        "dl.deno.land. What needs no download: deno task compile --portable",
    );
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      target: { type: "string" },
      portable: { type: "boolean", default: false },
      output: { type: "string" },
    },
  });
  const { target, portable } = values;
  if (portable && target !== undefined) {
    throw new BuildError("--portable packs the Deno that runs it, so it takes no --target.");
  }
  const suffix = !portable && (target?.includes("windows") ?? Deno.build.os === "windows");
  const output = values.output === undefined
    ? fileURLToPath(new URL(`dist/dhip${suffix ? ".exe" : ""}`, ROOT))
    : resolve(values.output);
  await Deno.mkdir(dirname(output), { recursive: true });
  await (portable ? packPortable(output) : compile(output, target));
  const { size } = await Deno.stat(output);
  console.log(`${relative("", output)}: ${megabytes(size)}`);
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof BuildError) && !(error instanceof TypeError)) throw error;
    console.error(`compile: ${error.message}`);
    Deno.exit(1);
  }
}

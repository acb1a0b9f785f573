/**
 * Measures how many lines of lib/ the tests run, those of the processes that tests start included.
 *
 *     deno task coverage [TEST FILE ...]
 *
 * Counts are the reduced ones unless `DHIP_TEST_SCALE` says otherwise: they change how often lines
 * run, not which. Exits with 1 when a goal is missed.
 */

/** Percent of all lines, and of each file's. */
const GOALS = { total: 90, file: 70 };

const root = new URL("../", import.meta.url);

/** Lines that could run and that did. */
interface Lines {
  readonly all: number;
  readonly ran: number;
}

/** What an lcov report says of each file, by its path in the repository. */
function linesByFile(report: string, folder: string): Map<string, Lines> {
  const files = new Map<string, Lines>();
  for (const record of report.split("end_of_record")) {
    const path = /^SF:(.*)$/m.exec(record)?.[1];
    if (path === undefined || !path.startsWith(folder)) continue;
    const counts = [...record.matchAll(/^DA:\d+,(\d+)/gm)].map(([, count]) => Number(count));
    const ran = counts.filter((count) => count > 0).length;
    files.set(path.slice(folder.length), { all: counts.length, ran });
  }
  return files;
}

function percent({ all, ran }: Lines): number {
  return all === 0 ? 100 : 100 * ran / all;
}

async function run(args: readonly string[], stdout: "inherit" | "piped") {
  return await new Deno.Command(Deno.execPath(), { args: [...args], cwd: root, stdout }).spawn()
    .output();
}

/** A process that a test killed may not have written all it knew. */
async function dropIfCut(file: string): Promise<void> {
  try {
    JSON.parse(await Deno.readTextFile(file));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    await Deno.remove(file);
  }
}

if (import.meta.main) {
  const data = await Deno.makeTempDir({ prefix: "dhip-coverage-" });
  try {
    const tests = await run([
      ...["test", "-P=test", "--parallel", "--quiet", "--reporter=dot"],
      ...[`--coverage=${data}`, "--coverage-raw-data-only", ...Deno.args],
    ], "inherit");
    if (!tests.success) console.error("Some tests failed; the figures are of what ran.");
    for (const { name } of Deno.readDirSync(data)) await dropIfCut(`${data}/${name}`);
    const { stdout, success } = await run(
      ["coverage", "--lcov", "--quiet", `--include=^${new URL("lib/", root).href}`, data],
      "piped",
    );
    if (!success) throw new Error("deno coverage failed");
    const files = linesByFile(new TextDecoder().decode(stdout), root.pathname);
    const all = [...files.values()];
    const total = percent({
      all: all.reduce((sum, { all }) => sum + all, 0),
      ran: all.reduce((sum, { ran }) => sum + ran, 0),
    });
    const poor = [...files].filter(([, lines]) => percent(lines) < GOALS.file)
      .sort(([, a], [, b]) => percent(a) - percent(b));
    console.log(`lib/: ${total.toFixed(1)} % of the lines (goal ${GOALS.total} %)`);
    console.log(`${poor.length} of ${files.size} files under ${GOALS.file} %`);
    for (const [path, lines] of poor) {
      console.log(`  ${percent(lines).toFixed(1).padStart(5)} %  ${path}`);
    }
    Deno.exitCode = total < GOALS.total || poor.length > 0 ? 1 : 0;
  } finally {
    await Deno.remove(data, { recursive: true });
  }
}

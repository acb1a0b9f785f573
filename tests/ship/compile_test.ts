/** The single executable: what `deno compile` puts into it. */

import assert from "node:assert/strict";
import manifest from "../../deno.json" with { type: "json" };
import { run, temporaryFolder } from "../support/peers.ts";
import { embeddedIn } from "./_embedded.ts";

const root = new URL("../../", import.meta.url);

/** What `deno info` tells of a graph. */
interface Graph {
  readonly roots: readonly string[];
  readonly modules: readonly {
    readonly specifier: string;
    readonly error?: string;
    readonly dependencies?: readonly { readonly code?: { readonly specifier: string } }[];
  }[];
  readonly npmPackages: Readonly<Record<string, { readonly name: string }>>;
}

/** Modules that the program may load; those imported for their types alone are none of them. */
function reachedFrom({ roots, modules }: Graph): string[] {
  const reached = new Set(roots);
  for (const at of reached) { // grows on the way
    const module = modules.find(({ specifier }) => specifier === at);
    for (const { code } of module?.dependencies ?? []) if (code) reached.add(code.specifier);
  }
  return [...reached];
}

function compile(output: string, env: Record<string, string>, ...args: string[]) {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-P=cli", "scripts/compile.ts", "--output", output, ...args],
    cwd: root,
    env,
  }).output();
}

Deno.test("the executable holds all that the program can reach, and no more", async () => {
  await using folder = await temporaryFolder();
  const file = `${folder.path}/dhip`;
  // Deno itself in place of its smaller runtime: the file does not run so, but holds the same.
  const { success, stdout, stderr } = await compile(file, { DENORT_BIN: Deno.execPath() });
  assert.ok(success, new TextDecoder().decode(stderr));
  assert.match(new TextDecoder().decode(stdout), /^\S+\/dhip: \d+\.\d MB\n$/);

  const { settings, files } = await embeddedIn(file);
  const granted = Object.entries(settings.permissions)
    .filter(([name, value]) => name.startsWith("allow_") && value !== null)
    .map(([name]) => name.slice("allow_".length));
  // Importing is denied as a whole beside it.
  assert.deepEqual(granted.sort(), ["import", ...Object.keys(manifest.permissions.cli)].sort());
  assert.deepEqual(settings.permissions.deny_import, []);
  assert.equal(settings.permissions.prompt, false);
  assert.deepEqual(settings.unstable_config.features, ["net"]);
  assert.equal(settings.entrypoint_key, "cli.ts");

  const seen = await run(
    Deno.execPath(),
    ["info", "--json", "--quiet", "--no-config", "--import-map=deno.json", "cli.ts"],
    root.pathname,
  );
  const graph = JSON.parse(seen) as Graph;
  assert.deepEqual(graph.modules.filter(({ error }) => error !== undefined), []);
  const local = reachedFrom(graph)
    .filter((specifier) => specifier.startsWith(root.href))
    .map((specifier) => specifier.slice(root.href.length));
  const commands = [...Deno.readDirSync(new URL("lib/cli/commands/", root))]
    .map(({ name }) => `lib/cli/commands/${name}`);
  assert.deepEqual(
    commands.filter((path) => !local.includes(path)),
    [],
    "a command nobody imports",
  );
  const modules = "^\\.deno_compile_node_modules/[^/]+/";
  const own = files.filter((path) => !new RegExp(modules).test(path));
  assert.deepEqual(own.sort(), local.sort());

  const packages = new Set(files.flatMap((path) => {
    const name = new RegExp(`${modules}((?:@[^/]+/)?[^/]+)/`).exec(path)?.[1];
    return name === undefined ? [] : [name];
  }));
  const reached = new Set(Object.values(graph.npmPackages).map(({ name }) => name));
  assert.deepEqual([...packages].sort(), [...reached].sort());
  for (const name of ["fast-check", "standardwebhooks", "yaml"]) {
    assert.ok(!packages.has(name), name);
  }
});

Deno.test("without the runtime, compile says in one line what to do", async () => {
  await using folder = await temporaryFolder();
  // A cache with the npm packages and no runtime, and a proxy through which none can be had.
  const { DENO_DIR, HOME } = Deno.env.toObject();
  await Deno.mkdir(`${folder.path}/cache`);
  await Deno.symlink(`${DENO_DIR ?? `${HOME}/.cache/deno`}/npm`, `${folder.path}/cache/npm`);
  const env = { DENO_DIR: `${folder.path}/cache`, HTTPS_PROXY: "http://127.0.0.1:1" };
  const target = "aarch64-apple-darwin";
  const { code, stdout, stderr } = await compile(`${folder.path}/dhip`, env, "--target", target);
  const text = new TextDecoder();
  assert.deepEqual([code, text.decode(stdout)], [1, ""]);
  assert.equal(
    text.decode(stderr),
    `compile: The runtime for ${target} cannot be downloaded from dl.deno.land. ` +
      "What needs no download: deno task compile --portable\n",
  );
});

Deno.test("compile refuses what it does not know", async () => {
  for (const args of [["--target", "amiga"], ["--portable", "--target", "x"], ["--bogus"], ["x"]]) {
    const { code, stdout, stderr } = await compile("/nowhere", {}, ...args);
    const text = new TextDecoder();
    assert.deepEqual([code, text.decode(stdout)], [1, ""], args.join(" "));
    assert.match(text.decode(stderr), /^compile: .+\n$/, args.join(" "));
  }
});

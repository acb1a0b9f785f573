/** What users get who install or import dhip, with nothing of theirs or ours around. */

import assert from "node:assert/strict";
import manifest from "../../deno.json" with { type: "json" };
import { runAlone } from "./_portable.ts";
import { startRegistry } from "./_registry.ts";
import { run, temporaryFolder } from "../support/peers.ts";

const root = new URL("../../", import.meta.url);
const readme = await Deno.readTextFile(new URL("README.md", root));

/** How this host reaches npm: part of its network, not of a user's home. */
const NETWORK =
  /^(DENO_(CERT|TLS_CA_STORE)|NODE_EXTRA_CA_CERTS|SSL_CERT_.*|npm_config_.*|.*_proxy)$/i;

/** A user's home without anything but the npm packages that Deno has fetched here already. */
async function freshHome(more: Record<string, string> = {}) {
  const folder = await temporaryFolder();
  const { DENO_DIR, HOME, PATH } = Deno.env.toObject();
  await Deno.mkdir(`${folder.path}/cache`);
  await Deno.symlink(`${DENO_DIR ?? `${HOME}/.cache/deno`}/npm`, `${folder.path}/cache/npm`);
  await Deno.copyFile(`${HOME}/.npmrc`, `${folder.path}/.npmrc`).catch(() => {});
  const network = Object.entries(Deno.env.toObject()).filter(([name]) => NETWORK.test(name));
  const env = {
    ...Object.fromEntries(network),
    HOME: folder.path,
    DENO_DIR: `${folder.path}/cache`,
    PATH: `${folder.path}/.deno/bin:${Deno.execPath().replace(/\/[^/]*$/, "")}:${PATH}`,
    NO_COLOR: "1",
    ...more,
  };
  const sh = (line: string, cwd = folder.path) =>
    runAlone(["/bin/sh", "-c", `cd '${cwd}' && ${line}`], env);
  const dispose = () => folder[Symbol.asyncDispose]();
  return { path: folder.path, sh, [Symbol.asyncDispose]: dispose };
}

/** The line of the README that begins and ends so. */
function lineOf(beginning: string, end: string): string {
  const line = readme.split("\n")
    .find((line) => line.startsWith(beginning) && line.endsWith(end));
  assert.ok(line !== undefined, `README has no line: ${beginning} ... ${end}`);
  return line;
}

Deno.test("the package, as it is published", async (t) => {
  await using registry = await startRegistry();
  await run("env", [
    `JSR_URL=${registry.url}`,
    Deno.execPath(),
    ...["publish", "--token=x", "--no-provenance", "--allow-dirty", "--no-check"],
  ], root.pathname);

  await t.step("holds the library and what explains it, and nothing else", async () => {
    const files = await registry.files();
    const besides = files.filter((file) => !file.startsWith("lib/")).sort();
    const wanted = ["CHANGELOG.md", "LICENSE", "README.md", "cli.ts", "deno.json", "mod.ts"];
    assert.deepEqual(besides, wanted);
    for (const path of Object.values(manifest.exports)) assert.ok(files.includes(path.slice(2)));
  });

  await t.step("is imported in a fresh folder, with the README's example", async () => {
    await using home = await freshHome({ JSR_URL: registry.url });
    const example = /^```ts\n(import \{ DahuaCamera.*?)^```/ms.exec(readme)![1]!;
    await Deno.writeTextFile(`${home.path}/main.ts`, example);
    const add = await home.sh(lineOf("deno add ", " jsr:@dhip/dhip"));
    assert.equal(add.code, 0, add.err);
    const { code, out, err } = await home.sh("deno run --check -A --unstable-net main.ts");
    assert.equal(code, 0, err);
    assert.match(out, /^IPC-\S+ \S+ \d/);
  });

  await t.step("is installed as a command, which runs", async () => {
    await using home = await freshHome({ JSR_URL: registry.url });
    const install = await home.sh(lineOf("deno install ", " jsr:@dhip/dhip/cli"));
    assert.equal(install.code, 0, install.err);
    const { code, out, err } = await home.sh("dhip --version && dhip simulate --help");
    assert.deepEqual([code, err], [0, ""]);
    assert.match(out, new RegExp(`^dhip ${manifest.version} `));
  });
});

Deno.test("a clone is installed as a command, which runs", async () => {
  await using home = await freshHome();
  const install = await home.sh(lineOf("deno install", " cli.ts"), root.pathname);
  assert.equal(install.code, 0, install.err);
  const { code, out, err } = await home.sh("dhip --version && dhip simulate --help");
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, new RegExp(`^dhip ${manifest.version} `));
});

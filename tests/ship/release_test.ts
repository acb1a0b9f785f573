/** What happens on a tag: the workflow says what it should, and its scripts do it. */

import assert from "node:assert/strict";
import { parse } from "yaml";
import manifest from "../../deno.json" with { type: "json" };
import { releaseNotes } from "../../scripts/release_notes.ts";
import { temporaryFolder } from "../support/peers.ts";
import { privateHome, writeShim } from "../support/cli_process.ts";

const root = new URL("../../", import.meta.url);

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<
    Record<string, {
      readonly "runs-on": string;
      readonly "timeout-minutes": number;
      readonly needs?: string;
      readonly permissions?: Readonly<Record<string, string>>;
      readonly strategy?: { readonly matrix: { readonly include: { file: string }[] } };
      readonly steps: readonly Step[];
    }>
  >;
}

const workflows = new Map<string, Workflow>();
for (const { name } of Deno.readDirSync(new URL(".github/workflows/", root))) {
  const text = await Deno.readTextFile(new URL(`.github/workflows/${name}`, root));
  workflows.set(name, parse(text, { strict: true, uniqueKeys: true }));
}
const release = workflows.get("release.yml")!;

/** Targets that this Deno can compile for, as it lists them itself. */
async function targets(): Promise<string[]> {
  const { stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["compile", "--target=none", "cli.ts"],
    env: { NO_COLOR: "1" },
  }).output();
  return new TextDecoder().decode(stderr).match(/[a-z0-9_]+-(?:unknown|apple|pc)-[a-z-]+/g) ?? [];
}

Deno.test("workflows run with few rights, fixed actions and the Deno of this repository", () => {
  for (const [name, { permissions, jobs }] of workflows) {
    assert.deepEqual(permissions, { contents: "read" }, name);
    for (const [job, { steps, "timeout-minutes": limit }] of Object.entries(jobs)) {
      assert.ok(limit <= 30, job);
      for (const { uses, with: options } of steps) {
        if (uses === undefined) continue;
        assert.match(uses, /^[\w-]+\/[\w-]+@(v\d+|[0-9a-f]{40})$/, job);
        if (uses.includes("setup-deno")) {
          assert.equal(options?.["deno-version"], Deno.version.deno, job);
        }
      }
    }
  }
});

Deno.test("a release holds every target, and each is tried where it runs", async () => {
  const { build, smoke } = release.jobs;
  const script = build!.steps.map(({ run = "" }) => run).join("\n");
  const built = /for target in ([^]*?)\n\s*do/.exec(script)![1]!.match(/[a-z0-9_]+-[a-z0-9-]+/g)!;
  assert.deepEqual(built.sort(), (await targets()).sort());
  const tried = smoke!.strategy!.matrix.include.map(({ file }) => file);
  const files = built.map((name) => `dhip-${name}${name.includes("windows") ? ".exe" : ""}`);
  assert.deepEqual(tried.sort(), files.sort());
});

Deno.test("nothing is published that was not tried, and only there with more rights", () => {
  const { jobs } = release;
  assert.deepEqual(Object.keys(release.on), ["push"]);
  const order = ["gate", "build", "smoke", "publish"];
  assert.deepEqual(Object.keys(jobs), order);
  order.slice(1).forEach((job, at) => assert.equal(jobs[job]!.needs, order[at]));
  assert.deepEqual(jobs.publish!.permissions, { contents: "write", "id-token": "write" });
  for (const job of order.slice(0, 3)) assert.equal(jobs[job]!.permissions, undefined);
});

Deno.test("what the workflows run is there, and a shell can read it", async () => {
  for (const { jobs } of workflows.values()) {
    for (const { run } of Object.values(jobs).flatMap(({ steps }) => steps)) {
      if (run === undefined) continue;
      const plain = run.replace(/\$\{\{.*?\}\}/g, "x");
      const { success } = await new Deno.Command("bash", { args: ["-n", "-c", plain] }).output();
      assert.ok(success, run);
      for (const [, task] of run.matchAll(/deno task (?:--quiet )?([\w:-]+)/g)) {
        assert.ok(task! in manifest.tasks, task);
      }
      for (const [path] of run.matchAll(/(?:scripts\/[\w.]+|\.ci\/run)/g)) {
        assert.ok((await Deno.stat(new URL(path, root))).isFile, path);
      }
    }
  }
});

Deno.test("release notes are the section of a version", () => {
  const changelog = "# Changelog\n\n## Unreleased\n\n- soon\n\n## [1.2.0] - 2026-05-01\n\n" +
    "### Added\n\n- a\n\n## 1.1.0\n\n- b\n\n## 1.0.0\n\n";
  assert.equal(releaseNotes(changelog, "1.2.0"), "### Added\n\n- a\n");
  assert.equal(releaseNotes(changelog, "1.1.0"), "- b\n");
  for (const version of ["1.0.0", "1.2", "1.1.0-rc.1", "", "Unreleased0", "11110"]) {
    assert.throws(() => releaseNotes(changelog, version), RangeError, version);
  }
});

Deno.test("a tag that is not the version of deno.json stops the release", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-P=cli", "scripts/release_notes.ts", "v9.9.9"],
    cwd: root,
  }).output();
  assert.equal(code, 1);
  assert.match(new TextDecoder().decode(stderr), /^release_notes: deno\.json has version .+\n$/);
});

Deno.test("the smoke test of a release passes for a dhip that works, and for no other", async () => {
  await using home = await privateHome();
  await writeShim(home.path);
  const smoke = (program: string) =>
    new Deno.Command("bash", {
      args: ["scripts/smoke.sh", program],
      cwd: root,
      clearEnv: true,
      env: home.env,
    }).output();
  const right = await smoke(`${home.path}/dhip`);
  assert.ok(right.success, new TextDecoder().decode(right.stderr));
  assert.match(new TextDecoder().decode(right.stdout), /^smoke: dhip works$/m);
  assert.equal((await smoke("/bin/false")).success, false);
});

Deno.test("manual pages are written to a folder", async () => {
  await using folder = await temporaryFolder();
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-P=cli", "scripts/man.ts", folder.path],
    cwd: root,
  }).output();
  assert.ok(success);
  const names = [...Deno.readDirSync(folder.path)].map(({ name }) => name);
  assert.match(new TextDecoder().decode(stdout), new RegExp(`: ${names.length} pages\n$`));
  for (const name of ["dhip.1", "dhip-ptz.1", "dhip-config-get.1", "dhip-exit-codes.7"]) {
    assert.ok(names.includes(name), name);
  }
});

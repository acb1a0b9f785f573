/** Help, version, and the list of commands. */

import assert from "node:assert/strict";
import { COMMANDS } from "../../lib/cli/registry.ts";
import { longName } from "../../lib/cli/spec.ts";
import { optionsOf } from "../../lib/cli/parse.ts";
import manifest from "../../deno.json" with { type: "json" };
import { cli } from "./_support.ts";

for (const entry of COMMANDS) {
  Deno.test(`help of ${entry.name} goes to standard output and has an example`, async () => {
    const { default: command } = await entry.load();
    const { code, out, err } = await cli([entry.name, "--help"]);
    assert.deepEqual([code, err], [0, ""]);
    assert.match(out, /^EXAMPLES\n {2}# .+\n {2}dhip /m);
    for (const { line } of command.examples) assert.ok(out.includes(line), line);
    for (const name of Object.keys(optionsOf(command)).map(longName)) {
      assert.ok(out.includes(`--${name}`), name);
    }
  });

  Deno.test(`help of ${entry.name} is the same however it is asked for`, async () => {
    const { out } = await cli([entry.name, "--help"]);
    for (const argv of [[entry.name, "-h"], ["help", entry.name], [entry.name, "--bad", "-h"]]) {
      assert.equal((await cli(argv)).out, out, argv.join(" "));
    }
  });

  Deno.test(`examples of ${entry.name} are lines that its parser takes`, async () => {
    const { default: command } = await entry.load();
    const { parseLine } = await import("../../lib/cli/parse.ts");
    for (const { line } of command.examples) {
      const words = line.replace(/ [|<].*/, "").split(" ")
        .map((word) => word.replace(/^'(.*)'$/, "$1"));
      assert.equal(words.shift(), "dhip");
      if (words[0] === entry.name) parseLine(command, words, 0, () => undefined);
    }
  });
}

Deno.test("lines of a help fit the terminal", async () => {
  for (const columns of [60, 80, 200]) {
    for (const { name } of COMMANDS) {
      const { out } = await cli([name, "--help"], { columns });
      const texts = out.slice(0, out.indexOf("EXAMPLES")).split("\n");
      for (const line of texts) assert.ok(line.length <= Math.min(columns, 100), line);
    }
  }
});

Deno.test("root help lists every command and every exit code", async () => {
  const { code, out, err } = await cli(["--help"]);
  assert.deepEqual([code, err], [0, ""]);
  for (const { name, summary } of COMMANDS) assert.ok(out.includes(`${name} `), summary);
  for (const exit of [0, 1, 2, 3, 4, 5, 6, 7, 8, 130]) {
    assert.match(out, new RegExp(`^ {2}${exit} +\\S`, "m"));
  }
  assert.equal((await cli(["help"])).out, out);
  assert.equal((await cli(["-h"])).out, out);
});

Deno.test("no arguments at all: help on standard error, exit 2", async () => {
  const { code, out, err } = await cli([]);
  assert.deepEqual([code, out], [2, ""]);
  assert.match(err, /^USAGE$/m);
});

Deno.test("version comes from deno.json and names the platform", async () => {
  const { code, out } = await cli(["--version"]);
  assert.deepEqual([code, out], [
    0,
    `dhip ${manifest.version} (test runtime, test platform)\n`,
  ]);
});

Deno.test("a mistyped command is answered with the nearest one", async () => {
  const lines = [["inof", "192.0.2.7"], ["inof"], ["inof", "-o", "table"], ["help", "inof"]];
  for (const argv of lines) {
    const { code, out, err } = await cli([...argv], { terminal: true });
    assert.deepEqual([code, out], [2, ""], argv.join(" "));
    assert.equal(err, "dhip: Unknown command: inof\nhint: Did you mean dhip info?\n");
  }
});

Deno.test("a command that is missing is a usage error", async () => {
  const { code, err } = await cli(["-v"], { terminal: true });
  assert.equal(code, 2);
  assert.match(err, /^dhip: A command is missing\n/);
});

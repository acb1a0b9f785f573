/** Help, version, and the list of commands. */

import assert from "node:assert/strict";
import { GROUPS } from "../../lib/cli/groups.ts";
import { COMMANDS, commandsOf, firstWords } from "../../lib/cli/registry.ts";
import { longName, type OptionSpecs } from "../../lib/cli/option_spec.ts";
import { optionsOf } from "../../lib/cli/parse.ts";
import manifest from "../../deno.json" with { type: "json" };
import { duration } from "../../lib/cli/values.ts";
import { cli } from "./_support.ts";

for (const entry of COMMANDS) {
  const name = entry.name.split(" ");

  Deno.test(`help of ${entry.name} goes to standard output and has an example`, async () => {
    const { default: command } = await entry.load();
    const { code, out, err } = await cli([...name, "--help"]);
    assert.deepEqual([code, err], [0, ""]);
    assert.match(out, /^EXAMPLES\n {2}# .+\n {2}dhip /m);
    for (const { line } of command.examples) assert.ok(out.includes(line), line);
    for (const name of Object.keys(optionsOf(command)).map(longName)) {
      assert.ok(out.includes(`--${name}`), name);
    }
  });

  Deno.test(`help of ${entry.name} is the same however it is asked for`, async () => {
    const { out } = await cli([...name, "--help"]);
    for (const argv of [[...name, "-h"], ["help", ...name], [...name, "--bad", "-h"]]) {
      assert.equal((await cli(argv)).out, out, argv.join(" "));
    }
  });

  Deno.test(`examples of ${entry.name} are lines that its parser takes`, async () => {
    const { default: command } = await entry.load();
    const { parseLine } = await import("../../lib/cli/parse.ts");
    for (const { line } of command.examples) {
      const plain = line.replace(/ [|<>].*/, "");
      const words = [...plain.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word);
      assert.equal(words.shift(), "dhip");
      assert.deepEqual(words.slice(0, name.length), name, line);
      parseLine(command, words, [...name.keys()], { env: () => undefined });
    }
  });
}

Deno.test("lines of a help fit the terminal", async () => {
  for (const columns of [60, 80, 200]) {
    for (const { name } of COMMANDS) {
      const { out } = await cli([...name.split(" "), "--help"], { columns });
      const texts = out.slice(0, out.indexOf("EXAMPLES")).split("\n");
      for (const line of texts) assert.ok(line.length <= Math.min(columns, 100), line);
    }
  }
});

Deno.test("an option that has a short name has it in every command", async () => {
  const shorts = new Map<string, Map<string | undefined, string>>();
  for (const { name, load } of COMMANDS) {
    for (const [key, { short }] of Object.entries((await load()).default.options as OptionSpecs)) {
      const found = shorts.get(key) ?? new Map<string | undefined, string>();
      shorts.set(key, found.set(short, name));
    }
  }
  const mixed = [...shorts].filter(([, found]) => found.size > 1);
  assert.deepEqual(mixed, []);
});

Deno.test("the default of a time is told as one writes it, not in milliseconds", async () => {
  for (const { name, load } of COMMANDS) {
    const options = Object.entries(optionsOf((await load()).default));
    for (const [key, { type, default: usual, otherwise }] of options) {
      if (usual === undefined || type?.parse !== duration.parse) continue;
      assert.equal(type.parse(String(otherwise).replace(" ", "")), usual, `${name} ${key}`);
    }
  }
});

Deno.test("root help lists every command and every exit code", async () => {
  const { code, out, err } = await cli(["--help"]);
  assert.deepEqual([code, err], [0, ""]);
  for (const word of firstWords()) assert.match(out, new RegExp(`^ {2}${word} `, "m"));
  for (const exit of [0, 1, 2, 3, 4, 5, 6, 7, 8, 130]) {
    assert.match(out, new RegExp(`^ {2}${exit} +\\S`, "m"));
  }
  assert.equal((await cli(["help"])).out, out);
  assert.equal((await cli(["-h"])).out, out);
});

for (const group of Object.keys(GROUPS)) {
  Deno.test(`${group} without a sub-command shows them all`, async () => {
    const asked = await cli([group, "--help"]);
    assert.deepEqual([asked.code, asked.err], [0, ""]);
    for (const { name, summary } of commandsOf(group)) {
      assert.match(asked.out, new RegExp(`^ {2}${name} +${summary.slice(0, 20)}`, "m"));
    }
    assert.match(asked.out, /^EXAMPLES\n {2}# .+\n {2}dhip /m);
    assert.equal((await cli(["help", group])).out, asked.out);
    const bare = await cli([group]);
    assert.deepEqual([bare.code, bare.out, bare.err], [2, "", asked.out]);
  });
}

Deno.test("a mistyped sub-command is answered with the nearest one", async () => {
  for (const argv of [["devices", "lst"], ["help", "devices", "lst"]]) {
    const { code, err } = await cli(argv, { terminal: true });
    assert.equal(code, 2);
    assert.equal(
      err,
      "dhip: Unknown command: devices lst\nhint: Did you mean dhip devices list?\n",
    );
  }
});

Deno.test("options may stand between the words of a command, and aliases work", async () => {
  const { out } = await cli(["devices", "list"]);
  for (const argv of [["devices", "-o", "json", "list"], ["-q", "devices", "ls"]]) {
    assert.equal((await cli(argv)).out, out, argv.join(" "));
  }
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

Deno.test("help of what does not exist is a mistake with a suggestion, not some other help", async () => {
  const cases: [string[], RegExp][] = [
    [["bogus", "--help"], /^dhip: Unknown command: bogus\n/],
    [["inof", "-h"], /Did you mean dhip info\?/],
    [["config", "bakcup", "--help"], /Did you mean dhip config backup\?/],
    [["config", "--help", "bogus"], /^dhip: Unknown command: config bogus\n/],
  ];
  for (const [argv, message] of cases) {
    const { code, out, err } = await cli(argv, { terminal: true });
    assert.deepEqual([code, out], [2, ""], argv.join(" "));
    assert.match(err, message);
  }
});

Deno.test("commands that do not log in take no options of a login", async () => {
  for (const [name, absent] of [["unlock", "timeout"], ["trust", "user"]] as const) {
    const { out } = await cli([name, "--help"]);
    for (const option of [absent, "password", "transport", "insecure"]) {
      assert.doesNotMatch(out, new RegExp(`--${option}\\b`), `${name} ${option}`);
    }
  }
  assert.match((await cli(["info", "--help"])).out, /default 10 s/);
});

Deno.test("help of simulate names the options of the faults with their defaults", async () => {
  const { out } = await cli(["simulate", "--help"]);
  assert.match(out, /^ {2}late-reply +\S[^]*?^ {4}delay=\d+ +\S/m);
});

/** Topics of the help, and manual pages. */

import assert from "node:assert/strict";
import { manFile, pageMan } from "../../lib/cli/help/as_man.ts";
import { pageText } from "../../lib/cli/help/as_text.ts";
import { allPages, type HelpPage } from "../../lib/cli/help/page.ts";
import { CREDENTIALS, TOPICS } from "../../lib/cli/help/topics.ts";
import { GROUPS } from "../../lib/cli/groups.ts";
import { COMMANDS, firstWords } from "../../lib/cli/registry.ts";
import { ERROR_CODES, EXIT_CODES } from "../../lib/errors.ts";
import { peerTest } from "../support/peers.ts";
import { cli } from "./_support.ts";

const lib = new URL("../../lib/", import.meta.url);

for (const { name, summary } of TOPICS) {
  Deno.test(`topic ${name} is told, and fits the terminal`, async () => {
    assert.ok(![...firstWords(), ...Object.keys(GROUPS)].includes(name), "a command's name");
    assert.ok((await cli(["--help"])).out.includes(`  help ${name} `));
    for (const columns of [60, 100]) {
      const { code, out, err } = await cli(["help", name], { columns });
      assert.deepEqual([code, err], [0, ""]);
      const [text = ""] = out.split("EXAMPLES");
      for (const line of text.split("\n")) assert.ok(line.length <= columns, line);
      assert.ok(text.split("\n").length > 5, summary);
    }
  });
}

Deno.test("exit codes and error codes are those of the table", async () => {
  const { out: exits } = await cli(["help", "exit-codes"]);
  const { out: errors } = await cli(["help", "error-codes"]);
  for (const [exit, meaning] of Object.entries(EXIT_CODES)) {
    assert.ok(exits.includes(meaning), meaning);
    assert.match(exits, new RegExp(`^ {2}${exit} `, "m"));
  }
  for (const [code, { exit }] of Object.entries(ERROR_CODES)) {
    assert.ok(errors.includes(`  ${code} `), code);
    assert.ok(exits.includes(code), code);
    assert.ok(String(exit) in EXIT_CODES, code);
  }
});

Deno.test("the topic of variables names every one that the command line reads", async () => {
  const { out } = await cli(["help", "environment"]);
  const read = new Set<string>();
  const walk = (folder: URL): void => {
    for (const { name, isDirectory } of Deno.readDirSync(folder)) {
      const url = new URL(isDirectory ? `${name}/` : name, folder);
      if (isDirectory) walk(url);
      else {
        const text = Deno.readTextFileSync(url);
        for (const [, name] of text.matchAll(/"(DHIP_[A-Z0-9_]*[A-Z])"/g)) read.add(name!);
      }
    }
  };
  walk(new URL("cli/", lib));
  const variables = [...read].filter((name) => !(name in ERROR_CODES));
  assert.ok(variables.length > 5);
  assert.deepEqual(variables.filter((name) => !new RegExp(`^ {2}${name} `, "m").test(out)), []);
});

Deno.test("the topic of the config file names every key that one may have", async () => {
  const { namesAt } = await import("../../lib/cli/config/schema.ts");
  const { out } = await cli(["help", "config-file"]);
  for (const key of ["devices", "defaults", "cloud"].flatMap((section) => namesAt([section]))) {
    assert.match(out, new RegExp(`^ {2}${key} +\\S`, "m"), key);
  }
});

Deno.test("passwords are listed in the order in which they are looked for", async () => {
  const text = await Deno.readTextFile(new URL("cli/credentials.ts", lib));
  const order = /Order: ([^]*?)\./.exec(text)![1]!;
  const words = ["-P", "--password-stdin", "DHIP_PASSWORD_FILE", "DHIP_PASSWORD", "[defaults]"];
  const told = CREDENTIALS.map(([term]) => term.replace(" PASSWORD", ""));
  assert.deepEqual(told.filter((term) => words.includes(term)), words);
  const places = words.map((word) => order.indexOf(`\`${word}\``));
  assert.deepEqual(places, places.toSorted((a, b) => a - b));
});

Deno.test("times are taken in the forms that their topic shows", async () => {
  const { moment } = await import("../../lib/cli/moment.ts");
  const { duration } = await import("../../lib/cli/values.ts");
  const [points, lengths] = await TOPICS.find(({ name }) => name === "times")!.sections(COMMANDS);
  for (const [section, type] of [[points, moment], [lengths, duration]] as const) {
    const forms = section!.rows.flatMap(([term]) => term.replaceAll("'", "").split(", "));
    assert.ok(forms.length >= 6);
    for (const form of forms) type.parse(form);
  }
});

Deno.test("how channels are counted is part of the help of channels", async () => {
  assert.match((await cli(["help", "channels"])).out, /^CHANNEL NUMBERS$/m);
});

Deno.test("a mistyped topic is answered with the nearest one", async () => {
  const { code, err } = await cli(["help", "credential"], { terminal: true });
  assert.equal(code, 2);
  assert.equal(err, "dhip: Unknown topic: credential\nhint: Did you mean dhip help credentials?\n");
});

Deno.test("every command, group and topic has a manual page, made of its help", async () => {
  const pages = await allPages();
  assert.equal(pages.length, 1 + COMMANDS.length + Object.keys(GROUPS).length + TOPICS.length);
  assert.equal(new Set(pages.map(manFile)).size, pages.length);
  for (const page of pages) {
    const words = page.name === "" ? [] : page.name.split(" ");
    assert.equal((await cli(["help", "--man", ...words])).out, pageMan(page));
    assert.equal((await cli(["help", ...words])).out, pageText(page, 80));
  }
});

/** What a page shows, without the blanks between. */
async function shown(file: string): Promise<string> {
  const { stdout, stderr, success } = await new Deno.Command("groff", {
    args: ["-man", "-ww", "-Tutf8", "-P-cbou", "-rLL=100n", file],
    env: { PATH: "/usr/bin:/bin" },
  }).output();
  const text = new TextDecoder();
  assert.ok(success);
  assert.equal(text.decode(stderr), "");
  return blank(text.decode(stdout));
}

function blank(text: string): string {
  return text.replace(/\s+/g, "");
}

peerTest("groff shows every manual page whole and without a warning", ["groff"], async () => {
  const file = await Deno.makeTempFile();
  try {
    const check = async (page: HelpPage) => {
      await Deno.writeTextFile(file, pageMan(page));
      const text = await shown(file);
      const { description, usage = "", sections, examples } = page;
      const rows = sections.flatMap(({ text = "", rows }) => [text, ...rows.flat()]);
      const lines = examples.flatMap(({ does, line }) => [does, line]);
      for (const words of [description, usage, ...rows, ...lines]) {
        assert.ok(text.includes(blank(words)), `${page.name}: ${words}`);
      }
    };
    for (const page of await allPages()) await check(page);
    await check({
      name: "call",
      section: 1,
      summary: "Odd characters",
      description: ".TH is no macro here, and neither 'this' nor \\fB nor \\(aq; ~^`\"-- grün",
      sections: [{ title: 'A "title"', rows: [[`"a" 'b'`, ".x"], ["\\n", "'y"]] }],
      examples: [{ does: ".Does", line: `.dot '{"a":"\\n"}' | x -` }],
    });
  } finally {
    await Deno.remove(file);
  }
});

/** Completions: what is offered, and that the shells' scripts ask for it rightly. */

import assert from "node:assert/strict";
import { COMMANDS, firstWords } from "../../lib/cli/registry.ts";
import { privateHome, writeShim } from "../support/cli_process.ts";
import { peerTest } from "../support/peers.ts";
import { cli, type FakeSurroundings } from "./_support.ts";

const TOML = `[devices.front]
host = "192.0.2.7"
password_command = "canary"
tags = ["hall", "door"]
[devices.friend]
host = "192.0.2.8"
password = "canary"
tags = ["hall"]
`;

const around: FakeSurroundings = {
  env: { XDG_CONFIG_HOME: "/c", DHIP_PASSWORD_FILE: "/canary" },
  files: { "/c/dhip/config.toml": { text: TOML, mode: 0o600 } },
  library: { connect: () => assert.fail("a completion contacts no device") },
};

/** The words offered for a line whose last word is being typed. */
async function offers(...words: string[]): Promise<string[]> {
  const { code, out, err, ran, asked } = await cli(["__complete", "--", ...words], around);
  assert.deepEqual([code, err, ran, asked], [0, "", [], []]);
  assert.ok(!out.includes("canary"));
  return out.split("\n").slice(0, -1).map((line) => line.split("\t")[0]!);
}

Deno.test("completions offer commands, sub-commands, options, values, names and tags", async () => {
  const cases: [string[], string[]][] = [
    [["inf"], ["info"]],
    [["-q", "inf"], ["info"]],
    [["-o", "json", "inf"], ["info"]],
    [["dev"], ["devices"]],
    [["devices", ""], ["list", "add", "remove", "test"]],
    [["devices", "re"], ["remove"]],
    [["help", "dev"], ["devices"]],
    [["help", "devices", "re"], ["remove"]],
    [["help", "cred"], ["credentials"]],
    [["help", "devices", "cred"], []],
    [["info", "--tim"], ["--timeout"]],
    [["devices", "add", "--pass"], ["--password-command", "--password-file"]],
    [["info", "-o", "n"], ["ndjson"]],
    [["info", "--output", ""], ["table", "json", "ndjson", "csv"]],
    [["info", "--output=c"], ["--output=csv"]],
    [["info", "--transport="], ["--transport=auto", "--transport=dhip", "--transport=http"]],
    [["--output=c"], ["--output=csv"]],
    [["simulate", "--fault", "late-"], ["late-reply", "late-setup"]],
    [["unlock", "--t"], ["--target"]],
    [["--ver"], ["--verbose", "--version"]],
    [["completions", "p"], ["powershell"]],
    [["info", ""], ["front", "friend", "@hall", "@door"]],
    [["info", "fro"], ["front"]],
    [["info", "@h"], ["@hall"]],
    [["info", "a,front,@d"], ["a,front,@door"]],
    [["info", "h", "-t", "fri"], ["friend"]],
    [["info", "h", "--", "fri"], ["friend"]],
    [["devices", "test", "@"], ["@hall", "@door"]],
    [["devices", "remove", "front", "fri"], ["friend"]],
    [["devices", "list", "--tag", "d"], ["door"]],
    [["call", "h", "fro"], []],
    [["call", "h", "M", "--binary-out", ""], [":files"]],
    [["call", "h", "M", "--binary-out=x"], [":files"]],
    [["info", "h", "-P", "fro"], []],
    [["info", "h", "--no-such="], []],
    [["192.0.2.7", ""], []],
  ];
  for (const [words, expected] of cases) {
    assert.deepEqual(await offers(...words), expected, words.join(" "));
  }
  assert.deepEqual((await offers("")).sort(), firstWords().sort());
});

Deno.test("every command and every option is offered", async () => {
  for (const { name } of COMMANDS) {
    const options = await offers(...name.split(" "), "-");
    const { out } = await cli([...name.split(" "), "--help"]);
    for (const [option] of out.matchAll(/^ {2}(?:-\w, | {4})--([\w-]+)/gm)) {
      assert.ok(options.includes(option.trim().replace(/^-\w, /, "")), `${name} ${option}`);
    }
  }
});

Deno.test("words come through a pipe too, so that none shows in a list of processes", async () => {
  const ask = async (stdin: string) => (await cli(["__complete"], { ...around, stdin })).out;
  assert.equal(await ask("info\0-P\0secret\0fro\0"), "front\t192.0.2.7\n");
  assert.equal(await ask("info\nfro\n"), "front\t192.0.2.7\n");
  assert.match(await ask("devices\0\0"), /^list\tList the devices/);
  assert.match(await ask(""), /^info\t/);
});

Deno.test("a broken or open config file disturbs no line that is typed", async () => {
  for (const file of [{ text: "not toml", mode: 0o600 }, { text: TOML, mode: 0o644 }]) {
    const files = { "/c/dhip/config.toml": file };
    const { code, out, err } = await cli(["__complete", "--", "info", ""], { ...around, files });
    assert.deepEqual([code, out, err], [0, "", ""]);
  }
});

/** What readline is given for a line with the cursor at its end. */
async function bashReplies(home: string, env: Record<string, string>, lines: string[]) {
  // COMP_WORDS as readline makes them: split at spaces and break characters, which are words too.
  const script = `
    eval "$(dhip completions bash)"
    COMP_WORDBREAKS=$' \\t\\n"\\'@><=;|&(:'
    while IFS= read -r COMP_LINE; do
      COMP_POINT=\${#COMP_LINE} COMP_WORDS=() word=
      for ((at = 0; at < COMP_POINT; at++)); do
        char=\${COMP_LINE:at:1}
        case $char in
          ' ') [[ -n $word ]] && COMP_WORDS+=("$word"); word= ;;
          [@=:]) [[ -n $word ]] && COMP_WORDS+=("$word"); COMP_WORDS+=("$char"); word= ;;
          *) word+=$char ;;
        esac
      done
      [[ -n $word || $COMP_LINE == *' ' ]] && COMP_WORDS+=("$word")
      COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
      _dhip
      echo "\${COMPREPLY[*]}"
    done`;
  const child = new Deno.Command("bash", {
    args: ["--norc", "-c", script],
    clearEnv: true,
    env: { ...env, PATH: `${home}:${env.PATH}` },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(lines.map((line) => `${line}\n`).join("")));
  await writer.close();
  const { stdout, stderr } = await child.output();
  assert.equal(new TextDecoder().decode(stderr), "");
  return new TextDecoder().decode(stdout).split("\n").slice(0, -1);
}

Deno.test("bash gets what belongs in place of the word that it replaces", async () => {
  await using home = await privateHome();
  await writeShim(home.path);
  await Deno.mkdir(`${home.path}/config/dhip`, { recursive: true });
  await Deno.writeTextFile(`${home.path}/config/dhip/config.toml`, TOML, { mode: 0o600 });
  const cases: [string, string][] = [
    ["dhip inf", "info"],
    ["dhip devices ", "list add remove test"],
    ["dhip info fr", "front friend"],
    ["dhip info @", "@hall @door"],
    ["dhip info @ha", "@hall"],
    ["dhip info front,fri", "front,friend"],
    ["dhip info front,@do", "@door"],
    ["dhip info x --output=js", "json"],
    ["dhip info x --output=", "table json ndjson csv"],
    ["dhip info x:5000 -o nd", "ndjson"],
    ["dhip info -t fro", "front"],
    ["dhip info x:50", ""],
  ];
  const replies = await bashReplies(home.path, home.env, cases.map(([line]) => line));
  assert.deepEqual(replies.map((reply, index) => [cases[index]![0], reply]), cases);
});

/** Shells that are asked whether they can read their script. PowerShell is not to be had here. */
const CHECKS: [string, string][] = [["bash", "-n"], ["zsh", "-n"], ["fish", "--no-execute"]];

for (const [shell, option] of CHECKS) {
  peerTest(`${shell} can read its script`, [shell], async () => {
    const { code, out } = await cli(["completions", shell]);
    assert.equal(code, 0);
    const file = await Deno.makeTempFile();
    try {
      await Deno.writeTextFile(file, out);
      const { success, stderr } = await new Deno.Command(shell, { args: [option, file] }).output();
      assert.ok(success, new TextDecoder().decode(stderr));
    } finally {
      await Deno.remove(file);
    }
  });
}

Deno.test("scripts hold no trace of their writing as TypeScript", async () => {
  for (const shell of ["bash", "zsh", "fish", "powershell"]) {
    const { out } = await cli(["completions", shell]);
    assert.ok(out.includes("dhip __complete"), shell);
    assert.ok(!/\\[$`]/.test(out), shell);
  }
  assert.equal((await cli(["completions", "csh"])).code, 2);
});

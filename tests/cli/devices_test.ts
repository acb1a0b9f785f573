/** `dhip devices`: list, add, remove, test. */

import assert from "node:assert/strict";
import { AuthError } from "../../lib/errors.ts";
import { dhip, privateHome } from "../support/cli_process.ts";
import { cli, devices, type FakeSurroundings, unreachable } from "./_support.ts";

const TOML = `[devices.front]
host = "192.0.2.7"
user = "eve"
password = "canary-1"
tags = ["hall"]

[devices.back]
host = "192.0.2.8:5001"
password_command = ["show", "canary-2"]
tags = ["hall", "yard"]
timeout = 2

[devices.attic]
host = "192.0.2.9"
password_file = "attic.pw"
`;

const around: FakeSurroundings = {
  env: { XDG_CONFIG_HOME: "/c", DHIP_PASSWORD: "p" },
  files: {
    "/c/dhip/config.toml": { text: TOML, mode: 0o600 },
    "/c/dhip/attic.pw": { text: "canary-3", mode: 0o600 },
  },
  programs: { "show canary-2": { stdout: new TextEncoder().encode("canary-2\n") } },
};

Deno.test("the list shows where passwords come from and never one of them", async () => {
  const table = await cli(["devices", "list", "-o", "table"], around);
  assert.match(table.out, /^NAME +HOST +USER +TAGS +PASSWORD +SETTINGS\n/);
  assert.match(table.out, /^front +192\.0\.2\.7 +eve +hall +in the config file/m);
  assert.match(table.out, /^back +192\.0\.2\.8:5001 +- +hall yard +from a command +timeout=2$/m);
  assert.match(table.out, /^attic .* in attic\.pw/m);
  const json = await cli(["devices", "list"], around);
  assert.deepEqual(JSON.parse(json.out)[1], {
    name: "back",
    host: "192.0.2.8:5001",
    user: null,
    tags: ["hall", "yard"],
    password: "command",
    settings: { timeout: 2 },
  });
  for (const { out, err } of [table, json]) assert.ok(!`${out}${err}`.includes("canary"));
  const tagged = await cli(["devices", "list", "--tag", "@yard", "-o", "csv"], around);
  assert.match(tagged.out, /^name,[^]*\nback,/);
  const none = await cli(["devices", "list"], { env: { XDG_CONFIG_HOME: "/n" } });
  assert.deepEqual([none.code, none.out], [0, "[]\n"]);
});

Deno.test("test logs in to each device once and has a row for each", async () => {
  const { library, logins } = devices(({ host }) =>
    host === "192.0.2.8" ? new AuthError("DHIP_AUTH_REFUSED", "Login refused", { host }) : {}
  );
  const { code, out, err } = await cli(["devices", "test"], { ...around, library, terminal: true });
  assert.equal(code, 6);
  assert.match(out, /^front +ok +eve$/m);
  assert.match(out, /^back +DHIP_AUTH_REFUSED/m);
  assert.match(err, /1 of 3 targets failed/);
  assert.deepEqual(logins.map(({ options }) => options.password).sort(), [
    "canary-1",
    "canary-2",
    "canary-3",
  ]);
  assert.ok(!`${out}${err}`.includes("canary"));
  const yard = await cli(["devices", "test", "@yard", "-o", "csv"], { ...around, library });
  assert.equal(yard.code, 4, "a single failure keeps its own exit code");
});

Deno.test("add and remove change the file and only what they should", async () => {
  await using home = await privateHome();
  const path = `${home.path}/config/dhip/config.toml`;
  const run = (...args: string[]) => dhip(["devices", ...args], { env: home.env });
  const added = await run(
    ...["add", "front", "192.0.2.7", "-u", "eve", "--tag", "hall", "--tag", "door"],
    ...["--password-command", "pass show 'front door'", "--http-port", "8080"],
  );
  assert.equal(added.code, 0, added.stderr);
  assert.equal(JSON.parse(added.stdout).password, "command");
  const front = `[devices.front]
host = "192.0.2.7"
user = "eve"
password_command = "pass show 'front door'"
http_port = 8080
tags = [ "hall", "door" ]
`;
  assert.equal(await Deno.readTextFile(path), front);
  assert.equal((await Deno.stat(path)).mode! & 0o777, 0o600);
  await Deno.writeTextFile(path, `# mine\n\n${front}`);
  assert.equal((await run("add", "back", "[2001:db8::7]:5001")).code, 0);
  const both = `# mine\n\n${front}\n[devices.back]\nhost = "[2001:db8::7]:5001"\n`;
  assert.equal(await Deno.readTextFile(path), both);
  const gone = await run("rm", "front", "-o", "json");
  assert.equal(gone.code, 0);
  assert.deepEqual(JSON.parse(gone.stdout).map(({ name }: { name: string }) => name), ["front"]);
  assert.equal(
    await Deno.readTextFile(path),
    '# mine\n\n[devices.back]\nhost = "[2001:db8::7]:5001"\n',
  );
});

Deno.test("add follows a link to the file, as dotfiles have them", async () => {
  await using home = await privateHome();
  const real = `${home.path}/dotfiles.toml`;
  await Deno.writeTextFile(real, "", { mode: 0o600 });
  await Deno.mkdir(`${home.path}/config/dhip`, { recursive: true });
  await Deno.symlink(real, `${home.path}/config/dhip/config.toml`);
  const { code, stderr } = await dhip(["devices", "add", "a", "h"], { env: home.env });
  assert.equal(code, 0, stderr);
  assert.equal(await Deno.readTextFile(real), '[devices.a]\nhost = "h"\n');
  // The permissions that count are those of the file behind the link.
  await Deno.writeTextFile(real, "[devices.a]\nhost = 'h'\npassword = 'p'\n");
  await Deno.chmod(real, 0o644);
  const open = await dhip(["devices", "list"], { env: home.env });
  assert.equal(open.code, 2);
  assert.match(open.stderr, /open to other users/);
});

Deno.test("add and remove refuse what would not be right", async () => {
  const cases: [string[], number, RegExp][] = [
    [["add", "front", "h"], 2, /has a device front already/],
    [["add", "info", "h"], 2, /has the name of a command/],
    [["add", "a,b", "h"], 2, /other characters/],
    [["add", "new", "dhip://eve:pw@h"], 2, /HOST must be/],
    [["add", "new", "h", "--password-file", "f", "--password-command", "c"], 2, /exclude/],
    [["add", "new", "h", "--tag", "a b"], 2, /tags without spaces/],
    [["remove", "frnt"], 2, /no device frnt/],
    [["remove"], 2, /NAME is missing/],
  ];
  for (const [argv, code, message] of cases) {
    const ran = await cli(["devices", ...argv], around);
    assert.equal(ran.code, code, argv.join(" "));
    assert.match(ran.err, message);
    assert.equal(ran.written.size, 0);
  }
  const inline = { "/c/dhip/config.toml": { text: "devices = { a = { host = 'x' } }\n" } };
  for (const argv of [["add", "b", "h"], ["remove", "a"]]) {
    const ran = await cli(["devices", ...argv], { ...around, files: inline });
    assert.deepEqual([ran.code, ran.written.size], [2, 0], ran.err);
  }
  const nowhere = await cli(["devices", "add", "a", "h"], {});
  assert.deepEqual([nowhere.code, JSON.parse(nowhere.err).error.code], [1, "DHIP_FILE"]);
});

Deno.test("a failure of a named device has its name", async () => {
  const { library } = devices(({ host }) => unreachable(host));
  const { err } = await cli(["info", "front", "-P", "p", "-q"], {
    ...around,
    library,
    terminal: true,
  });
  assert.match(err, /^dhip: front: Cannot connect/);
});

/** The config file: what it may say, and what is said about mistakes in it. */

import assert from "node:assert/strict";
import { parseConfig } from "../../lib/cli/config/parse_config.ts";
import { configFile, resolvePath, stateFolder } from "../../lib/cli/folders.ts";
import { firstWords } from "../../lib/cli/registry.ts";
import type { DhipError } from "../../lib/errors.ts";
import { cli, devices, type FakeSurroundings } from "./_support.ts";

const FULL = `
[defaults]
user = "operator"
timeout = "500ms"
concurrency = 3
output = "csv"
dhip_port = 5001

[devices.front]          # the door
host = "192.0.2.7:6000"
user = "eve"
password_command = ["pass", "show", "front"]
tags = ["hall", "door"]
rtsp_port = 5554
timeout = 2.5
allow_cleartext_login = true

[devices."cam.back"]
host = "[2001:db8::7]"
password_file = "back.pw"
`;

Deno.test("a config file is read in full", () => {
  const { defaults, devices } = parseConfig(FULL, "/c/config.toml");
  assert.deepEqual(defaults, {
    user: "operator",
    settings: { timeout: 500, concurrency: 3, output: "csv", dhipPort: 5001 },
  });
  assert.deepEqual([...devices.values()], [
    {
      name: "front",
      address: { host: "192.0.2.7", port: 6000 },
      user: "eve",
      password: { kind: "command", command: ["pass", "show", "front"] },
      tags: ["hall", "door"],
      settings: { rtspPort: 5554, timeout: 2500, allowCleartextLogin: true },
    },
    {
      name: "cam.back",
      address: { host: "2001:db8::7" },
      password: { kind: "file", path: "back.pw", folder: "/c" },
      tags: [],
      settings: {},
    },
  ]);
});

Deno.test("a mistake is named with its line, its place and what was meant", () => {
  const cases: [string, string, RegExp?][] = [
    ["[devices.a]\nhots = 'x'", "line 2: devices.a.hots is no setting", /^Did you mean host\?$/],
    ["[devices.a]\nuser = 'x'", "line 1: devices.a.host is missing"],
    ["[device.a]\nhost = 'x'", "line 1: device is no setting", /^Did you mean devices\?$/],
    ["\n[defaults]\n\nhost = 'x'", "line 4: defaults.host is no setting", /^Possible here: user,/],
    ["[defaults]\ntimeout = 'soon'", "line 2: defaults.timeout must be a time such as"],
    ["[defaults]\nconcurrency = 0", "line 2: defaults.concurrency must be a whole number"],
    ["[defaults]\noutput = 'xml'", "line 2: defaults.output must be one of table, json"],
    ["[devices.a]\nhost = 5", "line 2: devices.a.host must be a text in quotes"],
    ["[devices.a]\nhost = 'dhip://u@h'", "line 2: devices.a.host must be HOST"],
    ["[devices.a]\nhost = 'x'\ntags = 'hall'", "line 3: devices.a.tags must be a list of tags"],
    ["[devices.a]\nhost='x'\ntags = [\n'a b']", "line 3: devices.a.tags.0 must be tags without"],
    ["[devices.a]\nhost='x'\ndhip_port = 70000", "line 3: devices.a.dhip_port must be a whole"],
    [
      "[devices.a]\nhost = 'x'\npassword = 'p'\npassword_file = 'f'",
      "line 1: devices.a has several passwords",
    ],
    ["devices.a = 1", "line 1: devices.a must be a table"],
    ["[devices.info]\nhost = 'x'", "line 1: devices.info has the name of a command"],
    ["[devices.devices]\nhost = 'x'", "line 1: devices.devices has the name of a command"],
    ["[devices.'10.0.0.1']\nhost = 'x'", "looks like an address"],
    ["[devices.'a,b']\nhost = 'x'", "other characters than letters"],
    ["a = [1,", "line 1, column 5: unfinished array"],
    ["a = 'x\n", "line 1, column 7: control characters are not allowed"],
  ];
  for (const [text, message, hint] of cases) {
    assert.throws(() => parseConfig(text, "c.toml", firstWords()), (error: DhipError) => {
      assert.equal(error.code, "DHIP_CONFIG");
      assert.ok(error.message.includes(message), `${error.message}\nand not\n${message}`);
      if (hint !== undefined) assert.match(error.hint ?? "", hint);
      return true;
    });
  }
});

Deno.test("no message repeats a value: it may be a password", () => {
  const cases = [
    "password = canary",
    "[devices.a]\npassword = 'canary",
    "[devices.a]\nhost = 'canary:x'",
    "[devices.a]\nhost = 'x'\npassword = 'canary'\nbad = 'canary'",
    "[devices.a]\nhost = 'x'\npassword = ['canary']",
    "[defaults]\ntimeout = 'canary'",
    "[defaults]\npassword_command = { canary = 'canary' }",
    '[defaults]\npassword = "canary\\q"',
  ];
  for (const text of cases) {
    assert.throws(() => parseConfig(text, "c"), (error: DhipError) => {
      const told = `${error.message} ${error.hint} ${error.stack} ${Deno.inspect(error.cause)}`;
      assert.ok(!told.includes("canary"), told);
      return error.code === "DHIP_CONFIG";
    }, text);
  }
});

const TOML = "/c/dhip/config.toml";

function withConfig(text: string, mode = 0o600): FakeSurroundings {
  return {
    env: { XDG_CONFIG_HOME: "/c", DHIP_PASSWORD: "p" },
    files: { [TOML]: { text, mode }, "/other.toml": { text, mode } },
  };
}

Deno.test("a config file with a password that others may read is refused", async () => {
  const secret = "[devices.a]\nhost = 'x'\npassword = 'p'\n";
  const program = "[devices.a]\nhost = 'x'\npassword_command = 'p'\n";
  const open: [string, number, boolean][] = [
    [secret, 0o600, true],
    [secret, 0o400, true],
    [secret, 0o640, false],
    [secret, 0o604, false],
    [program, 0o644, true],
    [program, 0o666, false],
    [program, 0o620, false],
    ["[devices.a]\nhost = 'x'\n", 0o644, true],
  ];
  for (const [text, mode, good] of open) {
    const { code, err } = await cli(["devices", "list"], {
      ...withConfig(text, mode),
      terminal: true,
    });
    assert.equal(code, good ? 0 : 2, `${text} ${mode.toString(8)}`);
    if (!good) assert.match(err, /others? .*\(mode 6\d\d\)\nhint: chmod 600 \/c\/dhip\/config/);
  }
});

Deno.test("the file comes from --config, DHIP_CONFIG, or its usual place", async () => {
  const around = withConfig("[defaults]\nuser = 'filed'\n");
  const userOf = async (argv: string[], env: Record<string, string>) => {
    const { library, logins } = devices();
    const { code, err } = await cli(["info", "h", ...argv], { ...around, env, library });
    return code === 0 ? logins[0]!.options.user : JSON.parse(err).error.code;
  };
  const p = { DHIP_PASSWORD: "p" };
  assert.equal(await userOf([], p), "admin");
  assert.equal(await userOf([], { ...p, XDG_CONFIG_HOME: "/c" }), "filed");
  assert.equal(await userOf([], { ...p, XDG_CONFIG_HOME: "/none" }), "admin");
  assert.equal(await userOf([], { ...p, DHIP_CONFIG: "/other.toml" }), "filed");
  assert.equal(await userOf(["--config", "/other.toml"], p), "filed");
  assert.equal(await userOf(["--config=/none"], { ...p, DHIP_CONFIG: "/other.toml" }), "DHIP_FILE");
  assert.equal(await userOf([], { ...p, DHIP_CONFIG: "/none" }), "DHIP_FILE");
});

Deno.test("settings: option, environment, file, default; the device's own behind the option", async () => {
  const around = withConfig(
    "[defaults]\ntimeout = 1\noutput = 'csv'\n[devices.d]\nhost = 'h'\ntimeout = 2\n" +
      "dhip_port = 5002\nallow_cleartext_login = true\n",
  );
  const { library, logins } = devices();
  const run = (argv: string[], env = {}) =>
    cli(["info", ...argv], { ...around, library, env: { ...around.env, ...env } });
  assert.match((await run(["h"])).out, /^model,/);
  await run(["h"], { DHIP_TIMEOUT: "3" });
  await run(["d"], { DHIP_TIMEOUT: "3", DHIP_PORT: "5003" });
  await run(["d", "--timeout", "4", "-p", "5004"]);
  const seen = logins.map(({ target, options }) => [
    options.timeout,
    target.port ?? options.port,
    options.allowCleartext,
    options.device,
  ]);
  assert.deepEqual(seen, [
    [1000, undefined, false, "h"],
    [3000, undefined, false, "h"],
    [2000, 5002, true, "h:5002"],
    [4000, 5004, true, "h:5004"],
  ]);
});

Deno.test("commands that need no config file do not fail for a mistake in it", async () => {
  const around = withConfig("not toml");
  for (const argv of [["help"], ["info", "--help"], ["completions", "bash"], ["--version"]]) {
    assert.equal((await cli(argv, around)).code, 0, argv.join(" "));
  }
  assert.equal((await cli(["info", "h"], around)).code, 2);
  assert.equal((await cli(["h", "info"], around)).code, 2);
});

Deno.test("folders follow the XDG specification, and Windows has its own", () => {
  const env = (values: Record<string, string>) => (name: string) => values[name];
  assert.equal(configFile(env({ HOME: "/h" }), "linux"), "/h/.config/dhip/config.toml");
  assert.equal(stateFolder(env({ HOME: "/h" }), "darwin"), "/h/.local/state/dhip");
  assert.equal(stateFolder(env({ HOME: "/h", XDG_STATE_HOME: "/s" }), "linux"), "/s/dhip");
  assert.equal(stateFolder(env({ XDG_STATE_HOME: "relative" }), "linux"), undefined);
  assert.match(configFile(env({ APPDATA: "C:\\a" }), "windows")!, /^C:\\a.dhip.config\.toml$/);
  assert.equal(resolvePath("~/a", "/c", env({ HOME: "/h" })), "/h/a");
  assert.equal(resolvePath("a", "/c", env({})), "/c/a");
  assert.equal(resolvePath("/a", "/c", env({})), "/a");
});

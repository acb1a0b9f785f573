/** Where user and password come from, and in which order. */

import assert from "node:assert/strict";
import type { RunResult } from "../../lib/cli/io.ts";
import { cli, devices, type FakeSurroundings } from "./_support.ts";

/** The login that a line makes. */
async function login(
  argv: string[],
  around: FakeSurroundings = {},
): Promise<{ user: string | undefined; password: string; err: string }> {
  const { library, logins } = devices();
  const { code, err } = await cli(["info", ...argv], { ...around, library });
  assert.equal(code, 0, err);
  const [first] = logins;
  return { user: first!.options.user, password: first!.options.password, err };
}

const FILE = { "/pw": { text: "from file\n", mode: 0o100600 } };

Deno.test("the password's sources are asked in their order", async () => {
  const all = {
    env: { DHIP_PASSWORD_FILE: "/pw", DHIP_PASSWORD: "from variable" },
    files: FILE,
    typed: "from prompt",
    stdin: "from stdin\n",
  };
  const { DHIP_PASSWORD } = all.env;
  assert.equal((await login(["h", "-P", "from option"], all)).password, "from option");
  assert.equal((await login(["h", "--password-stdin"], all)).password, "from stdin");
  assert.equal((await login(["h"], all)).password, "from file");
  assert.equal((await login(["h"], { ...all, env: { DHIP_PASSWORD } })).password, "from variable");
  assert.equal((await login(["h"], { ...all, env: {} })).password, "from prompt");
});

Deno.test("the user's sources are asked in their order", async () => {
  const env = { DHIP_USER: "variable", DHIP_PASSWORD: "p" };
  assert.equal((await login(["dhip://url@h", "-u", "option"], { env })).user, "url");
  assert.equal((await login(["h", "-u", "option"], { env })).user, "option");
  assert.equal((await login(["h"], { env })).user, "variable");
  assert.equal((await login(["h"], { env: { ...env, DHIP_USER: "" } })).user, "admin");
});

Deno.test("a password on the command line works and is warned about", async () => {
  const { err } = await login(["h", "-P", "p"], { terminal: true });
  assert.match(err, /^warning: -P shows the password to all users/);
  assert.equal((await login(["h", "-P", "p", "--quiet"])).err, "");
});

Deno.test("any byte may stand in a password", async () => {
  const cases: [string, string][] = [
    ["p\nsecond line\n", "p"],
    ["no newline", "no newline"],
    ["\n", ""],
    [" spaces kept \n", " spaces kept "],
    ["carriage return kept\r\n", "carriage return kept\r"],
    ["-dash\n", "-dash"],
    ["pässwörd ✓\n", "pässwörd ✓"],
    ["\ufeffmark\n", "\ufeffmark"],
    ["nul\0byte\n", "nul\0byte"],
  ];
  for (const [stdin, password] of cases) {
    assert.equal((await login(["h", "--password-stdin"], { stdin })).password, password);
    const files = { "/pw": { text: stdin, mode: 0o600 } };
    const env = { DHIP_PASSWORD_FILE: "/pw" };
    assert.equal((await login(["h"], { files, env })).password, password);
  }
  assert.equal((await login(["h", "-P", ""])).password, "");
  assert.equal((await login(["h"], { env: { DHIP_PASSWORD: "" } })).password, "");
});

Deno.test("Enter alone at the prompt is no password, and no login is tried with it", async () => {
  const { library, logins } = devices();
  const { code, err } = await cli(["info", "h"], { library, typed: "", terminal: true });
  assert.equal(code, 2);
  assert.match(err, /No password was given/);
  assert.equal(logins.length, 0);
});

Deno.test("a password that ends in a carriage return is sent and told", async () => {
  const stdin = "p\r\n";
  const files = { "/pw": { text: stdin, mode: 0o600 } };
  const env = { DHIP_PASSWORD_FILE: "/pw" };
  for (const line of [{ argv: ["h", "--password-stdin"], stdin }, { argv: ["h"], files, env }]) {
    assert.match((await login(line.argv, line)).err, /carriage return/);
  }
  assert.doesNotMatch((await login(["h", "--password-stdin"], { stdin: "p\n" })).err, /carriage/);
});

Deno.test("what people and generators make as passwords works through every source", async () => {
  const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index))
    .join("");
  for (const password of [printable, "pässwörd ✓ пароль", "", "x".repeat(64)]) {
    const files = {
      "/pw": { text: `${password}\n`, mode: 0o600 },
      "/c/dhip/config.toml": { text: "", mode: 0o600 },
    };
    const toml = (text: string) => ({ ...files, "/c/dhip/config.toml": { text, mode: 0o600 } });
    const env = { XDG_CONFIG_HOME: "/c" };
    const programs = { show: { stdout: new TextEncoder().encode(`${password}\n`) } };
    const entry = (line: string) => toml(`[devices.d]\nhost = "h"\n${line}\n`);
    const ways: [string, string[], FakeSurroundings][] = [
      ["-P", ["h", "-P", password], {}],
      ["-P=", ["h", `-P=${password}`], {}],
      ["--password-stdin", ["h", "--password-stdin"], { stdin: `${password}\n` }],
      ["password_command", ["d"], { env, programs, files: entry('password_command = "show"') }],
      ["password_file", ["d"], { env, files: entry('password_file = "/pw"') }],
      ["password", ["d"], { env, files: entry(`password = ${JSON.stringify(password)}`) }],
      ["DHIP_PASSWORD_FILE", ["h"], { env: { DHIP_PASSWORD_FILE: "/pw" }, files }],
      ["DHIP_PASSWORD", ["h"], { env: { DHIP_PASSWORD: password } }],
      ["[defaults]", ["h"], {
        env,
        files: toml(`[defaults]\npassword = ${JSON.stringify(password)}`),
      }],
    ];
    if (password !== "") ways.push(["prompt", ["h"], { typed: password }]);
    for (const [name, argv, around] of ways) {
      assert.equal((await login(argv, around)).password, password, `${name} ${password}`);
    }
  }
});

/** A config file, and a program and a file with passwords. */
function named(toml: string): FakeSurroundings {
  return {
    env: { XDG_CONFIG_HOME: "/c", HOME: "/home/eve" },
    files: {
      "/c/dhip/config.toml": { text: toml, mode: 0o600 },
      "/c/dhip/near.pw": { text: "beside\n", mode: 0o600 },
      "/home/eve/home.pw": { text: "home\n", mode: 0o600 },
    },
    programs: {
      "pass show cam": { stdout: new TextEncoder().encode("printed\n") },
      "vault 'a b'": { stdout: new TextEncoder().encode("line 1\nline 2\n") },
    },
  };
}

Deno.test("a named device's own user and password go before the variables", async () => {
  const around = named(`
    [defaults]
    user = "everyone"
    password = "default"
    [devices.front]
    host = "192.0.2.7"
    user = "eve"
    password_command = ["pass", "show", "cam"]
    [devices.near]
    host = "192.0.2.8"
    password_file = "near.pw"
    [devices.home]
    host = "192.0.2.9"
    password_file = "~/home.pw"
    [devices.line]
    host = "192.0.2.10"
    password_command = "vault 'a b'"
    [devices.none]
    host = "192.0.2.11"
  `);
  const env = { ...around.env, DHIP_PASSWORD: "variable", DHIP_USER: "variable" };
  const cases: [string[], Record<string, string> | undefined, string | undefined, string][] = [
    [["front"], env, "eve", "printed"],
    [["front", "-P", "option"], env, "eve", "option"],
    [["front", "-u", "bob"], env, "bob", "printed"],
    [["dhip://url@front"], env, "url", "printed"],
    [["near"], env, "variable", "beside"],
    [["home"], env, "variable", "home"],
    [["line"], env, "variable", "line 1\nline 2"],
    [["none"], env, "variable", "variable"],
    [["none"], around.env, "everyone", "default"],
    [["192.0.2.99"], around.env, "everyone", "default"],
  ];
  for (const [argv, variables, user, password] of cases) {
    const found = await login(argv, { ...around, env: variables! });
    assert.deepEqual([found.user, found.password], [user, password], argv.join(" "));
  }
});

Deno.test("several devices: a run-wide password is never sent where one of its own is", async () => {
  const around = named(
    Array.from({ length: 10 }, (_, index) => {
      const own = index < 5 ? `password = "own-${index}"\n` : "";
      return `[devices.d${index}]\nhost = "192.0.2.${index}"\ntags = ["all"]\n${own}`;
    }).join(""),
  );
  const ways: [string[], FakeSurroundings][] = [
    [["-P", "wide"], {}],
    [["--password-stdin"], { stdin: "wide\n" }],
    [[], { env: { ...around.env, DHIP_PASSWORD: "wide" } }],
    [[], { typed: "wide" }],
  ];
  for (const [argv, more] of ways) {
    const { library, logins } = devices();
    const { code, asked } = await cli(["info", "@all", ...argv, "-q"], {
      ...around,
      ...more,
      library,
    });
    assert.equal(code, 0);
    const sent = logins.map(({ target, options }) => [target.host, options.password]).sort();
    assert.deepEqual(
      sent,
      Array.from(
        { length: 10 },
        (_, index) => [`192.0.2.${index}`, index < 5 ? `own-${index}` : "wide"],
      ),
    );
    assert.deepEqual(asked, more.typed === undefined ? [] : ["Password for 5 devices: "]);
  }
});

Deno.test("nothing is asked when every device has a password", async () => {
  const around = named(
    ["a", "b"].map((name) => `[devices.${name}]\nhost = "${name}"\npassword = "own"\n`).join(""),
  );
  const { library } = devices();
  const { asked } = await cli(["info", "a", "b"], { ...around, library, typed: "no" });
  assert.deepEqual(asked, []);
  const unused = await cli(["info", "a,b", "-P", "wide"], { ...around, library });
  assert.match(unused.err, /Each device has a password of its own; the one given here is not used/);
});

Deno.test("a password_command that fails says so, with its stderr and never its stdout", async () => {
  const stdout = new TextEncoder().encode("canary");
  const cases: [Partial<RunResult> | Error, RegExp][] = [
    [{ code: 3, stdout, stderr: "locked\nstore\n" }, /of d ended with code 3: locked; store$/],
    [{ end: "timeout", code: 137, stdout }, /did not end within 60 s$/],
    [{ end: "output", code: 137, stdout }, /printed more than 4096 bytes$/],
    [new Deno.errors.NotFound("nope"), /cannot be started$/],
    [{ stdout: new Uint8Array() }, /output of the password_command of d is empty$/],
    [{ stdout: new Uint8Array([0xff]) }, /holds no UTF-8 text$/],
  ];
  for (const [result, message] of cases) {
    const around = named('[devices.d]\nhost = "h"\npassword_command = "x"\n');
    const { library, logins } = devices();
    const run = await cli(["info", "d", "-vv"], { ...around, library, programs: { x: result } });
    const [line] = run.err.split("\n");
    const { error } = JSON.parse(line!);
    assert.deepEqual([run.code, error.code, logins.length], [2, "DHIP_NO_PASSWORD", 0]);
    assert.match(error.message, message);
    assert.ok(!`${run.out}${run.err}`.includes("canary"));
  }
});

Deno.test("of several devices only the one whose password_command fails is left out", async () => {
  const around = named(
    '[devices.a]\nhost = "a"\npassword_command = "x"\n[devices.b]\nhost = "b"\npassword = "p"\n',
  );
  const { library, logins } = devices();
  const { code } = await cli(["info", "a,b"], { ...around, library });
  assert.deepEqual([code, logins.map(({ target }) => target.host)], [6, ["b"]]);
});

Deno.test("a password file that others may read is refused", async () => {
  for (const mode of [0o644, 0o640, 0o604, 0o610, 0o602]) {
    const { library, logins } = devices();
    const { code, err } = await cli(["info", "h"], {
      terminal: true,
      library,
      env: { DHIP_PASSWORD_FILE: "/pw" },
      files: { "/pw": { text: "canary", mode } },
    });
    assert.deepEqual([code, logins.length], [2, 0]);
    assert.match(err, /open to other users \(mode 6\d\d\)\nhint: chmod 600 \/pw\n$/);
  }
});

Deno.test("without a password nothing is sent and the ways to give one are told", async () => {
  const { library, logins } = devices();
  const missing = [
    await cli(["info", "h"], { library }),
    await cli(["info", "h", "--password-stdin"], { library, stdin: "" }),
    await cli(["info", "h", "--password-stdin"], { library, stdin: new Uint8Array([0xff, 0xfe]) }),
  ];
  for (const { code, err } of missing) {
    assert.equal(code, 2);
    assert.equal(JSON.parse(err).error.code, "DHIP_NO_PASSWORD");
  }
  const noFile = await cli(["info", "h"], { library, env: { DHIP_PASSWORD_FILE: "/none" } });
  assert.deepEqual([noFile.code, JSON.parse(noFile.err).error.code], [1, "DHIP_FILE"]);
  assert.match(missing[0]!.err, /--password-stdin, DHIP_PASSWORD_FILE, DHIP_PASSWORD or -P/);
  assert.equal(logins.length, 0);
});

Deno.test("one question is enough for several devices", async () => {
  const { library, logins } = devices();
  const { asked } = await cli(["info", "a,b", "-t", "c"], { library, typed: "p" });
  assert.deepEqual(asked, ["Password for 3 devices: "]);
  assert.deepEqual(logins.map(({ options }) => options.password), ["p", "p", "p"]);
  const single = await cli(["info", "dhip://eve@h:5001"], { library, typed: "p" });
  assert.deepEqual(single.asked, ["Password for eve@h:5001: "]);
});

Deno.test("two sources on one line are a usage error", async () => {
  assert.equal((await cli(["info", "h", "-P", "p", "--password-stdin"])).code, 2);
  const params = ["call", "h", "M", "--params", "-", "--password-stdin"];
  assert.equal((await cli(params, { stdin: "x" })).code, 2);
});

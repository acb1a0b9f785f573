/** Where user and password come from, and in which order. */

import assert from "node:assert/strict";
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
  assert.equal((await login(["h"], { typed: "" })).password, "");
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
    await cli(["info", "h"], { library, env: { DHIP_PASSWORD_FILE: "/none" } }),
    await cli(["info", "h", "--password-stdin"], { library, stdin: new Uint8Array([0xff, 0xfe]) }),
  ];
  for (const { code, err } of missing) {
    assert.equal(code, 2);
    assert.equal(JSON.parse(err).error.code, "DHIP_NO_PASSWORD");
  }
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

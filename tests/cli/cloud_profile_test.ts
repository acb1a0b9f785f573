/** Where the P2P cloud's profile comes from, and what is said when there is none. */

import assert from "node:assert/strict";
import { parseConfig } from "../../lib/cli/config/parse_config.ts";
import type { DhipError } from "../../lib/errors.ts";
import type { TunnelOptions } from "../../lib/p2p/tunnel.ts";
import { cli, FakeDevice, type FakeSurroundings, type Ran } from "./_support.ts";

const KEY = "cAnary-key 7";
const TOML = "/c/dhip/config.toml";
const FULL = `
[cloud]
host = "p2p.example"
username = "exampleuser"
key = "${KEY}"

[cloud.other]
host = "192.0.2.99"
port = 8801
username = "else"
key_file = "other.key"
dialect = "nf"

[devices.gate]
serial = "EXAMPLE0001"
cloud = "other"
auth = "none"

[devices.hall]
host = "sn:EXAMPLE0002"
`;

/** Runs `dhip info WORDS` and tells which tunnels were asked for. */
async function run(
  words: readonly string[],
  around: FakeSurroundings = {},
): Promise<Ran & { tunnels: TunnelOptions[] }> {
  const tunnels: TunnelOptions[] = [];
  const ran = await cli(["info", ...words], {
    ...around,
    env: { XDG_CONFIG_HOME: "/c", DHIP_PASSWORD: "p", ...around.env },
    library: {
      tunnel: (options) => {
        tunnels.push(options);
        return Promise.resolve({
          host: `sn:${options.serial}`,
          dial: () => Promise.reject(new Error("not dialled")),
          ready: () => Promise.resolve(),
          stats: () => ({
            path: "direct",
            roundTrip: 1,
            loss: 0,
            bytesIn: 0,
            bytesOut: 0,
            connections: 0,
          }),
          close: () => Promise.resolve(),
        });
      },
      connect: (target, { dialer }) => {
        assert.equal(dialer?.host, target.host);
        return Promise.resolve(new FakeDevice());
      },
    },
  });
  assert.ok(!`${ran.out}${ran.err}`.includes(KEY), "the key shows");
  return { ...ran, tunnels };
}

const withFile = (text: string, mode = 0o600): FakeSurroundings => ({
  files: { [TOML]: { text, mode }, "/c/dhip/other.key": { text: "other-key\n", mode: 0o600 } },
});

Deno.test("a profile comes from [cloud], from [cloud.NAME], and from a device's entry", async () => {
  const base = {
    host: "p2p.example",
    port: 8800,
    username: "exampleuser",
    key: KEY,
    dialect: "dh",
  };
  const other = {
    host: "192.0.2.99",
    port: 8801,
    username: "else",
    key: "other-key",
    dialect: "nf",
  };
  const cases: [string[], unknown, string, unknown][] = [
    [["sn:EXAMPLE0009"], base, "EXAMPLE0009", undefined],
    [["sn:EXAMPLE0009", "--cloud", "other"], other, "EXAMPLE0009", undefined],
    [["gate"], other, "EXAMPLE0001", "none"],
    [["gate", "--auth", "device"], other, "EXAMPLE0001", "device"],
    [["hall"], base, "EXAMPLE0002", undefined],
    [["dhip://eve@sn:EXAMPLE0002"], base, "EXAMPLE0002", undefined],
  ];
  for (const [words, profile, serial, auth] of cases) {
    const { code, err, tunnels } = await run(words, withFile(FULL));
    assert.equal(code, 0, err);
    assert.deepEqual(tunnels.map(({ profile, serial, auth }) => ({ profile, serial, auth })), [
      { profile, serial, auth },
    ]);
    const { user } = tunnels[0]!.credentials!;
    assert.equal(user, words[0]!.includes("eve") ? "eve" : "admin");
  }
});

Deno.test("the environment goes before [cloud], and not before a named cloud", async () => {
  const env = {
    DHIP_CLOUD_HOST: "env.example",
    DHIP_CLOUD_PORT: "9",
    DHIP_CLOUD_USER: "env",
    DHIP_CLOUD_KEY: "env-key",
    DHIP_CLOUD_DIALECT: "nf",
  };
  const { tunnels: [first] } = await run(["sn:A1"], { ...withFile(FULL), env });
  const inEnv = { host: "env.example", port: 9, username: "env", key: "env-key", dialect: "nf" };
  assert.deepEqual(first!.profile, inEnv);
  const { tunnels: [alone] } = await run(["sn:A1"], { env });
  assert.deepEqual(alone!.profile, inEnv);
  const { tunnels: [part] } = await run(["sn:A1"], {
    ...withFile(FULL),
    env: { DHIP_CLOUD_HOST: "env.example" },
  });
  assert.deepEqual([part!.profile.host, part!.profile.key], ["env.example", KEY]);
  const { tunnels: [named] } = await run(["gate"], { ...withFile(FULL), env });
  assert.equal(named!.profile.host, "192.0.2.99");
  const keyFile = { ...env, DHIP_CLOUD_KEY_FILE: "/c/dhip/other.key" };
  const { tunnels: [filed] } = await run(["sn:A1"], { ...withFile(FULL), env: keyFile });
  assert.equal(filed!.profile.key, "other-key");
});

Deno.test("one serial is one tunnel, however often it is named", async () => {
  const { code, tunnels } = await run(["gate", "sn:EXAMPLE0001", "-t", "hall"], withFile(FULL));
  assert.equal(code, 0);
  assert.deepEqual(tunnels.map(({ serial }) => serial).sort(), ["EXAMPLE0001", "EXAMPLE0002"]);
});

Deno.test("without a profile two lines say what is needed and where it goes", async () => {
  const { code, err, asked } = await run(["sn:A1", "-o", "table"], {
    typed: "p",
    env: { DHIP_PASSWORD: "" },
  });
  assert.equal(code, 2);
  assert.deepEqual(asked, [], "nobody is asked for a password that helps nobody");
  const lines = err.trim().split("\n");
  assert.equal(lines.length, 2);
  assert.match(lines[0]!, /^dhip: No P2P cloud is configured: .* needs host, username and key/);
  assert.match(lines[1]!, /^hint: .*\[cloud\] in \/c\/dhip\/config\.toml.*DHIP_CLOUD_KEY_FILE/);
});

Deno.test("what is missing or wrong in a profile is named", async () => {
  const cloud = (text: string) => withFile(`[cloud]\n${text}`);
  const cases: [string[], FakeSurroundings, string, RegExp][] = [
    [["sn:A"], cloud('host = "h"'), "DHIP_P2P_NO_PROFILE", /has no username and key/],
    [["sn:A"], cloud('host = "h"\nusername = "u"'), "DHIP_P2P_NO_PROFILE", /has no key/],
    [["sn:A"], { env: { DHIP_CLOUD_KEY: "k" } }, "DHIP_P2P_NO_PROFILE", /no host and username/],
    [["sn:A", "--cloud", "b"], withFile(FULL), "DHIP_USAGE", /no such cloud/],
    [
      ["sn:A"],
      cloud('host = "a b"\nusername = "u"\nkey = "k"'),
      "DHIP_P2P_NO_PROFILE",
      /host is no name/,
    ],
    [
      ["sn:A"],
      cloud('host = "h"\nusername = "u"\nkey_file = "nowhere"'),
      "DHIP_FILE",
      /The key_file of \[cloud\] cannot be read/,
    ],
    [
      ["sn:A"],
      cloud('host = "h"\nusername = "u"\nkey_command = "no-such"'),
      "DHIP_P2P_NO_PROFILE",
      /The key_command of \[cloud\] cannot be started/,
    ],
    [["sn:A"], { env: { DHIP_CLOUD_PORT: "x" } }, "DHIP_USAGE", /DHIP_CLOUD_PORT must be/],
    [["sn:A"], { env: { DHIP_CLOUD_DIALECT: "x" } }, "DHIP_USAGE", /DHIP_CLOUD_DIALECT must be/],
  ];
  for (const [words, around, name, message] of cases) {
    const { code, err } = await run(words, around);
    assert.equal(code, name === "DHIP_FILE" ? 1 : 2, err);
    const { error } = JSON.parse(err);
    assert.equal(error.code, name, err);
    assert.match(error.message, message);
    assert.ok(name === "DHIP_USAGE" || error.hint, err);
  }
});

Deno.test("a key is guarded like a password: the file's mode counts", async () => {
  const open = await run(["sn:A"], withFile(FULL, 0o644));
  assert.equal(open.code, 2);
  assert.match(open.err, /holds a key and is open to other users \(mode 644\)/);
  const command = FULL.replace(/^key = .*$/m, 'key_command = ["pass", "cloud"]');
  const written = await run(["sn:A"], withFile(command, 0o666));
  assert.match(written.err, /has a key_command and others may write it/);
  const ran = await run(["sn:A"], {
    ...withFile(command, 0o644),
    programs: { "pass cloud": { stdout: new TextEncoder().encode("from-pass\n") } },
  });
  assert.equal(ran.code, 0, ran.err);
  assert.equal(ran.tunnels[0]!.profile.key, "from-pass");
});

Deno.test("mistakes of [cloud] and of serials are named with their line", () => {
  const cases: [string, string][] = [
    ["[cloud]\nhots = 'x'", "line 2: cloud.hots must be a table"],
    ["[cloud]\nport = 0", "line 2: cloud.port must be a whole number"],
    ["[cloud]\ndialect = 'xx'", "line 2: cloud.dialect must be dh or nf"],
    ["[cloud]\nkey = 'a'\nkey_file = 'b'", "line 1: cloud has several keys"],
    ["[cloud.a]\nhots = 'x'", "line 2: cloud.a.hots is no setting"],
    ["[cloud.a]\nkey = 'a'\nkey_command = 'b'", "line 1: cloud.a has several keys"],
    ["[devices.a]\nserial = 'a b'", "line 2: devices.a.serial must be of letters"],
    ["[devices.a]\nserial = 'a'\nhost = 'b'", "line 1: devices.a has a host and a serial"],
    ["[devices.a]\nuser = 'x'", "line 1: devices.a.host is missing"],
  ];
  for (const [text, message] of cases) {
    assert.throws(() => parseConfig(text, "c.toml"), (error: DhipError) => {
      assert.equal(error.code, "DHIP_CONFIG");
      assert.ok(error.message.includes(message), `${error.message}\nand not\n${message}`);
      return true;
    });
  }
});

Deno.test("devices add takes a serial number, and leaves clouds as they are", async () => {
  const files = { [TOML]: { text: FULL, mode: 0o600 } };
  const add = await cli(["devices", "add", "yard", "sn:EXAMPLE0003"], {
    files,
    env: { XDG_CONFIG_HOME: "/c" },
  });
  assert.equal(add.code, 0, add.err);
  const written = new TextDecoder().decode(add.written.get(TOML));
  assert.ok(written.startsWith(FULL.trimEnd()));
  const { devices } = parseConfig(written, TOML);
  assert.deepEqual(devices.get("yard")!.address, { host: "sn:EXAMPLE0003", serial: "EXAMPLE0003" });
  const list = await cli(["devices", "list"], { files, env: { XDG_CONFIG_HOME: "/c" } });
  assert.deepEqual(JSON.parse(list.out).map(({ host }: { host: string }) => host), [
    "sn:EXAMPLE0001",
    "sn:EXAMPLE0002",
  ]);
  assert.ok(!list.out.includes(KEY));
});

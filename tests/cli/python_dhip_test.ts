/** Lines in python-dhip's form: what they mean, and what they print. */

import assert from "node:assert/strict";
import { nativeLine, translatePython } from "../../lib/cli/python_dhip.ts";
import { Words } from "../../lib/cli/usage.ts";
import type { DhipError } from "../../lib/errors.ts";
import { cli, devices, reply } from "./_support.ts";

const translate = (line: string[]) => translatePython(line, new Words(line));

Deno.test("python-dhip's lines mean native ones", () => {
  const call = (
    params: string,
    ...more: string[]
  ) => ["call", "h", "M", ...more, `--params=${params}`, "--envelope"];
  const cases: [string[], string[], string?][] = [
    [["h", "info"], ["info", "h"]],
    [["h", "-m", "M"], call("{}")],
    [["-m", "M", "h"], call("{}")],
    [["h", "-mM"], call("{}")],
    [["h", "--method=M", "--params", '{"a":1}'], call('{"a":1}')],
    [["h", "call", "M"], call("{}")],
    [["h", "call", "M", "--params", "[]"], call("[]")],
    [["h", "call", "--params=[]", "M"], call("[]")],
    [["h", "call", "--par", "[]", "M"], call("[]")],
    [["h", "call", "--params", "-5", "M"], call("-5")],
    [["h", "-p", "5001", "info"], ["info", "h", "--dhip-port=5001"]],
    [["-p5001", "h", "info"], ["info", "h", "--dhip-port=5001"]],
    [["-p=5001", "h", "info"], ["info", "h", "--dhip-port=5001"]],
    [["--port", "5001", "-u", "eve", "h", "info"], ["info", "h", "--dhip-port=5001", "--user=eve"]],
    [["--us=eve", "h", "info"], ["info", "h", "--user=eve"]],
    [["-v", "h", "info"], ["info", "h", "-v"]],
    [["-vv", "h", "info"], ["info", "h", "-vv"]],
    [["-vueve", "h", "info"], ["info", "h", "--user=eve", "-v"]],
    [["-P", "pw", "h", "info"], ["info", "h"], "pw"],
    [["h", "-Ppw", "info"], ["info", "h"], "pw"],
    [["h", "--pass", "pw", "info"], ["info", "h"], "pw"],
    [["h", "--password=-x", "info"], ["info", "h"], "-x"],
    [["h", "-P", "-a b", "info"], ["info", "h"], "-a b"],
    [["h", "-P", "-5", "info"], ["info", "h"], "-5"],
    [["h", "-P", "", "info"], ["info", "h"], ""],
    [["h", "-P", "--", "-x", "info"], ["info", "h"], "-x"],
    [["h", "-P", "info", "info"], ["info", "h"], "info"],
    [["--", "h", "info"], ["info", "h"]],
    [["::1", "info"], ["info", "[::1]"]],
    [["h", "info", "-v"], ["info", "h", "-v"]],
    [["h", "--timeout", "3", "--password-stdin", "info"], [
      "info",
      "h",
      "--timeout=3",
      "--password-stdin",
    ]],
    [["h", "users"], ["user", "list", "h"]],
    [["h", "title"], ["overlay", "title", "h"]],
    [["h", "title", "--channel", "3"], ["overlay", "title", "h"]],
    [["h", "title", "A b", "--channel=1"], ["overlay", "title", "h", "A b", "--channel=2"]],
    [["h", "title", "A"], ["overlay", "title", "h", "A", "--channel=1"]],
    [["h", "config", "NTP"], ["config", "get", "h", "NTP", "--secrets"]],
    [["h", "config", "NTP", "--set", '{"a":1}'], [
      "call",
      "h",
      "configManager.setConfig",
      '--params={"name":"NTP","table":{"a":1}}',
      "--envelope",
    ]],
    [["h", "events"], ["events", "h"]],
    [["h", "events", "--codes"], ["events", "h"]],
    [["h", "events", "--codes", "A", "B"], ["events", "h", "--code=A,B"]],
    [["h", "events", "--codes=A", "-v"], ["events", "h", "-v", "--code=A"]],
    [["h", "events", "--codes", "A", "B", "-v"], ["events", "h", "-v", "--code=A,B"]],
    [["192.0.2.7", "-h"], ["help"]],
    [["h", "info", "--help"], ["help", "info"]],
    [["h", "users", "-h"], ["help", "user", "list"]],
    [["h", "title", "x", "--help"], ["help", "overlay", "title"]],
  ];
  for (const [line, argv, password] of cases) {
    assert.deepEqual(translate(line), { argv, password }, line.join(" "));
  }
});

Deno.test("what python-dhip refuses or silently ignores is a usage error", () => {
  const cases: [string[], RegExp][] = [
    [["192.0.2.7"], /^Nothing to do/],
    [["h", "-m", "M", "info"], /^-m and --params do not go with a subcommand$/],
    [["h", "--params", "{}", "call", "M"], /^-m and --params do not go with a subcommand$/],
    [["h", "call"], /^METHOD is missing$/],
    [["h", "config"], /^NAME is missing$/],
    [["h", "config", "NTP", "--set", "{"], /^The value of --set is not JSON$/],
    [["h", "info", "x"], /^Unexpected argument: "x"$/],
    [["h", "-p", "http", "info"], /^-p must be a whole number$/],
    [["h", "-u"], /^-u needs a value$/],
    [["h", "-u", "-v", "info"], /^-u needs a value$/],
    [["h", "--pa", "x", "info"], /^Ambiguous option: .* could be --password, --params$/],
    [["h", "--bad", "info"], /^Unknown option: --bad$/],
    [["h", "--verbose=1", "info"], /^--verbose takes no value$/],
    [["192.0.2.7", "inof"], /^Unknown command: "inof"$/],
    [["h", "services"], /^"services" is no command of python-dhip's form$/],
  ];
  for (const [line, message] of cases) {
    assert.throws(() => translate(line), (error: DhipError) => {
      assert.equal(error.code, "DHIP_USAGE");
      assert.match(error.message, message, line.join(" "));
      return true;
    });
  }
});

Deno.test("each subcommand has a help", async () => {
  const names = "info config users ptz snapshot events stream rtsp title files discover call";
  for (const name of names.split(" ")) {
    const { code, out } = await cli(["192.0.2.7", name, "--help"]);
    assert.equal(code, 0, name);
    assert.match(out, /^USAGE$/m);
  }
});

const GETTERS: Record<string, Record<string, unknown>> = {
  "magicBox.getSystemInfo": { params: { deviceType: "IPC-1" } },
  "magicBox.getSoftwareVersion": { params: { version: { Version: "2.8" } } },
  "magicBox.getVendor": { params: { Vendor: "Dahua" } },
  "magicBox.getSerialNo": { params: { sn: "SN1" } },
  "magicBox.getMemoryInfo": { params: { total: 2, free: 1 } },
  "global.getCurrentTime": { result: "2026-06-18 11:46:19", params: null },
};

Deno.test("info prints python-dhip's object, even on a terminal", async () => {
  const { library, logins } = devices(() => ({
    reply: (method) => reply({ result: true, ...GETTERS[method] }),
  }));
  const { code, out, err } = await cli(["h", "-u", "eve", "info"], { library, terminal: true });
  assert.equal(code, 0);
  assert.equal(err, "native form: dhip info h --user=eve\n");
  assert.equal(
    out,
    JSON.stringify(
      {
        systemInfo: { deviceType: "IPC-1" },
        softwareVersion: { Version: "2.8" },
        vendor: "Dahua",
        serial: "SN1",
        memory: { total: 2, free: 1 },
        time: "2026-06-18 11:46:19",
      },
      undefined,
      2,
    ) + "\n",
  );
  assert.equal(logins[0]!.options.password, "", "python-dhip's default password is empty");
  assert.equal(logins[0]!.options.user, "eve");
});

Deno.test("-m and call print the whole reply and send {} where nothing is given", async () => {
  const seen: unknown[] = [];
  const { library } = devices(() => ({
    reply: (_method, params) => {
      seen.push(params);
      return reply({ result: true, params: { name: "Tür" } });
    },
  }));
  const text = '{\n  "id": 3,\n  "session": 7,\n  "result": true,\n  "params": {\n' +
    '    "name": "Tür"\n  }\n}\n';
  assert.equal((await cli(["h", "-m", "M"], { library, terminal: true })).out, text);
  assert.equal((await cli(["h", "call", "M", "--params", "[1]"], { library })).out, text);
  assert.deepEqual(seen, [{}, [1]]);
});

Deno.test("our sources of a password go before python-dhip's empty one", async () => {
  const { library, logins } = devices(() => ({ reply: () => reply({ result: true }) }));
  const env = { DHIP_PASSWORD: "variable" };
  await cli(["h", "-m", "M"], { library, env });
  await cli(["h", "-P", "option", "-m", "M"], { library, env });
  await cli(["h", "--password-stdin", "-m", "M"], { library, env, stdin: "stdin\n" });
  await cli(["h", "-m", "M"], { library, typed: "never asked" });
  assert.deepEqual(logins.map(({ options }) => options.password), [
    "variable",
    "option",
    "stdin",
    "",
  ]);
});

Deno.test("errors and exit codes of python-dhip's lines are ours, as text", async () => {
  const refused = devices(() => ({
    reply: () => reply({ result: false, error: { code: 268894210 } }),
  }));
  const { code, err } = await cli(["h", "-m", "x.y", "-q"], refused);
  assert.equal(code, 5);
  assert.match(err, /^dhip: /);
  const usage = await cli(["h", "-m", "M", "--params", "{bad"], {});
  assert.equal(usage.code, 2);
});

Deno.test("the native line is one to copy and holds no secret", () => {
  const line = ["h", "-P", "canary", "-u", "o'neil", "call", "M", "--params", '{"a b":1}'];
  assert.equal(
    nativeLine(translate(line)),
    `dhip call h M --user='o'\\''neil' --params='{"a b":1}' --envelope`,
  );
  const tables = [
    ["WLan", { eth2: { PSK: "canary" } }],
    ["RemoteDevice", { System_0: { Url: "rtsp://admin:canary@192.0.2.8/" } }],
    ["SNMP", { WriteCommon: "canary" }],
  ] as const;
  for (const [name, table] of tables) {
    const line = nativeLine(translate(["h", "config", name, "--set", JSON.stringify(table)]));
    assert.ok(!line.includes("canary"), line);
  }
  const secret = ["h", "call", "M", "--params", '{"user":{"Password":"canary"}}'];
  assert.ok(!nativeLine(translate(secret)).includes("canary"));
});

/** A password shows in no byte of output, whatever goes wrong. */

import assert from "node:assert/strict";
import { DhipError } from "../../lib/errors.ts";
import { cli, devices, type FakeSurroundings, reply } from "./_support.ts";

const CANARY = "k4n4ry-Ps";

/** Ways to give the password: words of the line, and surroundings. */
const WAYS: [string[], FakeSurroundings][] = [
  [["-P", CANARY], {}],
  [[`-P${CANARY}`], {}],
  [[`-P=${CANARY}`], {}],
  [[`--password=${CANARY}`], {}],
  [["--password-stdin"], { stdin: `${CANARY}\n` }],
  [[], { env: { DHIP_PASSWORD: CANARY } }],
  [[], {
    env: { DHIP_PASSWORD_FILE: "/pw" },
    files: { "/pw": { text: `${CANARY}\n`, mode: 0o600 } },
  }],
  [[], { typed: CANARY }],
  [[], configured(`password = "${CANARY}"`)],
  [[], configured('password_command = ["show"]')],
];

/** The devices of the lines, with a password from a config file. */
function configured(source: string): FakeSurroundings {
  const entries = ["h", "a", "b"].map((name) => `[devices.${name}]\nhost = "${name}"\n${source}\n`);
  return {
    env: { XDG_CONFIG_HOME: "/c" },
    files: { "/c/dhip/config.toml": { text: entries.join(""), mode: 0o600 } },
    programs: { show: { stdout: new TextEncoder().encode(`${CANARY}\n`) } },
  };
}

const LINES = [
  ["info", "h"],
  ["info", "a,b"],
  ["call", "h", "x.y", "--params", "{}"],
  ["call", "h", "x.y", "--envelope"],
  ["services", "h"],
  ["devices", "test", "a,b,h"],
  ["devices", "list"],
  ["unlock", "h"],
];
const LOUD = [["-vv"], ["-vv", "--log-json"], ["-vv", "-o", "table"], ["-vv", "-o", "csv"]];

async function silent(argv: string[], around: FakeSurroundings): Promise<void> {
  const { out, err, asked } = await cli(argv, around);
  assert.ok(!`${out}${err}${asked}`.includes(CANARY), `${argv.join(" ")}:\n${out}${err}`);
}

Deno.test("no command shows the password, done or failed", async () => {
  const worlds = [
    devices(() => ({ reply: () => reply({ result: true, params: { a: 1 } }) })),
    devices(() => ({ reply: () => reply({ result: false, error: { code: 268894210 } }) })),
    devices(() => new DhipError("DHIP_AUTH_REFUSED", "Login refused", { cause: new Error("x") })),
    devices(() => new Error("defect", { cause: new TypeError("deeper") })),
  ];
  for (const { library } of worlds) {
    for (const [words, around] of WAYS) {
      for (const line of LINES) {
        for (const loud of LOUD) {
          await silent([...line, ...words, ...loud], { ...around, library });
        }
      }
    }
  }
});

Deno.test("no line of python-dhip's form shows the password", async () => {
  const { library } = devices(() => ({ reply: () => reply({ result: true }) }));
  for (const [words, around] of WAYS) {
    if (words[0]?.startsWith("-P") === false && words.length > 0 && !around.stdin) continue;
    for (const line of [["info"], ["call", "x.y"], ["ptz", "home"], ["inof"], []]) {
      for (const loud of [[], ["-v"], ["-vv"]]) {
        await silent(["h", ...words, ...loud, ...line], { ...around, library });
      }
    }
  }
});

Deno.test("no usage error repeats what may be a part of the password", async () => {
  const lines = [
    // An unquoted password with spaces.
    ["info", "h", "-P", "my", "-o", "bad", CANARY],
    ["services", "h", "-P", "my", "s", CANARY],
    ["call", "h", "-P", "my", "a.b", CANARY],
    ["info", "h", "--password", "my", `--${CANARY}`],
    ["info", "h", "-P", "my", `-${CANARY}`],
    ["call", "h", "-P", "my", `--params=${CANARY}`, "x.y"],
    ["info", "h,", "-P", "my", `@${CANARY}`],
    ["info", "-P", "my", `${CANARY}:x`],
    ["h", "-P", "my", CANARY],
    ["h", "-P", "my", CANARY, "info"],
    ["h", "-P", "my", `--${CANARY}`, "info"],
    ["h", "-P", "my", `--${CANARY}=1`, "info"],
    ["h", "--pass", "my", "info", CANARY],
    ["h", "--pas", "my", CANARY],
    // A forgotten dash, a wrong letter, a misspelt option.
    ["info", "h", "--pasword", CANARY],
    ["info", "h", `--pasword=${CANARY}`],
    ["info", "h", `--pwd=${CANARY}`],
    ["info", "h", "--password-stdin", `--passwd=${CANARY}`],
    ["h", `--passwd=${CANARY}`, "info"],
    // In a target.
    ["info", `dhip://admin:${CANARY}@h`],
    ["info", `admin:${CANARY}@h`],
    ["info", "-t", `dhip://admin:${CANARY}@h`, "--bad"],
    [`dhip://admin:${CANARY}@h`],
    [`dhip://admin:${CANARY}@h`, "info"],
    [`dhip://admin:${CANARY}@h`, "inof"],
    ["info", "h", "--timeout", `dhip://admin:${CANARY}@h`],
    ["call", "h", "M", "x", `dhip://admin:${CANARY}@h`],
    // In the parameters.
    ["call", "h", "M", "--params", `{"password":"${CANARY}"`],
    ["call", "h", "M", "--params", CANARY],
    ["h", "-m", "M", "--params", `{"password":"${CANARY}"}`],
    ["h", "-m", "M", "--params", CANARY],
    // As a value of the wrong option.
    ["simulate", "-P", "my", CANARY],
    ["simulate", "--password", CANARY, "--devices", "x"],
  ];
  const { library } = devices(() => ({ reply: () => reply({ result: true }) }));
  for (const line of lines) {
    for (const loud of [[], ["-vv"]]) {
      await silent([...line, ...loud], { library, env: { DHIP_PASSWORD: "p" }, terminal: true });
      await silent([...loud, ...line], { library, env: { DHIP_PASSWORD: "p" } });
    }
  }
});

Deno.test("a bad DHIP_PASSWORD_FILE shows nothing of its content", async () => {
  const env = { DHIP_PASSWORD_FILE: "/pw" };
  await silent(["info", "h"], { env, files: { "/pw": { text: CANARY, mode: 0o644 } } });
  await silent(["info", "h", "-vv"], { env: { DHIP_PASSWORD_FILE: "/none" } });
});

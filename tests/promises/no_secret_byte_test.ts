/** Promise 5: no secret byte in any output, log, error, or another process's arguments. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Simulator } from "../../lib/simulator/mod.ts";
import { dhip, privateHome, startDhip } from "../support/cli_process.ts";
import { isFullRun } from "../support/random.ts";

const CANARY = "cAnary-7f3a/Ω";

/** The password and what a careless log would show instead of it. */
function tracesOf(password: string): string[] {
  const bytes = new TextEncoder().encode(password);
  const md5 = createHash("md5").update(bytes).digest("hex");
  return [
    password,
    encodeURIComponent(password),
    JSON.stringify(password).slice(1, -1),
    bytes.toBase64().replace(/=+$/, ""),
    bytes.toHex(),
    md5,
    md5.toUpperCase(),
  ];
}

function assertClean(text: string, what: string): void {
  for (const trace of tracesOf(CANARY)) {
    assert.ok(!text.includes(trace), `${what} shows the password as ${trace}:\n${text}`);
  }
}

type Way = { name: string; args: string[]; env?: Record<string, string>; stdin?: string };

const WAYS: Way[] = [
  { name: "DHIP_PASSWORD", args: [], env: { DHIP_PASSWORD: CANARY } },
  { name: "--password-stdin", args: ["--password-stdin"], stdin: `${CANARY}\n` },
  { name: "-P", args: ["-P", CANARY] },
  { name: "--password=", args: [`--password=${CANARY}`] },
];

const COMMANDS: ((target: string) => string[])[] = [
  (target) => ["info", target],
  (target) => ["services", target],
  (target) => ["call", target, "magicBox.getSerialNo"],
  (target) => ["call", target, "magicBox.fly"],
  (target) => ["info", target, "-o", "table"],
  (target) => ["info", `${target},127.0.0.1:1`],
  (target) => ["doctor", target, "-o", "table"],
];

/** Every command with every way; in a reduced run each way and each command at least once. */
const PAIRS = COMMANDS.flatMap((command, index) =>
  WAYS.filter((_, way) => isFullRun || way === index % WAYS.length)
    .map((way) => [way, command] as const)
);

const LINES: ((target: string) => string[])[] = [
  (target) => [target, "-P", CANARY, "-m", "magicBox.getSerialNo"],
  (target) => ["-P", CANARY, target, "info"],
  (target) => [target, `-P${CANARY}`, "call", "magicBox.fly"],
  (target) => ["info", target, "-P", CANARY, "stray", CANARY],
  (target) => ["info", target, "-P", CANARY, "--no-such-option"],
  (target) => ["info", `dhip://admin:${CANARY}@${target}`],
  (target) => ["call", target, "a.b", "--params", "{bad", "-P", CANARY],
  (target) => ["infoo", target, "-P", CANARY],
];

for (const right of [true, false]) {
  Deno.test(`commands never show the password when it is ${right ? "right" : "wrong"}`, async () => {
    for (const [way, command] of PAIRS) {
      // A memory of its own: a later simulator may get the port of an earlier one.
      await using home = await privateHome();
      await using simulator = await Simulator.start({ password: right ? CANARY : "other" });
      const args = [...command(`127.0.0.1:${simulator.dhipPort}`), ...way.args, "-vv"];
      const { stdout, stderr } = await dhip(args, {
        env: { ...home.env, ...way.env },
        ...(way.stdin === undefined ? {} : { stdin: way.stdin }),
      });
      assert.ok(simulator.stats().connections > 0, `${way.name} ${args[0]}: nothing happened`);
      assertClean(stdout + stderr, `${way.name} ${args.slice(0, 3).join(" ")}`);
    }
  });
}

Deno.test("neither the old nor the new password of an account shows when it is changed", async () => {
  const NEW = `${CANARY}-new`; // holds every trace of the old one as text
  for (const works of [true, false]) {
    await using home = await privateHome();
    await using simulator = await Simulator.start({ password: works ? CANARY : "other" });
    const target = `127.0.0.1:${simulator.dhipPort}`;
    await Deno.writeTextFile(`${home.path}/new`, `${NEW}\n`, { mode: 0o600 });
    for (
      const [args, stdin] of [
        [["user", "add", target, "eve", "--new-password-stdin"], `${NEW}\n`],
        [[
          "user",
          "passwd",
          target,
          "eve",
          "--new-password-stdin",
          "--old-password-file",
          `${home.path}/new`,
        ], `${NEW}\n`],
        [["user", "passwd", target, "--new-password-file", `${home.path}/new`]],
        [["user", "passwd", target, "--new-password-command", `cat ${home.path}/new`]],
        [["user", "passwd", target, CANARY, "--new-password-stdin", NEW], "x\n"],
        [["user", "passwd", target, `--new-password=${NEW}`]],
      ] as [string[], string?][]
    ) {
      const { stdout, stderr } = await dhip([...args, "-vv"], {
        env: { ...home.env, DHIP_PASSWORD: CANARY },
        ...(stdin === undefined ? {} : { stdin }),
      });
      const line = args.slice(0, 2).join(" ");
      for (const trace of tracesOf(NEW)) {
        assert.ok(!(stdout + stderr).includes(trace), `${line} shows the new password`);
      }
      // A misplaced argument is the user's own showing, but it is not repeated.
      assertClean(stdout + stderr, line);
    }
    assert.equal(simulator.stats().logins, works ? 5 : 0); // two changes, each with a login more
  }
});

Deno.test("python-dhip's lines and wrong lines never show the password", async () => {
  await using home = await privateHome();
  for (const line of LINES) {
    await using simulator = await Simulator.start({ password: CANARY });
    const { stdout, stderr } = await dhip([...line(`127.0.0.1:${simulator.dhipPort}`), "-vv"], {
      env: home.env,
    });
    assertClean(stdout + stderr, line("TARGET").join(" ").replaceAll(CANARY, "***"));
  }
});

Deno.test("every fault with a secret in play keeps it secret", async () => {
  await using home = await privateHome();
  const faults = ["garbage", "http-answer", "bad-json", "reset-mid-frame", "session-table-full"];
  for (const fault of faults) {
    await using simulator = await Simulator.start({ password: CANARY, faults: [fault] });
    const { code, stdout, stderr } = await dhip(
      ["info", `127.0.0.1:${simulator.dhipPort}`, "-vv"],
      { env: { ...home.env, DHIP_PASSWORD: CANARY } },
    );
    assert.notEqual(code, 0, fault);
    assertClean(stdout + stderr, fault);
  }
});

Deno.test({
  name: "no process carries the password in its arguments unless the user wrote it there",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using home = await privateHome();
    await using simulator = await Simulator.start({ password: CANARY });
    simulator.fault("late-reply", { delay: 1500 });
    const child = startDhip(["info", `127.0.0.1:${simulator.dhipPort}`, "--timeout", "20"], {
      env: { ...home.env, DHIP_PASSWORD: CANARY },
    });
    const output = child.output();
    while (simulator.stats().connections === 0) await new Promise((r) => setTimeout(r, 10));
    const { stdout } = await new Deno.Command("sh", {
      args: ["-c", "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\000' ' '"],
    }).output();
    const lines = new TextDecoder().decode(stdout);
    assert.ok(lines.includes("--timeout 20"), "the command itself is among the processes");
    assertClean(lines, "a command line");
    child.kill("SIGTERM");
    await output;
  },
});

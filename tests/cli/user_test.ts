/** `dhip user …`. */

import assert from "node:assert/strict";
import { library } from "../../lib/cli/devices.ts";
import { Simulator } from "../../lib/simulator/mod.ts";
import { cli, type FakeSurroundings, memoryState, type Ran } from "./_support.ts";

const PASSWORD = "k4n4ry old";
const NEW = "k4n4ry new";

function run(argv: string[], around: FakeSurroundings = {}): Promise<Ran> {
  const state = () => Promise.resolve(memoryState());
  return cli(argv, {
    library: { ...library, state },
    ...around,
    env: { DHIP_PASSWORD: PASSWORD, NO_COLOR: "1", HOME: "/home/eve", ...around.env },
  });
}

async function simulated(host: string) {
  const simulator = await Simulator.start({ host, password: PASSWORD });
  return { simulator, target: `${host}:${simulator.dhipPort}` };
}

const NEW_FILE = { files: { new: { text: `${NEW}\n`, mode: 0o600 } } };
const FILE = ["--new-password-file", "new"];

Deno.test("user list: accounts and groups, and who is logged in", async () => {
  const { simulator, target } = await simulated("127.77.21.1");
  await using _ = simulator;
  const { users, groups } = JSON.parse((await run(["user", "list", target])).out);
  assert.equal(users[0].name, "admin");
  assert.ok(groups.some(({ name }: { name: string }) => name === "user"));
  const table = await run(["user", "ls", target], { terminal: true });
  assert.match(table.out, /user +admin +admin/);
  assert.match(table.out, /group +admin/);
  const [session] = JSON.parse((await run(["user", "list", target, "--active"])).out);
  assert.deepEqual(Object.keys(session), ["name", "group", "address", "clientType", "since"]);
  assert.match(session.since, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
  const csv = await run(["user", "list", target, "--active", "-o", "csv"]);
  assert.match(csv.out, /^Name,Group,Address,Client,Since\r\nadmin,/i);
});

Deno.test("user add, modify and remove", async () => {
  const { simulator, target } = await simulated("127.77.21.2");
  await using _ = simulator;
  const add = await run(
    ["user", "add", target, "eve", "-g", "admin", "--memo", "x", ...FILE],
    NEW_FILE,
  );
  assert.deepEqual([add.code, JSON.parse(add.out).user.group], [0, "admin"]);
  const login = await run(["info", target, "-u", "eve"], { env: { DHIP_PASSWORD: NEW } });
  assert.equal(login.code, 0);
  const modify = await run(["user", "modify", target, "eve", "-g", "user"], { terminal: true });
  assert.match(modify.out, /Group +user/);
  const nothing = await run(["user", "modify", target, "eve"]);
  assert.deepEqual([nothing.code, /Nothing to change/.test(nothing.err)], [2, true]);
  const unasked = await run(["user", "remove", target, "eve"]);
  assert.deepEqual([unasked.code, /no terminal to ask on/.test(unasked.err)], [2, true]);
  const no = await run(["user", "remove", target, "eve"], { typed: "n" });
  assert.equal(no.code, 130);
  assert.match(no.asked.join(), /Remove the account eve from .*\? \[y\/N\]/);
  const yes = await run(["user", "rm", target, "eve"], { typed: "y" });
  assert.deepEqual([yes.code, JSON.parse(yes.out)], [0, { removed: "eve" }]);
  const gone = await run(["user", "remove", target, "eve", "--yes"]);
  assert.deepEqual([gone.code, /no account \\"eve\\"; there is admin/.test(gone.err)], [2, true]);
  const own = await run(["user", "remove", target, "admin", "--yes"]);
  assert.equal(own.code, 2);
});

Deno.test("user passwd: asked twice, verified, and told where the old one still is", async () => {
  const { simulator, target } = await simulated("127.77.21.3");
  await using _ = simulator;
  const { code, out, err, asked } = await run(["user", "passwd", target], {
    typed: NEW,
    terminal: true,
  });
  assert.equal(code, 0, err);
  assert.deepEqual(asked, ["New password for admin: ", "Again: "]);
  assert.equal(out, "The password of admin is changed; a login with it works.\n");
  assert.match(err, /logging in once more/);
  assert.match(err, /the old password is still in DHIP_PASSWORD/);
  assert.ok(!`${out}${err}`.includes("k4n4ry"));
  const { logins, logouts, refusedLogins } = simulator.stats();
  assert.deepEqual([logins, logouts, refusedLogins], [2, 2, 0]);
  assert.equal((await run(["info", target], { env: { DHIP_PASSWORD: NEW } })).code, 0);
});

Deno.test("user passwd: the new password from standard input, a file or a program", async () => {
  const { simulator, target } = await simulated("127.77.21.4");
  await using _ = simulator;
  const stdin = await run(["user", "passwd", target, "--new-password-stdin"], {
    stdin: `${NEW}\n`,
  });
  assert.deepEqual([stdin.code, JSON.parse(stdin.out).verified], [0, true]);
  const now = { DHIP_PASSWORD: NEW };
  const third = new TextEncoder().encode("third\n");
  const program = await run(["user", "passwd", target, "--new-password-command", "give it"], {
    env: now,
    programs: { "give it": { stdout: third } },
  });
  assert.deepEqual([program.code, JSON.parse(program.out).stillOld], [0, ["DHIP_PASSWORD"]]);
  const file = await run(["user", "passwd", target, ...FILE], {
    ...NEW_FILE,
    env: { DHIP_PASSWORD: "third" },
  });
  assert.equal(file.code, 0);
  const open = await run(["user", "passwd", target, ...FILE], {
    files: { new: { text: NEW, mode: 0o644 } },
    env: now,
  });
  assert.deepEqual([open.code, /open to other users/.test(open.err)], [2, true]);
});

Deno.test("user passwd: what cannot work fails before the device hears of anything", async () => {
  const { simulator, target } = await simulated("127.77.21.5");
  await using _ = simulator;
  const cases: [string[], FakeSurroundings, RegExp][] = [
    [[], {}, /no terminal to ask on/],
    [["--new-password-stdin", "--password-stdin"], { stdin: "x" }, /both want standard input/],
    [["--new-password-stdin", ...FILE], NEW_FILE, /exclude each other/],
    [["--new-password-file", "none"], {}, /cannot be read/],
    [
      ["--new-password-command", "broken"],
      {},
      /program of --new-password-command cannot be started/,
    ],
    [["--new-password-stdin"], { stdin: "" }, /is empty/],
    [["--new-password-stdin"], { stdin: "\n" }, /empty password/],
    [["--old-password-file", "new", ...FILE], NEW_FILE, /for another account/],
    [["eve", ...FILE], NEW_FILE, /The old password is not given/],
  ];
  for (const [args, around, message] of cases) {
    const { code, err } = await run(["user", "passwd", target, ...args], around);
    assert.notEqual(code, 0);
    assert.match(err, message);
  }
  assert.equal(simulator.stats().connections, 0);
  const empty = await run(["user", "passwd", target], { typed: "" });
  assert.equal(empty.code, 2);
});

Deno.test("user passwd of another account", async () => {
  const { simulator, target } = await simulated("127.77.21.6");
  await using _ = simulator;
  await run(["user", "add", target, "eve", ...FILE], NEW_FILE);
  const files = { new: { text: "third\n", mode: 0o600 }, old: { text: `${NEW}\n`, mode: 0o600 } };
  const line = ["user", "passwd", target, "eve", ...FILE];
  const changed = await run([...line, "--old-password-file", "old"], { files });
  assert.deepEqual([changed.code, JSON.parse(changed.out)], [0, {
    name: "eve",
    verified: true,
    problem: null,
    stillOld: [],
  }]);
  const wrong = await run([...line, "--old-password-file", "old"], { files });
  assert.equal(wrong.code, 4);
  assert.match(wrong.err, /did not take the old password of eve/);
});

Deno.test("places of the config file that hold the old password are named", async () => {
  const { simulator, target } = await simulated("127.77.21.7");
  await using _ = simulator;
  const config = (text: string, mode = 0o600) => ({
    files: { ...NEW_FILE.files, "/c.toml": { text, mode }, "/p": { text: PASSWORD, mode: 0o600 } },
    env: { DHIP_CONFIG: "/c.toml" },
    programs: { show: { stdout: new TextEncoder().encode(NEW) } },
  });
  const device = (more: string) => `[devices.gate]\nhost = "${target}"\n${more}\n`;
  const told = async (text: string) => {
    const { code, out, err } = await run(["user", "passwd", "gate", ...FILE], config(text));
    assert.equal(code, 0, err);
    return JSON.parse(out).stillOld;
  };
  assert.deepEqual(await told(device(`password = "${PASSWORD}"`)), ["[devices.gate] in /c.toml"]);
  assert.deepEqual(await told(device(`password = "${NEW}"`)), []);
  assert.deepEqual(await told(device('password_command = "show"')), [
    "the password_command of [devices.gate] in /c.toml",
  ]);
});

Deno.test("several devices get one new password, asked for once", async () => {
  await using simulator = await Simulator.start({ devices: 2, password: PASSWORD });
  const targets = simulator.devices.map(({ host, dhipPort }) => `${host}:${dhipPort}`);
  const { code, out, asked } = await run(["user", "passwd", targets.join(",")], { typed: NEW });
  assert.equal(code, 0);
  assert.equal(asked.length, 2);
  const results = JSON.parse(out);
  assert.deepEqual(
    results.map(({ result }: { result: { verified: boolean } }) => result.verified),
    [
      true,
      true,
    ],
  );
});

Deno.test("python-dhip's users line", async () => {
  const { simulator, target } = await simulated("127.77.21.8");
  await using _ = simulator;
  const [host, port] = target.split(":");
  const { code, out, err } = await run([host!, "-p", port!, "-P", PASSWORD, "users"]);
  assert.equal(code, 0, err);
  const { users, groups, ...rest } = JSON.parse(out);
  assert.deepEqual(rest, {});
  assert.deepEqual([users[0].Name, users[0].Group], ["admin", "admin"]);
  assert.ok(Array.isArray(groups));
  assert.ok(err.includes("dhip user list"));
});

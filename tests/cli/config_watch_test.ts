/** `dhip config watch`: what it prints, and when it ends. */

import assert from "node:assert/strict";
import type { ConfigChange, ConfigStream, ConfigWatchOptions } from "../../lib/camera/mod.ts";
import { DahuaCamera, MASK, parseAssignment } from "../../lib/camera/mod.ts";
import type { Library } from "../../lib/cli/devices.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { Simulator } from "../../lib/simulator/mod.ts";
import { dhip, privateHome, startDhip } from "../support/cli_process.ts";
import { cli, FakeDevice } from "./_support.ts";

const TIME = "2026-01-02T03:04:05.000Z";
const CHANGE: ConfigChange = {
  time: TIME,
  name: "Email",
  table: { Port: 25, Password: "hidden thing", Note: "\x1b[2J" },
  changes: [
    { path: "Email.Port", before: 465, after: 25 },
    { path: "Email.Password", before: "old thing", after: "hidden thing" },
    { path: "Email.Note", after: "\x1b[2J" },
  ],
};

/** A library whose devices tell a change, and then nothing until they are closed. */
function telling(changes: readonly ConfigChange[] = [CHANGE]) {
  const asked: [readonly string[], ConfigWatchOptions][] = [];
  const library: Partial<Library> = {
    at({ host }) {
      const watch = (names: readonly string[], options: ConfigWatchOptions = {}): ConfigStream => {
        asked.push([names, options]);
        const closed = Promise.withResolvers<void>();
        async function* tell(): AsyncGenerator<ConfigChange, void, void> {
          options.onNotice?.("something to know");
          yield* changes;
          await closed.promise;
        }
        const close = () => Promise.resolve(closed.resolve());
        return Object.assign(tell(), { close, [Symbol.asyncDispose]: close });
      };
      return Promise.resolve(
        Object.assign(new FakeDevice({ host }), { config: { watch } }) as never,
      );
    },
  };
  return { library, asked };
}

Deno.test("a change is one JSON object a line, with passwords masked", async () => {
  const { library, asked } = telling([CHANGE, CHANGE]);
  const argv = ["config", "watch", "h", "Email", "NTP", "--max-changes", "2", "--every", "3s"];
  const { code, out, err } = await cli([...argv, "--timeout", "7", "-P", "x"], { library });
  assert.equal(code, 0);
  const [first, second, ...rest] = out.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(first, {
    device: "h",
    time: TIME,
    name: "Email",
    changes: [
      { path: "Email.Port", before: 465, after: 25 },
      { path: "Email.Password", before: MASK, after: MASK },
      { path: "Email.Note", after: "\x1b[2J" },
    ],
    table: { Port: 25, Password: MASK, Note: "\x1b[2J" },
  });
  assert.deepEqual([second, rest], [first, []]);
  assert.match(err, /h: something to know/);
  const [[names, { every, timeout }]] = asked as [typeof asked[0]];
  assert.deepEqual([names, every, timeout], [["Email", "NTP"], 3_000, 7_000]);
});

Deno.test("on a terminal and in CSV every place is a line", async () => {
  const argv = ["config", "watch", "h", "Email", "--max-changes", "1", "-P", "x"];
  const { out } = await cli(argv, { library: telling().library, terminal: true });
  const lines = out.trimEnd().split("\n").map((line) => line.replace(/^[\d-]+ [\d:]+ {2}/, ""));
  assert.deepEqual(lines, [
    "h  Email.Port  465 -> 25",
    `h  Email.Password  "${MASK}" -> "${MASK}"`,
    'h  Email.Note  - -> "\\u001b[2J"',
  ]);
  const csv = await cli([...argv, "-o", "csv"], { library: telling([CHANGE]).library });
  assert.deepEqual(csv.out.split("\r\n").slice(0, 2), [
    "device,time,path,before,after",
    `h,${TIME},Email.Port,465,25`,
  ]);
  assert.ok(![out, csv.out].some((text) => text.includes("thing") || text.includes("\x1b")));
});

Deno.test("it ends at --until; wrong options are told", async () => {
  const { library } = telling([]);
  const run = (...more: string[]) => cli(["config", "watch", "h", ...more, "-P", "x"], { library });
  assert.equal((await run("NTP", "--until", "20ms")).code, 0);
  assert.equal((await run()).code, 2);
  assert.equal((await run("NTP", "--max-changes", "0")).code, 2);
});

Deno.test("an absent table is exit code 5; Ctrl-C ends it with 0, detached and logged out", async () => {
  const HOST = "127.77.62.1";
  const password = "process secret";
  await using simulator = await Simulator.start({ host: HOST, password });
  await using home = await privateHome();
  const target = `${HOST}:${simulator.dhipPort}`;
  const env = { ...home.env, DHIP_PASSWORD: password };
  assert.equal(
    (await dhip(["config", "watch", target, "NTP", "--every", "50ms"], { env })).code,
    2,
  );
  const absent = await dhip(["config", "watch", target, "NoSuch"], { env });
  assert.deepEqual([absent.code, absent.stdout], [5, ""]);
  assert.match(absent.stderr, /no table NoSuch/);
  const looks = simulator.stats().calls["configManager.getConfig"] ?? 0;
  const child = startDhip(["config", "watch", target, "NTP"], { env });
  {
    await using camera = await DahuaCamera.connect(target, {
      password,
      guard: new MemoryLoginGuard(),
    });
    while (simulator.stats().subscriptions === 0) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    // What comes between the attach and the first look belongs to the table before.
    while ((simulator.stats().calls["configManager.getConfig"] ?? 0) === looks) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const { config } = camera;
    await config.apply(await config.plan([parseAssignment("NTP.Port=1123")]));
  }
  let out = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream() as never)) {
    out += text;
    if (out.endsWith("\n")) child.kill("SIGINT");
  }
  const { code } = await child.status;
  await child.stderr.cancel();
  assert.equal(code, 0);
  const { device, changes } = JSON.parse(out);
  assert.deepEqual([device, changes], [target, [{
    path: "NTP.Port",
    before: 123,
    after: 1123,
  }]]);
  const { sessionsOpen, calls } = simulator.stats();
  assert.deepEqual([sessionsOpen, calls["configManager.detach"]], [0, 1]);
});

/** `dhip tunnel`, as a process against a simulated cloud and camera. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { dhip, privateHome, startDhip } from "../support/cli_process.ts";
import { type Site, site } from "./_tunnelled.ts";
import { statusText, TunnelStatus } from "../../lib/cli/tunnel/status.ts";
import { cli } from "./_support.ts";

const HOST = "127.77.92.1";

interface Ready {
  readonly type: string;
  readonly path: string;
  readonly forwards: readonly {
    readonly host: string;
    readonly port: number;
    readonly remotePort: number;
    readonly url: string | null;
  }[];
}

/** A running `dhip tunnel`. */
class Running {
  readonly #child: Deno.ChildProcess;
  readonly #lines: string[] = [];
  #wake = () => {};
  #rest = "";
  readonly #reading: Promise<void>;
  readonly #stderr: Promise<string>;

  constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#reading = this.#read();
    this.#stderr = new Response(child.stderr).text();
  }

  /** The next line of standard output. */
  async line(): Promise<string> {
    while (this.#lines.length === 0) await new Promise<void>((resolve) => this.#wake = resolve);
    return this.#lines.shift()!;
  }

  /** The next event of that type. */
  async event<T = Record<string, unknown>>(type: string): Promise<T> {
    for (;;) {
      const event = JSON.parse(await this.line());
      if (event.type === type) return event;
    }
  }

  async end(signal?: Deno.Signal): Promise<{ code: number; stdout: string; stderr: string }> {
    if (signal !== undefined) this.#child.kill(signal);
    const { code } = await this.#child.status;
    await this.#reading;
    return { code, stdout: this.#lines.join("\n") + this.#rest, stderr: await this.#stderr };
  }

  async #read(): Promise<void> {
    for await (const text of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (this.#rest + text).split("\n");
      this.#rest = lines.pop()!;
      this.#lines.push(...lines);
      this.#wake();
    }
    this.#wake();
  }
}

async function withSite(
  test: (
    at: Site,
    start: (...words: string[]) => Running,
    env: Record<string, string>,
  ) => Promise<void>,
  options: Parameters<typeof site>[0] = {},
): Promise<void> {
  await using at = await site({ host: HOST, ...options });
  await using home = await privateHome();
  const env = { ...home.env, ...at.env };
  const start = (...words: string[]) =>
    new Running(startDhip(["tunnel", at.target, ...words], { env, cwd: home.path }));
  await test(at, start, env);
}

/** Sends bytes to an echo port and returns what comes back. */
async function echoed(port: number, bytes: Uint8Array): Promise<Uint8Array> {
  using client = await Deno.connect({ hostname: "127.0.0.1", port });
  const back = new Uint8Array(bytes.length);
  const writing = (async () => {
    for (let at = 0; at < bytes.length;) at += await client.write(bytes.subarray(at));
  })();
  for (let at = 0; at < back.length;) {
    const count = await client.read(back.subarray(at));
    assert.ok(count !== null, "the echo ended early");
    at += count;
  }
  await writing;
  return back;
}

const sha = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

Deno.test("a ready line tells the ports, which lead to the device, and Ctrl-C ends with 0", () =>
  withSite(async (at, start) => {
    const tunnel = start("-L", "0:rtsp", "-L", "127.0.0.1:0:7", "-L", "0:http");
    const ready: Ready = JSON.parse(await tunnel.line());
    assert.deepEqual([ready.type, ready.path], ["ready", "direct"]);
    const [rtsp, echo, http] = ready.forwards;
    assert.deepEqual(ready.forwards.map(({ remotePort }) => remotePort), [554, 7, 80]);
    assert.equal(
      rtsp!.url,
      `rtsp://admin@127.0.0.1:${rtsp!.port}/cam/realmonitor?channel=1&subtype=0`,
    );
    assert.equal(echo!.url, null);
    const bytes = crypto.getRandomValues(new Uint8Array(50_000));
    assert.equal(sha(await echoed(echo!.port, bytes)), sha(bytes));
    const page = await fetch(`${http!.url}cgi-bin/magicBox.cgi?action=getDeviceType`);
    assert.equal(page.status, 401);
    await page.body?.cancel();
    const { code, stderr } = await tunnel.end("SIGINT");
    assert.equal(code, 0, stderr);
    const { cloud, devices } = at.simulator.stats();
    assert.equal(devices[0]!.p2p.openConnections, 0);
    assert.equal(cloud!.openRelays, 0, "relays were given back");
  }));

Deno.test("eight clients at once get their own bytes", () =>
  withSite(async (_at, start) => {
    const tunnel = start("-L", "0:7", "--json");
    const { forwards: [echo] } = await tunnel.event<Ready>("ready");
    const sent = Array.from({ length: 8 }, () => crypto.getRandomValues(new Uint8Array(60_000)));
    const back = await Promise.all(sent.map((bytes) => echoed(echo!.port, bytes)));
    assert.deepEqual(back.map(sha), sent.map(sha));
    for (let count = 0; count < 8; count++) {
      const closed = await tunnel.event<{ reason: string; bytesIn: number; bytesOut: number }>(
        "closed",
      );
      assert.deepEqual([closed.bytesIn, closed.bytesOut], [60_000, 60_000]);
    }
    assert.equal((await tunnel.end("SIGTERM")).code, 0);
  }));

Deno.test("--json tells of the tunnel and of each connection", () =>
  withSite(async (_at, start) => {
    const tunnel = start("-L", "0:7", "-L", "0:4444", "--json");
    const up = await tunnel.event("up");
    assert.deepEqual(Object.keys(up), ["type", "time", "path", "took"]);
    const { forwards: [echo, nothing] } = await tunnel.event<Ready>("ready");
    await echoed(echo!.port, new Uint8Array(10));
    const opened = await tunnel.event("opened");
    assert.deepEqual(Object.keys(opened), [
      ...["type", "time", "port", "remotePort", "connection", "client"],
    ]);
    using client = await Deno.connect({ hostname: "127.0.0.1", port: nothing!.port });
    assert.equal(await client.read(new Uint8Array(1)), null);
    const failed = await tunnel.event<{ error: { code: string }; remotePort: number }>("failed");
    assert.deepEqual([failed.error.code, failed.remotePort], ["DHIP_BIND_REFUSED", 4444]);
    assert.equal((await tunnel.end("SIGINT")).code, 0);
  }));

Deno.test("a device that restarts: ports stay open, new clients wait, events tell", () =>
  withSite(async (at, start) => {
    const tunnel = start("-L", "0:7", "--json");
    const { forwards: [echo] } = await tunnel.event<Ready>("ready");
    using old = await Deno.connect({ hostname: "127.0.0.1", port: echo!.port });
    await old.write(new Uint8Array([1]));
    await old.read(new Uint8Array(1));
    await at.simulator.restart();
    const bytes = crypto.getRandomValues(new Uint8Array(10_000));
    const back = echoed(echo!.port, bytes).catch(async () => {
      // The first try may still have met the old tunnel.
      await tunnel.event("up");
      return await echoed(echo!.port, bytes);
    });
    assert.equal(sha(await back), sha(bytes));
    assert.equal(await old.read(new Uint8Array(1)).catch(() => null), null);
    assert.equal((await tunnel.end("SIGINT")).code, 0);
  }));

Deno.test("--relay and --direct are heeded", () =>
  withSite(async (_at, start) => {
    for (const way of ["relay", "direct"]) {
      const tunnel = start("-L", "0:7", `--${way}`);
      const { path, forwards: [echo] }: Ready = JSON.parse(await tunnel.line());
      assert.equal(path, way);
      await echoed(echo!.port, new Uint8Array(3000));
      assert.equal((await tunnel.end("SIGINT")).code, 0);
    }
  }));

Deno.test("--exec: places filled in, output its own, its exit code, no secrets for it", () =>
  withSite(async (_at, start) => {
    const command = "printf '%s ' {host} {port} {host2} {port2}; env | grep -c ^DHIP_PASSWORD; " +
      "env | grep -c DHIP_CLOUD_KEY; exit 7";
    const { code, stdout, stderr } = await start("-L", "0:7", "-L", "0:9", "--exec", command).end();
    assert.equal(code, 7, stderr);
    const [host, first, host2, second, ...counts] = stdout.trim().split(/\s+/);
    assert.deepEqual([host, host2, ...counts], ["127.0.0.1", "127.0.0.1", "0", "0"]);
    assert.ok(Number(first) > 0 && Number(second) > 0 && first !== second);
    assert.match(stderr, /Tunnel to sn:\S+ is up \(direct\)/);
  }));

Deno.test("--exec: an IPv6 address stands in brackets", () =>
  withSite(async (_at, start) => {
    const line = ["-L", "[::1]:0:7", "--exec", "echo at {host}:{port}"];
    assert.match((await start(...line).end()).stdout, /^at \[::1\]:\d+$/m);
  }));

Deno.test("--exec: a signal ends the command, and the tunnel with it", () =>
  withSite(async (_at, start) => {
    const tunnel = start("-L", "0:7", "--exec", "echo started; exec sleep 600");
    assert.equal(await tunnel.line(), "started");
    const { code } = await tunnel.end("SIGTERM");
    assert.equal(code, 143);
  }));

Deno.test("dh-p2p's form is accepted", () =>
  withSite(async (at, _start, env) => {
    const words = ["tunnel", at.target.slice(3), "-p", "127.0.0.1:0:7"];
    const tunnel = new Running(startDhip(words, { env }));
    const { forwards: [echo] }: Ready = JSON.parse(await tunnel.line());
    await echoed(echo!.port, new Uint8Array(10));
    assert.equal((await tunnel.end("SIGINT")).code, 0);
  }));

Deno.test("what keeps a tunnel from opening ends with its own exit code", () =>
  withSite(async (at, _start, env) => {
    const cases: [string[], Record<string, string>, number, string][] = [
      [[at.target], { DHIP_PASSWORD: "wrong" }, 4, "DHIP_AUTH_REFUSED"],
      [["sn:NOSUCHDEVICE"], {}, 3, "DHIP_P2P_UNKNOWN_DEVICE"],
      [[at.target], { DHIP_CLOUD_KEY: "wrong" }, 4, "DHIP_P2P_IDENTITY_REFUSED"],
      [[at.target, "--auth", "none"], {}, 4, "DHIP_P2P_AUTH_REQUIRED"],
      [[at.target], { DHIP_CLOUD_HOST: "" }, 2, "DHIP_P2P_NO_PROFILE"],
      [[at.target, "-L", `${at.address.split(":")[1]}:7`], {}, 0, ""],
    ];
    for (const [words, more, expected, name] of cases.slice(0, -1)) {
      const line = ["tunnel", ...words, "-L", "0:7", "-o", "json"];
      const { code, stderr } = await dhip(line, { env: { ...env, ...more } });
      assert.equal(code, expected, stderr);
      assert.equal(JSON.parse(stderr.trim().split("\n").at(-1)!).error.code, name);
    }
    const { DHIP_PASSWORD: _, ...without } = env;
    const asked = await dhip(["tunnel", at.target, "-o", "table"], { env: without });
    assert.equal(asked.code, 4);
    assert.match(asked.stderr, /wants its user and password/);
    assert.match(asked.stderr, /^hint: Give the device's user by -u, .*--password-stdin/m);
  }));

Deno.test("a device that wants no password gets none", () =>
  withSite(async (at, _start, env) => {
    const { DHIP_PASSWORD: _, ...without } = env;
    const line = ["tunnel", at.target, "-L", "0:7", "--exec", "true"];
    const { code, stderr } = await dhip(line, { env: without });
    assert.equal(code, 0, stderr);
  }, { p2p: { auth: "none", info: false } }));

Deno.test("a port that is taken is told before anything is asked", () =>
  withSite(async (at, start) => {
    using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { code, stderr } = await start("-L", `${taken.addr.port}:7`).end();
    assert.equal(code, 1);
    assert.match(stderr, /DHIP_LISTEN/);
    assert.equal(at.simulator.stats().devices[0]!.p2p.channels, 0);
  }));

Deno.test("wrong lines are told without a network", async () => {
  const cases: [string[], RegExp][] = [
    [["192.0.2.7"], /named by its address/],
    [["front.example"], /named by its address/],
    [["sn:A,sn:B"], /one device/],
    [["sn:A:5000"], /has no port/],
    [["sn:A", "-L", "0.0.0.0:1:2"], /other computers/],
    [["sn:A", "-L", ":1:2"], /other computers/],
    [["sn:A", "-L", "[::]:1:2"], /other computers/],
    [["sn:A", "-L", "192.168.1.2:1:2"], /other computers/],
    [["sn:A", "-L", "1:2:3:4"], /-L must be/],
    [["sn:A", "-L", "x"], /-L must be/],
    [["sn:A", "-L", "70000:1"], /-L must be/],
    [["sn:A", "-L", "1:0"], /-L must be/],
    [["sn:A", "-L", "1:ftp"], /-L must be/],
    [["sn:A", "-p", "1:ftp"], /-p must be/],
    [["sn:A", "--relay", "--direct"], /exclude each other/],
    [["sn:A", "--exec", "x", "--json"], /exclude each other/],
    [["sn:A", "--exec", "x {port2}"], /names \{port2\}, and there is 1 port/],
    [["sn:A", "--exec", "x {host0}"], /names \{host0\}/],
    [["sn:A", "-o", "csv"], /no csv/],
    [["sn:", "-L", "1:2"], /cannot be read/],
    [["sn:a b"], /cannot be read/],
  ];
  for (const [words, message] of cases) {
    const { code, err } = await cli(["tunnel", ...words]);
    assert.equal(code, 2, words.join(" "));
    assert.match(err, message, words.join(" "));
  }
});

Deno.test("the help tells the forms of -L, its names, and examples", async () => {
  const { code, out } = await cli(["tunnel", "--help"]);
  assert.equal(code, 0);
  for (const text of ["[BIND:]PORT:REMOTE", "127.0.0.1:1554:554", "rtsp, http, https, dhip"]) {
    assert.ok(out.replaceAll(/\s+/g, " ").includes(text), text);
  }
  assert.match(out, /--bind-public/);
});

Deno.test("on a terminal a line shows path, time, loss and rates; text says where to look", async () => {
  await using at = await site({ host: HOST });
  const interrupt = new AbortController();
  const { code, out, err } = await at.run(["tunnel", "SN", "-L", "0:rtsp"], {
    terminal: true,
    columns: 120,
    interrupt: interrupt.signal,
    onOutput: () => setTimeout(() => interrupt.abort(), 300),
  });
  assert.equal(code, 0, err);
  assert.match(out, /^Tunnel to sn:\S+ is up \(direct\); Ctrl-C ends it\n127\.0\.0\.1:\d+ -> sn:/);
  assert.match(out, /rtsp:\/\/admin@127\.0\.0\.1:\d+\/cam/);
  assert.match(err, /direct {2}\d+ ms {2}loss 0\.0 % {2}0 connections {2}in 0 B\/s {2}out 0 B\/s/);
});

Deno.test("figures as people read them: rates since the last look, no figures of a broken tunnel", () => {
  const stats = {
    path: "relay",
    roundTrip: 41.6,
    loss: 0.0123,
    bytesIn: 3 * 2 ** 20,
    bytesOut: 1024,
    connections: 1,
  } as const;
  const before = { at: 1000, stats: { ...stats, bytesIn: 2 ** 20, bytesOut: 0 } };
  assert.equal(
    statusText(before, { at: 3000, stats }).join("  "),
    "relay  42 ms  loss 1.2 %  1 connection  in 1.0 MiB/s  out 512 B/s",
  );
  const broken = { ...stats, path: null, roundTrip: null, connections: 0 };
  assert.equal(
    statusText({ at: 1000, stats: broken }, { at: 2000, stats: broken }).join("  "),
    "not connected  0 connections  in 0 B/s  out 0 B/s",
  );
});

Deno.test("without a terminal a line tells the figures every few seconds, when something moved", () => {
  const notices: string[] = [];
  let now = 0;
  let bytesIn = 0;
  const log = { bar: () => false, notice: (text: string) => void notices.push(text) };
  const stats = () => ({
    path: "direct" as const,
    roundTrip: 5,
    loss: 0,
    bytesIn,
    bytesOut: 0,
    connections: 1,
  });
  const context = { log, io: { now: () => now } } as unknown as ConstructorParameters<
    typeof TunnelStatus
  >[0];
  using status = new TunnelStatus(context, "gate", { stats }, { asEvents: false });
  status.start();
  for (; now < 30_000; now += 1_000) {
    if (now >= 10_000 && now < 20_000) bytesIn += 1024;
    status.show();
  }
  assert.deepEqual(notices.length, 3);
  assert.match(
    notices[1]!,
    /^gate: direct, 5 ms, .* in 1\.0 KiB\/s, out 0 B\/s, .* in and 0 B out so far$/,
  );
});

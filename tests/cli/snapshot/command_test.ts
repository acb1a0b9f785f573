import assert from "node:assert/strict";
import { library } from "../../../lib/cli/devices.ts";
import { processIo } from "../../../lib/cli/process_io.ts";
import type { SnapshotService } from "../../../lib/camera/mod.ts";
import { inspectJpeg } from "../../../lib/media/jpeg.ts";
import { Simulator, type SimulatorOptions } from "../../../lib/simulator/mod.ts";
import { freePort, temporaryFolder } from "../../support/peers.ts";
import { picture } from "../../support/jpeg.ts";
import { cli, FakeDevice, type FakeSurroundings, memoryState, type Ran } from "../_support.ts";

const HOST = "127.77.24.1";
const PASSWORD = "picture secret";
const { files } = processIo(new AbortController().signal);

/** A simulator, a folder, and the command line between them. */
class Bench implements AsyncDisposable {
  readonly #stack: AsyncDisposableStack;
  readonly simulator: Simulator;
  readonly folder: string;

  private constructor(stack: AsyncDisposableStack, simulator: Simulator, folder: string) {
    this.#stack = stack;
    this.simulator = simulator;
    this.folder = folder;
  }

  static async start(options: SimulatorOptions = {}): Promise<Bench> {
    const stack = new AsyncDisposableStack();
    const simulator = stack.use(
      await Simulator.start({ host: HOST, password: PASSWORD, httpPort: 0, ...options }),
    );
    const { path } = stack.use(await temporaryFolder());
    return new Bench(stack, simulator, path);
  }

  /** Runs `dhip snapshot` on the simulated devices. Paths that begin with `@/` are in the folder. */
  async run(args: readonly string[], around: FakeSurroundings = {}): Promise<Ran> {
    const { devices } = this.simulator;
    const targets = devices.map(({ host, dhipPort }) => `${host}:${dhipPort}`).join(",");
    const words = args.map((word) => word.replace("@", this.folder));
    const state = memoryState();
    return await cli(["snapshot", targets, "--http-port", `${devices[0]!.httpPort}`, ...words], {
      env: { DHIP_PASSWORD: PASSWORD, ...around.env },
      ...around,
      library: { ...library, state: () => Promise.resolve(state) },
      io: { files, now: () => Date.now(), ...around.io },
    });
  }

  async names(folder = this.folder): Promise<string[]> {
    return (await files.list(folder)).map(({ name }) => name).sort();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

Deno.test("a picture becomes a file, and no session is opened", async () => {
  await using bench = await Bench.start();
  const { code, out, err } = await bench.run(["@/gate.jpg"]);
  assert.equal(code, 0, err);
  const [picture] = JSON.parse(out);
  const bytes = await Deno.readFile(`${bench.folder}/gate.jpg`);
  assert.deepEqual(inspectJpeg(bytes), {
    kind: "complete",
    width: 640,
    height: 360,
    length: bytes.length,
  });
  assert.deepEqual({ ...picture, ms: 0, file: "" }, {
    channel: 1,
    file: "",
    bytes: bytes.length,
    width: 640,
    height: 360,
    source: "cgi",
    fallback: null,
    ms: 0,
    attempts: 1,
    change: null,
  });
  const { sessionsOpen, calls } = bench.simulator.stats();
  assert.deepEqual([sessionsOpen, calls["global.login"] ?? 0], [0, 0]);
});

for (const snapshotCgi of ["0-based", "no-channel"] as const) {
  Deno.test(`a device whose web API is ${snapshotCgi} gives its picture`, async () => {
    await using bench = await Bench.start({ snapshotCgi, channels: 1 });
    const { code, out, err } = await bench.run(["@/x.jpg", "--via", "cgi"]);
    assert.equal(code, 0, err);
    assert.equal(JSON.parse(out)[0].source, "cgi");
    const base = snapshotCgi === "0-based" ? "0" : "none";
    const known = await bench.run(["@/x.jpg", "--via=cgi", `--snapshot-channel-base=${base}`]);
    assert.equal(known.code, 0, known.err);
  });
}

Deno.test("the config file says how a device counts", async () => {
  await using bench = await Bench.start({ snapshotCgi: "0-based", channels: 1 });
  const { dhipPort, httpPort } = bench.simulator.devices[0]!;
  const toml = `[devices.gate]\nhost = "${HOST}:${dhipPort}"\nhttp_port = ${httpPort}\n` +
    `snapshot_channel_base = 1\n`;
  const config = { "/c.toml": { text: toml, mode: 0o600 } };
  const { code, err } = await cli(["snapshot", "gate", "x.jpg", "--via=cgi", "--config=/c.toml"], {
    files: config,
    env: { DHIP_PASSWORD: PASSWORD },
    library: { at: library.at },
  });
  assert.equal(code, 5, "asked as the file says, and only so");
  assert.match(err, /The device may have no channel 1/);
});

Deno.test("without a web API the picture comes over RPC, the reason is told, and all is let go", async () => {
  await using bench = await Bench.start({ snapshotCgi: "absent" });
  const { code, out, err } = await bench.run(["@/x.jpg"]);
  assert.equal(code, 0, err);
  const [{ source, fallback }] = JSON.parse(out);
  assert.equal(source, "rpc");
  assert.match(fallback, /^cgi: The device has no snapshot.cgi/);
  const { logins, logouts, sessionsOpen, calls } = bench.simulator.stats();
  assert.deepEqual([sessionsOpen, calls["snapManager.detachFileProc"]], [0, 1]);
  assert.ok(logins >= 1 && logouts >= 1);
});

Deno.test("RPC pictures come over HTTP too", async () => {
  await using bench = await Bench.start({ snapshotCgi: "absent" });
  const { host, httpPort } = bench.simulator.devices[0]!;
  const { code, err } = await cli(
    ["snapshot", `${host}:${httpPort}`, `${bench.folder}/x.jpg`, "--transport=http"],
    { env: { DHIP_PASSWORD: PASSWORD }, library: { at: library.at }, io: { files } },
  );
  assert.equal(code, 0, err);
  assert.deepEqual(await bench.names(), ["x.jpg"]);
  assert.equal(bench.simulator.stats().sessionsOpen, 0);
});

Deno.test("channels by number, range, name and all", async () => {
  await using bench = await Bench.start({ channels: 4 });
  const channelsOf = async (list: string) => {
    const { code, out, err } = await bench.run(["@/{channel}.jpg", "--channel", list]);
    assert.equal(code, 0, err);
    return JSON.parse(out).map(({ channel }: { channel: number }) => channel);
  };
  assert.deepEqual(await channelsOf("4,1-2"), [4, 1, 2]);
  assert.deepEqual(await channelsOf("all"), [1, 2, 3, 4]);
  assert.deepEqual(await bench.names(), ["1.jpg", "2.jpg", "3.jpg", "4.jpg"]);
  const nobody = await bench.run(["@/{channel}.jpg", "--channel", "1,Nowhere", "--deadline=2"]);
  assert.equal(nobody.code, 2, nobody.err);
  assert.match(nobody.err, /Nowhere/);
});

Deno.test("a device is asked for two pictures at a time, and no more", async () => {
  let now = 0;
  let most = 0;
  const snapshot: SnapshotService = {
    sources: ["cgi"],
    async take(channel = 1) {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, 5));
      now--;
      const jpeg = picture();
      return { jpeg, channel, width: 96, height: 54, source: "cgi", passed: [] };
    },
  };
  const at = () => Promise.resolve(Object.assign(new FakeDevice(), { snapshot }));
  const { code, written } = await cli(["snapshot", "h", "{channel}.jpg", "--channel=1-7"], {
    env: { DHIP_PASSWORD: "p" },
    library: { at },
  });
  assert.equal(code, 0);
  assert.equal(written.size, 7);
  assert.equal(most, 2);
});

Deno.test("a device that knows only Basic gives its picture, with a warning", async () => {
  await using bench = await Bench.start({ httpAuth: "basic" });
  const { code, out, err } = await bench.run(["@/x.jpg", "--via=cgi"]);
  assert.equal(code, 0, err);
  assert.equal(JSON.parse(out)[0].source, "cgi");
  assert.match(err, /Basic authentication without TLS/);
});

Deno.test("one of several channels that fails is told, and the others are kept", async () => {
  await using bench = await Bench.start({ channels: 2 });
  const args = ["@/{channel}.jpg", "--channel=1-3", "--via=cgi", "--deadline=2"];
  const { code, out, err } = await bench.run(args);
  assert.equal(code, 6, err);
  assert.match(err, /1 of 3 pictures failed/);
  assert.deepEqual(await bench.names(), ["1.jpg", "2.jpg"]);
  assert.equal(JSON.parse(out)[2].error.code, "DHIP_BAD_PARAMS");
});

Deno.test("several devices: a file each, a row each", async () => {
  await using bench = await Bench.start({ devices: 3 });
  const { code, out, err } = await bench.run(["@/{host}.jpg", "-o", "csv"]);
  assert.equal(code, 0, err);
  assert.equal((await bench.names()).length, 3);
  assert.equal(out.split("\r\n").length, 5);
});

Deno.test("a device that is busy is asked again within the deadline", async () => {
  for (const how of ["503", "error"]) {
    await using bench = await Bench.start();
    bench.simulator.fault("snapshot-busy", { how, times: 2 });
    const { code, out, err } = await bench.run(["@/x.jpg"]);
    assert.equal(code, 0, err);
    assert.equal(JSON.parse(out)[0].attempts, 3);
    assert.match(err, /busy; trying again in/);
  }
});

Deno.test("a busy device is given up at the deadline", async () => {
  await using bench = await Bench.start();
  bench.simulator.fault("snapshot-busy", { times: 1000 });
  const { code } = await bench.run(["@/x.jpg", "--deadline=300ms"]);
  assert.equal(code, 5);
  assert.deepEqual(await bench.names(), []);
});

Deno.test("a device that is starting is waited for", async () => {
  const port = freePort();
  await using folder = await temporaryFolder();
  const running = cli(
    ["snapshot", "127.0.0.1:1", `${folder.path}/x.jpg`, "--via=cgi", `--http-port=${port}`],
    { env: { DHIP_PASSWORD: PASSWORD }, library: { at: library.at }, io: { files } },
  );
  await new Promise((resolve) => setTimeout(resolve, 100));
  await using _simulator = await Simulator.start({ password: PASSWORD, httpPort: port });
  const { code, err } = await running;
  assert.equal(code, 0, err);
  assert.match(err, /refused; trying again/);
});

Deno.test("a refused password is sent once, whatever the deadline and the number of channels", async () => {
  await using bench = await Bench.start({ channels: 4 });
  const args = ["@/{channel}.jpg", "--channel=1-4"];
  const { code } = await bench.run(args, { env: { DHIP_PASSWORD: "wrong" } });
  assert.equal(code, 4);
  assert.equal(bench.simulator.stats().refusedLogins, 1);
});

Deno.test("standard output gets the picture and nothing else", async () => {
  await using bench = await Bench.start();
  const { code, out, err } = await bench.run(["-"]);
  assert.equal(code, 0, err);
  assert.equal(inspectJpeg(Uint8Array.fromBase64(out)).kind, "complete");
  assert.match(err, /^\d+ bytes, 640x360, by cgi\n$/);
});

const WRONG: readonly (readonly [readonly string[], RegExp])[] = [
  [["-", "--channel=1,2"], /takes a single picture/],
  [["-", "--every=1m"], /takes a single picture/],
  [["-", "--keep=7d"], /need files/],
  [["@/x.jpg", "--channel=1-2"], /several channels/],
  [["@/x.jpg", "--channel=all"], /several channels/],
  [["@/x.jpg", "--count=2"], /--every/],
  [["@/x.jpg", "--keep=7d"], /needs the time/],
  [["@/%Q.jpg"], /%Y %y/],
  [["@/x.jpg", "--channel=0"], /first channel is 1/],
  [["@/x.jpg", "--every=0s"], /unit/],
  [["@/x.jpg", "--nagios", "--every=1m"], /exclude/],
  [["kitty", "--preview"], /--preview=kitty/],
  [["5", "--if-changed"], /--if-changed=5/],
  [["@/x.jpg", "--if-changed=101"], /0\.\.100/],
];

for (const [args, message] of WRONG) {
  Deno.test(`wrong: ${args.join(" ")}`, async () => {
    const words = args.map((word) => word.replace("@", "/nowhere"));
    const { code, out, err } = await cli(["snapshot", "h", ...words]);
    // Whoever asks for Nagios' answers gets one.
    assert.equal(code, args.includes("--nagios") ? 3 : 2, err);
    assert.match(out + err, message);
  });
}

Deno.test("several devices need a name each", async () => {
  const { code, err } = await cli(["snapshot", "a,b", "x.jpg"]);
  assert.equal(code, 2);
  assert.match(err, /\{name\}/);
  const all = await cli(["snapshot", "a,b", "-"]);
  assert.equal(all.code, 2);
});

Deno.test("a picture is nothing for a terminal", async () => {
  const { code, err } = await cli(["snapshot", "h", "-"], { terminal: true });
  assert.equal(code, 2);
  assert.match(err, /--preview/);
});

Deno.test("rounds: files with the time of their round, a line each, as many as wanted", async () => {
  await using bench = await Bench.start();
  const { code, out, err } = await bench.run(["@/%s.jpg", "--every=1s", "--count=2"]);
  assert.equal(code, 0, err);
  const lines = out.trim().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(
    await bench.names(),
    lines.map(({ time }) => `${Date.parse(time) / 1000}.jpg`).sort(),
  );
  assert.ok(lines.every(({ time }) => Date.parse(time) % 1000 === 0));
  assert.match(err, /First round at \d{4}-/);
});

Deno.test("rounds end with 0 on an interrupt", async () => {
  await using bench = await Bench.start();
  const stop = new AbortController();
  const { code, err } = await bench.run(["@/%s.jpg", "--every=1s"], {
    interrupt: stop.signal,
    onOutput: () => stop.abort(),
  });
  assert.equal(code, 0, err);
  assert.equal((await bench.names()).length, 1);
});

Deno.test("rounds that fail are told and end with a failure", async () => {
  await using bench = await Bench.start({ snapshotCgi: "absent" });
  const args = ["@/%s.jpg", "--every=1s", "--count=1", "--via=cgi", "-o", "csv"];
  const { code, out, err } = await bench.run(args);
  assert.equal(code, 5, err);
  assert.match(out, /^time,target,channel.*\r\n.*has no snapshot\.cgi/);
});

Deno.test("only what changed is kept, also between runs", async () => {
  await using bench = await Bench.start();
  const run = async (...more: string[]) => {
    const { code, out, err } = await bench.run(["@/%s.jpg", ...more]);
    assert.equal(code, 0, err);
    return JSON.parse(out)[0];
  };
  assert.equal((await run("--if-changed")).change, null, "nothing to compare with");
  assert.equal((await bench.names()).length, 1);
  const same = await run("--if-changed=100");
  assert.ok(same.change < 100);
  assert.equal(same.file, null);
  assert.equal((await bench.names()).length, 1);
  const [only] = await bench.names();
  await Deno.rename(`${bench.folder}/${only}`, `${bench.folder}/1600000000.jpg`);
  const other = await run("--if-changed=0");
  assert.ok(other.file !== null);
  assert.equal((await bench.names()).length, 2);
  await Deno.writeTextFile(other.file, "damaged");
  assert.equal((await run("--if-changed")).change, null, "a damaged file is as good as none");
});

Deno.test("old pictures go when a new one came, and only then", async () => {
  await using bench = await Bench.start();
  const old = `${bench.folder}/1600000000.jpg`;
  await Deno.writeTextFile(old, "old");
  await Deno.utime(old, 1_600_000_000, 1_600_000_000);
  bench.simulator.fault("snapshot-busy", { times: 1000 });
  assert.equal((await bench.run(["@/%s.jpg", "--keep=7d", "--deadline=1"])).code, 5);
  assert.deepEqual(await bench.names(), ["1600000000.jpg"]);
  bench.simulator.clearFault("snapshot-busy");
  assert.equal((await bench.run(["@/%s.jpg", "--keep=7d"])).code, 0);
  const names = await bench.names();
  assert.equal(names.length, 1);
  assert.notEqual(names[0], "1600000000.jpg");
});

Deno.test("Nagios and Prometheus", async () => {
  await using bench = await Bench.start();
  const args = ["@/x.jpg", "--nagios", "--prom", "@/x.prom"];
  const good = await bench.run(args);
  assert.equal(good.code, 0);
  assert.match(good.out, /^SNAPSHOT OK - 1 of 1 pictures taken \| .*\n$/);
  bench.simulator.fault("snapshot-busy", { times: 1000 });
  const bad = await bench.run([...args, "--deadline=500ms"]);
  assert.equal(bad.code, 2);
  assert.match(bad.out, /^SNAPSHOT CRITICAL - 0 of 1 .*\n$/);
  const metrics = await Deno.readTextFile(`${bench.folder}/x.prom`);
  assert.match(metrics, /success\{.*\} 0\n[^]*timestamp_seconds\{.*\} \d+\n/);
  bench.simulator.clearFault("snapshot-busy");
  const ours = await bench.run(["/dev/null/x.jpg", "--nagios"]);
  assert.equal(ours.code, 3, ours.out);
});

Deno.test("a preview goes to standard error, results stay alone", async () => {
  await using bench = await Bench.start();
  const { code, out, err } = await bench.run(["-", "--preview=blocks"]);
  assert.equal(code, 0);
  assert.equal(inspectJpeg(Uint8Array.fromBase64(out)).kind, "complete");
  assert.match(err, /▀/);
  assert.match((await bench.run(["-", "--preview"])).err, /no terminal/);
});

Deno.test("names with folders are made", async () => {
  await using bench = await Bench.start();
  const { code, out, err } = await bench.run(["@/{name}/%Y-%m-%d/%H%M%S.jpg"]);
  assert.equal(code, 0, err);
  const { file } = JSON.parse(out)[0];
  assert.match(file.slice(bench.folder.length), /^\/127[\w.]+\/\d{4}-\d\d-\d\d\/\d{6}\.jpg$/);
  assert.equal((await Deno.stat(file)).isFile, true);
});

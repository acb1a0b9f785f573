import assert from "node:assert/strict";
import { library } from "../../lib/cli/devices.ts";
import { DhavDecoder } from "../../lib/media/dhav.ts";
import { Simulator, type SimulatorOptions } from "../../lib/simulator/mod.ts";
import { peerTest, run, temporaryFolder } from "../support/peers.ts";
import { cli, type FakeSurroundings, memoryState, type Ran } from "./_support.ts";
import { files } from "./_recorder.ts";

const HOST = "127.77.61.1";
const PASSWORD = "stream canary";

class Bench implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  simulator!: Simulator;
  folder!: string;

  static async start(options: SimulatorOptions = {}): Promise<Bench> {
    const bench = new Bench();
    const simulator = await Simulator.start({
      host: HOST,
      password: PASSWORD,
      httpPort: 0,
      ...options,
    });
    bench.simulator = bench.#stack.use(simulator);
    bench.folder = bench.#stack.use(await temporaryFolder()).path;
    return bench;
  }

  async run(words: readonly string[], around: FakeSurroundings = {}): Promise<Ran> {
    const { host, dhipPort, httpPort } = this.simulator.devices[0]!;
    const target = `${host}:${dhipPort}`;
    const line = words.map((word) => word.replace(/^@(?=\/)/, this.folder));
    return await cli(["stream", target, `--http-port=${httpPort}`, ...line], {
      ...around,
      env: { DHIP_PASSWORD: PASSWORD },
      library: { ...library, state: () => Promise.resolve(memoryState()) },
      io: { files, now: () => Date.now(), ...around.io },
    });
  }

  async names(): Promise<string[]> {
    return (await files.list(this.folder)).map(({ name }) => name).sort();
  }

  /** Nothing of the stream is left on the device. */
  assertReleased(): void {
    const { calls, sessionsOpen } = this.simulator.stats();
    const count = (name: string) => calls[`streamReader.${name}`] ?? 0;
    assert.deepEqual([count("stop"), count("destroy"), sessionsOpen], [
      count("create"),
      count("create"),
      0,
    ]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

function decode(bytes: Uint8Array) {
  const decoder = new DhavDecoder();
  const frames = [...decoder.push(bytes)];
  const end = decoder.end();
  let next = end.next();
  for (; !next.done; next = end.next()) frames.push(next.value);
  return { frames, end: next.value };
}

Deno.test("a stream is kept for its time, as it comes, and given back", async () => {
  await using bench = await Bench.start();
  const { code, out, err } = await bench.run(["@/x.dhav", "--duration=1"]);
  assert.equal(code, 0, err);
  const result = JSON.parse(out);
  const bytes = await Deno.readFile(`${bench.folder}/x.dhav`);
  const { frames, end } = decode(bytes);
  assert.deepEqual([end.state, end.skipped, result.bytes], ["complete", 0, bytes.length]);
  assert.equal(frames.filter(({ kind }) => kind.startsWith("video")).length, result.frames);
  assert.equal(frames[0]!.kind, "video_key");
  assert.ok(result.frames <= 25 && result.frames >= 20, `${result.frames} pictures in a second`);
  assert.deepEqual([result.end, result.problem, result.wanted], ["limit", null, 1]);
  bench.assertReleased();
  assert.doesNotMatch(out + err, /canary/);
});

Deno.test("a container by its name", async () => {
  await using bench = await Bench.start({ mainVideo: "H.264" });
  const { code, out, err } = await bench.run(["@/x.mp4", "--duration=2"]);
  assert.equal(code, 0, err);
  const { frames, seconds } = JSON.parse(out);
  assert.ok(frames >= 40 && frames <= 50 && Math.abs(seconds - 2) < 0.4, out);
  assert.deepEqual(await bench.names(), ["x.mp4"]);
  bench.assertReleased();
});

peerTest("what was streamed decodes without a word of ffmpeg", ["ffmpeg"], async () => {
  await using bench = await Bench.start({ mainVideo: "H.264" });
  for (const name of ["x.mkv", "x.dhav"]) {
    const { code, err } = await bench.run([`@/${name}`, "--duration=2"]);
    assert.equal(code, 0, err);
    const input = name.endsWith("dhav") ? ["-f", "dhav"] : [];
    const path = `${bench.folder}/${name}`;
    assert.equal(await run("ffmpeg", ["-v", "error", ...input, "-i", path, "-f", "null", "-"]), "");
  }
});

Deno.test("the time is kept when the device falls silent, and that is told", async () => {
  await using bench = await Bench.start();
  bench.simulator.fault("silent-media", { after: 20_000, service: "http" });
  const { code, out, err } = await bench.run(["@/x.dhav", "--duration=5"]);
  assert.equal(code, 7, err);
  assert.equal(JSON.parse(out).end, "silent");
  assert.match(err, /fell silent after [\d.]+ s of 5 s; .*x\.dhav plays up to there/);
  assert.equal(decode(await Deno.readFile(`${bench.folder}/x.dhav`)).end.state, "complete");
  bench.assertReleased();
});

Deno.test("a broken stream leaves what came, whole frames only", async () => {
  for (const name of ["x.dhav", "x.mkv"]) {
    await using bench = await Bench.start();
    bench.simulator.fault("cut-stream", { after: 30_000, service: "http" });
    const { code, err } = await bench.run([`@/${name}`, "--duration=20"]);
    assert.equal(code, 7, err);
    assert.match(err, /(broke|ended the stream) after/);
    assert.deepEqual(await bench.names(), [name]);
    if (name === "x.dhav") {
      assert.equal(decode(await Deno.readFile(`${bench.folder}/x.dhav`)).end.state, "complete");
    }
    bench.assertReleased();
  }
});

Deno.test("Ctrl-C ends a stream without an end with 0, and one with a limit with 130", async () => {
  for (const [words, expected] of [[[], 0], [["--duration=30"], 130]] as const) {
    await using bench = await Bench.start();
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), 1500);
    const { code, err } = await bench.run(["@/x.dhav", ...words], { interrupt: stop.signal });
    clearTimeout(timer);
    assert.equal(code, expected, err);
    assert.equal(decode(await Deno.readFile(`${bench.folder}/x.dhav`)).end.state, "complete");
    assert.deepEqual(await bench.names(), ["x.dhav"]);
    bench.assertReleased();
  }
});

Deno.test("standard output gets the stream and nothing else", async () => {
  await using bench = await Bench.start();
  const pieces: Uint8Array[] = [];
  const { code, err } = await bench.run(["-", "--duration=1"], {
    io: {
      stdout: {
        isTerminal: false,
        columns: 80,
        rows: 24,
        write(data) {
          pieces.push((data as Uint8Array).slice());
          return Promise.resolve();
        },
      },
    },
  });
  assert.equal(code, 0, err);
  const whole = new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer());
  assert.equal(decode(whole).end.state, "complete");
  assert.match(err, /of video\n$/);
});

Deno.test("a file that is there is kept, unless it may go", async () => {
  await using bench = await Bench.start();
  await Deno.writeTextFile(`${bench.folder}/x.dhav`, "mine");
  const kept = await bench.run(["@/x.dhav", "--duration=1"]);
  assert.deepEqual([kept.code, await Deno.readTextFile(`${bench.folder}/x.dhav`)], [1, "mine"]);
  assert.equal((await bench.run(["@/x.dhav", "--duration=1", "--force"])).code, 0);
});

Deno.test("a device that refuses leaves no file", async () => {
  await using bench = await Bench.start();
  const { code, err } = await bench.run(["@/x.dhav", "-c", "99", "--duration=1"]);
  assert.equal(code, 5, err);
  assert.deepEqual(await bench.names(), []);
});

Deno.test("python-dhip's line", async () => {
  await using bench = await Bench.start();
  const { host, dhipPort, httpPort } = bench.simulator.devices[0]!;
  const words = [host, "-p", `${dhipPort}`, "stream", `${bench.folder}/x.bin`];
  await Deno.writeTextFile(`${bench.folder}/x.bin`, "old");
  const { code, out, err } = await cli(
    [...words, "--duration", "0.5", "--channel", "0", "--http-port", `${httpPort}`],
    {
      env: { DHIP_PASSWORD: PASSWORD },
      library: { ...library, state: () => Promise.resolve(memoryState()) },
      io: { files, now: () => Date.now() },
    },
  );
  assert.equal(code, 0, err);
  const { size } = await Deno.stat(`${bench.folder}/x.bin`);
  assert.equal(out, "");
  assert.ok(err.includes(`[+] wrote ${size} bytes to ${bench.folder}/x.bin\n`), err);
  bench.assertReleased();
});

const WRONG: readonly (readonly [readonly string[], RegExp])[] = [
  [["x.avi"], /\.dhav \(as it comes\)/],
  [["x.dhav", "--duration=1", "--until=12:00"], /exclude each other/],
  [["json"], /--output=json/],
  [["x.dhav", "-c", "0"], /first channel is 1/],
  [["x.dhav", "--subtype=-1"], /0\.\.9/],
  [[], /OUT is missing/],
];

for (const [words, message] of WRONG) {
  Deno.test(`wrong: stream ${words.join(" ")}`, async () => {
    const { code, err } = await cli(["stream", "h", ...words]);
    assert.equal(code, 2, err);
    assert.match(err, message);
  });
}

/** `dhip record`, as a process against the simulator's RTSP. */

import assert from "node:assert/strict";
import { Simulator, type SimulatorOptions } from "../../lib/simulator/mod.ts";
import { dhip, privateHome, startDhip } from "../support/cli_process.ts";
import { peerTest, run } from "../support/peers.ts";

const HOST = "127.77.51.1";
const PASSWORD = "record canary";

async function room(options: SimulatorOptions = {}) {
  const simulator = await Simulator.start({
    host: HOST,
    password: PASSWORD,
    rtspPort: 0,
    ...options,
  });
  const home = await privateHome();
  const { dhipPort, rtspPort } = simulator.devices[0]!;
  const target = `${HOST}:${dhipPort}`;
  const around = {
    env: { ...home.env, DHIP_PASSWORD: PASSWORD, DHIP_RTSP_PORT: `${rtspPort}` },
    cwd: home.path,
  };
  return {
    simulator,
    target,
    around,
    path: home.path,
    record: (...words: string[]) => dhip(["record", target, ...words], around),
    async names() {
      const names: string[] = [];
      for await (const { name } of Deno.readDir(home.path)) names.push(name);
      return names.filter((name) => /\.(mp4|mkv|mov|ts|part)$/.test(name)).sort();
    },
    async [Symbol.asyncDispose]() {
      await simulator[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

for (
  const [name, codec] of [["a.mp4", "H.264"], ["b.mov", "H.265"], ["c.mkv", "H.264"], [
    "d.ts",
    "H.265",
  ]] as const
) {
  peerTest(`record writes ${name} in ${codec}, which ffmpeg decodes`, ["ffmpeg"], async () => {
    await using at = await room({ mainVideo: codec });
    const { code, stdout, stderr } = await at.record(name, "--duration", "1.5", "-o", "json");
    assert.equal(code, 0, stderr);
    const { frames, gapCount, files } = JSON.parse(stdout);
    assert.deepEqual([gapCount, files.length], [0, 1]);
    assert.deepEqual(await at.names(), [name]);
    await run("ffmpeg", ["-v", "error", "-i", `${at.path}/${name}`, "-f", "null", "-"]);
    const counted = await run("ffprobe", [
      ...["-v", "error", "-select_streams", "v", "-count_frames"],
      ...["-show_entries", "stream=nb_read_frames", "-of", "csv=p=0", `${at.path}/${name}`],
    ]);
    assert.equal(parseInt(counted), frames);
    assert.equal(at.simulator.stats().calls["global.login"] ?? 0, 0, "no session is taken");
  });
}

Deno.test("Ctrl-C ends the file and, without a duration, the work: exit 0", async () => {
  await using at = await room();
  const child = startDhip(["record", at.target, "x.mp4", "--segment", "1", "-v"], at.around);
  let stderr = "";
  const watching = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      // The first file is whole, and the second one is on its way.
      if (!stderr.includes("x.mp4") && text.includes("x.mp4")) child.kill("SIGINT");
      stderr += text;
    }
  })();
  const [{ code }] = await Promise.all([child.status, watching, child.stdout.cancel()]);
  assert.equal(code, 0, stderr);
  const names = await at.names();
  assert.ok(names.includes("x.mp4") && !names.some((name) => name.endsWith(".part")), `${names}`);
});

Deno.test("a recording with a hole ends with 7 and says how long it is", async () => {
  await using at = await room();
  at.simulator.fault("silent-media", { after: 40_000, times: 1 });
  const { code, stdout, stderr } = await at.record(
    "x.mp4",
    "--duration",
    "7",
    "--idle",
    "3",
    "-o",
    "json",
  );
  assert.equal(code, 7, stderr);
  assert.match(stderr, /fell silent.*again in/s);
  assert.match(stderr, /"DHIP_INCOMPLETE".*a gap/s);
  assert.equal(JSON.parse(stdout).gapCount, 1);
  assert.ok((await at.names()).includes("x.mp4"));
});

Deno.test("what cannot be recorded leaves no file", async () => {
  await using at = await room();
  const wrong = await dhip(["record", at.target, "x.mp4"], {
    ...at.around,
    env: { ...at.around.env, DHIP_PASSWORD: "wrong" },
  });
  assert.equal(wrong.code, 4, wrong.stderr);
  const none = await at.record("x.mp4", "--channel", "40");
  assert.equal(none.code, 5, none.stderr);
  const kind = await at.record("x.avi");
  assert.equal(kind.code, 2);
  assert.match(kind.stderr, /\.mp4, \.mov, \.mkv or \.ts/);
  assert.deepEqual(await at.names(), []);
});

Deno.test("a file that exists is not replaced unless asked", async () => {
  await using at = await room();
  await Deno.writeTextFile(`${at.path}/x.mp4`, "precious");
  const { code, stderr } = await at.record("x.mp4", "--duration", "1");
  assert.equal(code, 1, stderr);
  assert.equal(await Deno.readTextFile(`${at.path}/x.mp4`), "precious");
  const forced = await at.record("x.mp4", "--duration", "1", "--force");
  assert.equal(forced.code, 0, forced.stderr);
});

Deno.test("python-dhip's rtsp line records, and says so on standard error", async () => {
  await using at = await room({ mainVideo: "H.264" });
  const port = `${at.simulator.devices[0]!.dhipPort}`;
  const { code, stdout, stderr } = await dhip(
    [HOST, "-p", port, "-P", PASSWORD, "rtsp", "--duration", "1"],
    at.around,
  );
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "");
  assert.match(stderr, /^\[\+\] recorded 1\.\ds to rtsp\.mp4$/m);
  assert.deepEqual(await at.names(), ["rtsp.mp4"]);
});

/** `dhip probe` of cameras, as a process against the simulator; of files in convert_test.ts. */

import assert from "node:assert/strict";
import { filesAmong } from "../../lib/cli/files_among.ts";
import { Simulator, type SimulatorOptions } from "../../lib/simulator/mod.ts";
import { dhip, privateHome } from "../support/cli_process.ts";

const HOST = "127.77.57.1";
const PASSWORD = "probe canary";

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
    probe: (...words: string[]) => dhip(["probe", ...words], around),
    async [Symbol.asyncDispose]() {
      await simulator[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

Deno.test("a live stream is told like a file: codec, size, rates, key pictures, sound", async () => {
  await using at = await room({ mainVideo: "H.265" });
  const { code, stdout, stderr } = await at.probe(at.target, "--duration", "3");
  assert.equal(code, 0, stderr);
  const { video: [video], audio: [audio], ...result } = JSON.parse(stdout);
  assert.deepEqual([result.channel, result.subtype, result.source], [1, 0, "rtsp"]);
  assert.deepEqual([result.passed, result.lostPackets, result.damaged], [[], 0, 0]);
  assert.equal(result.ended, null);
  assert.deepEqual([video.channel, video.codec, video.changes, video.gaps], [1, "h265", 0, []]);
  assert.match(video.profile, /^hvc1|^hev1/);
  assert.ok(video.width > 0 && video.height > 0);
  assert.ok(Math.abs(video.fps - 25) < 0.5, `${video.fps}`);
  assert.ok(video.duration > 2 && video.duration < 4, `${video.duration}`);
  assert.ok(Math.abs(video.frames - video.duration * 25) <= 1);
  assert.ok(video.keys >= 1 && video.bitRate > 1000);
  assert.ok(audio.sampleRate > 0 && Math.abs(audio.duration - video.duration) < 0.5);
  assert.ok(Math.abs(result.bytes - video.bytes) < result.bytes);
  const { rtsp, calls } = at.simulator.stats();
  assert.deepEqual([rtsp.sessions, rtsp.openSessions], [1, 0]);
  assert.equal(calls["global.login"] ?? 0, 0, "no session is taken");
});

Deno.test("table, spreadsheet, UDP and sub-streams", async () => {
  await using at = await room({ mainVideo: "H.264" });
  const table = await at.probe(at.target, "--duration", "1", "--udp", "-o", "table");
  assert.equal(table.code, 0, table.stderr);
  assert.match(table.stdout, /^channel 1, main stream, live over rtsp: .* 0 packets lost\n/);
  assert.match(table.stdout, /\n {2}video 1: h264 avc1\.\w+, \d+x\d+, 2[45]\.\d\d fps/);
  assert.match(table.stdout, /\n {2}sound 1: /);
  const csv = await at.probe(at.target, "--subtype", "1", "--duration", "1", "-o", "csv");
  assert.match(
    csv.stdout,
    /^source,subtype,lost_packets,channel,kind,codec,.*\nrtsp,1,0,1,video,/s,
  );
});

Deno.test("where RTSP is closed, it is said over what the stream came", async () => {
  await using at = await room({ httpPort: 0 });
  const { httpPort } = at.simulator.devices[0]!;
  const port = ["--http-port", `${httpPort}`, "--rtsp-port", "1", "--duration", "1"];
  const { code, stdout, stderr } = await at.probe(at.target, ...port);
  assert.equal(code, 0, stderr);
  const { source, passed, video } = JSON.parse(stdout);
  assert.deepEqual([source, passed.length, passed[0].source], ["http", 1, "rtsp"]);
  assert.ok(video[0].frames > 10);
});

Deno.test("nothing whole is exit code 7, and so is a stream that breaks", async () => {
  await using at = await room();
  at.simulator.fault("cut-stream", { after: 60_000 });
  const cut = await at.probe(at.target, "--duration", "60");
  assert.equal(cut.code, 7, cut.stderr);
  assert.match(cut.stderr, /DHIP_INCOMPLETE.*Only /);
  assert.ok(JSON.parse(cut.stdout).video[0].frames > 1, "what came is told all the same");
  await using other = await room({ httpPort: 0 });
  other.simulator.fault("cut-stream", { after: 200, times: 0 });
  const { httpPort } = other.simulator.devices[0]!;
  const none = await other.probe(other.target, "--via", "http", "--http-port", `${httpPort}`);
  assert.equal(none.code, 7, none.stderr);
  assert.match(none.stderr, /DHIP_INCOMPLETE.*No whole picture came/);
  assert.deepEqual(JSON.parse(none.stdout).video, []);
});

Deno.test("a file goes before a device of its name; a device by its address is never a file", async () => {
  await using at = await room();
  await Deno.mkdir(`${at.path}/.config/dhip`, { recursive: true });
  const config = `${at.path}/dhip.toml`;
  await Deno.writeTextFile(config, `[devices.gate]\nhost = "${at.target}"\n`);
  await Deno.chmod(config, 0o600);
  const words = ["--config", config, "--duration", "0.5"];
  const device = await at.probe("gate", ...words);
  assert.equal(device.code, 0, device.stderr);
  await Deno.writeTextFile(`${at.path}/gate`, "no recording");
  const file = await at.probe("gate", ...words);
  assert.match(file.stderr, /Nobody knows what gate is/);
  const named = await at.probe("dhip://gate", ...words);
  assert.equal(named.code, 0, named.stderr);
  const both = await at.probe("gate", at.target, ...words);
  assert.equal(both.code, 2);
  assert.match(both.stderr, /Files and cameras are two lines/);
});

Deno.test("passwords and mistakes are those of every command with a target", async () => {
  await using at = await room();
  const wrong = await dhip(["probe", at.target], {
    ...at.around,
    env: { ...at.around.env, DHIP_PASSWORD: "wrong" },
  });
  assert.equal(wrong.code, 4, wrong.stderr);
  const secret = await at.probe(`dhip://admin:${PASSWORD}@${HOST}`);
  assert.equal(secret.code, 2);
  assert.ok(!secret.stderr.includes(PASSWORD));
  const missing = await at.probe();
  assert.match(missing.stderr, /FILE\|TARGET is missing/);
  const typo = await at.probe("gaet.dav");
  assert.match(typo.stderr, /DHIP_FILE.*gaet\.dav cannot be read/);
  assert.equal(at.simulator.stats().refusedLogins, 1);
});

Deno.test("what no device can be called is a file", async () => {
  const devices = new Map([["front.mov", {}], ["lib", {}]]);
  const words = [
    ...["-", "a/b", "./gate", "C:\\x", "x.DAV", "cli.ts", "tests", "lib", "front.mov"],
    ...["host", "host:37777", "dhip://me@host", "[::1]:5000", "@tag", "a,b", "10.0.0.1"],
  ];
  const { files, words: others } = await filesAmong(words, devices);
  assert.deepEqual(files, ["-", "a/b", "./gate", "C:\\x", "x.DAV", "cli.ts", "tests"]);
  assert.deepEqual(others, words.slice(7));
});

/** Every fault of a download: a whole file, or a part that plays, exit code 7 and a line that says so. */

import assert from "node:assert/strict";
import { DhavDecoder } from "../../lib/media/dhav.ts";
import type { SimulatorOptions } from "../../lib/simulator/mod.ts";
import { peerTest, run } from "../support/peers.ts";
import { MediaBench, PASSWORD } from "./_media_bench.ts";

const HOST = "127.77.61.3";
const RECORDING = { start: "2026-04-29 10:00:00", end: "2026-04-29 10:00:30" };
const LINE = ["download", "--from=2026-04-29", "--to=2026-04-29", "-c1", "-o", "@/x.dav"];

const bench = (options: SimulatorOptions = {}) =>
  MediaBench.start(HOST, { recordings: [RECORDING], mainVideo: "H.264", ...options });

function stateOf(bytes: Uint8Array): string {
  const decoder = new DhavDecoder();
  for (const _frame of decoder.push(bytes));
  const end = decoder.end();
  let next = end.next();
  while (!next.done) next = end.next();
  return next.value.state;
}

for (const loadfileForm of ["raw", "unsized", "multipart", "base64"] as const) {
  Deno.test(`a recording that comes ${loadfileForm} is whole`, async () => {
    await using it = await bench({ loadfileForm });
    const { code, out, err } = await it.run(LINE);
    assert.equal(code, 0, err);
    const bytes = await Deno.readFile(it.path("x.dav"));
    assert.equal(stateOf(bytes), "complete");
    assert.equal(JSON.parse(out)[0].bytes, bytes.length);
    assert.equal(it.simulator.stats().sessionsOpen, 0);
  });
}

const FAULTS: readonly (readonly [string, Record<string, unknown>, SimulatorOptions, number])[] = [
  ["short-download", { missing: 1000 }, {}, 0],
  ["short-download", { missing: 1000, announced: true }, {}, 0],
  ["short-download", { missing: 1000, times: 100 }, {}, 7],
  ["short-download", { missing: 1000, times: 100 }, { loadfileRanges: false }, 7],
  ["short-download", { missing: 1000, times: 100 }, { loadfileForm: "unsized" }, 7],
  ["short-download", { missing: 1000, times: 100 }, { loadfileForm: "multipart" }, 7],
  ["short-download", { missing: 1000, times: 100 }, { loadfileForm: "base64" }, 7],
  ["cut-stream", { after: 50_000, service: "http" }, {}, 0],
  ["cut-stream", { after: 50_000, service: "http" }, { loadfileRanges: false }, 0],
  ["cut-stream", { after: 50_000, service: "http", times: 3 }, {}, 0],
  ["cut-stream", { after: 50_000, service: "http", times: 100 }, { loadfileRanges: false }, 7],
  ["dhav-garbage", {}, {}, 0],
  ["timestamp-wrap", {}, {}, 0],
  ["download-refused", {}, {}, 5],
];

for (const [fault, options, device, expected] of FAULTS) {
  const name = `${fault} ${JSON.stringify({ ...options, ...device })}: ${expected}`;
  Deno.test(name, async () => {
    await using it = await bench(device);
    it.simulator.fault(fault, options as never);
    const { code, out, err } = await it.run(LINE);
    assert.equal(code, expected, err);
    const names = await it.names();
    if (expected === 0) {
      assert.deepEqual(names, ["x.dav"]);
      assert.equal(stateOf(await Deno.readFile(it.path("x.dav"))), "complete");
    } else if (expected === 7) {
      // The base64 of a short JSON is no JSON, so of that nothing is kept.
      assert.deepEqual(names.filter((one) => one === "x.dav"), []);
      assert.match(err, /kept as .*x\.dav\.part|without a byte|not whole/);
      assert.equal(JSON.parse(out)[0].error.code, "DHIP_INCOMPLETE");
    } else assert.deepEqual(names, []);
    assert.ok(!(out + err).includes(PASSWORD));
    assert.equal(it.simulator.stats().sessionsOpen, 0);
  });
}

peerTest("a part of a recording plays", ["ffmpeg"], async () => {
  await using it = await bench();
  it.simulator.fault("short-download", { missing: 1000, times: 100 });
  assert.equal((await it.run(LINE)).code, 7);
  const part = it.path("x.dav.part");
  const out = it.path("x.mkv");
  await run("ffmpeg", ["-v", "error", "-f", "dhav", "-i", part, "-c", "copy", "-an", out]);
  assert.ok((await Deno.stat(out)).size > 10_000);
});

Deno.test("over HTTP only, with TLS, and with sessions in the device's other forms", async () => {
  for (
    const [options, words] of [
      [{ httpsPort: 0 }, ["--tls"]],
      [{ httpSession: "hex" }, ["--transport=http"]],
    ] as readonly (readonly [SimulatorOptions, readonly string[]])[]
  ) {
    await using it = await bench(options);
    const { host, httpPort, httpsPort } = it.simulator.devices[0]!;
    const port = words[0] === "--tls" ? httpsPort : httpPort;
    const { code, err } = await it.run([...LINE, ...words], {}, `${host}:${port}`);
    assert.equal(code, 0, err);
  }
});

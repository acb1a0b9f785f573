import assert from "node:assert/strict";
import { LockSeeker } from "../../lib/cli/state/file_lock.ts";
import { dhavFile } from "../support/dhav_file.ts";
import { cli } from "./_support.ts";
import { type Recorded, RecorderBench } from "./_recorder.ts";

const recorded = (day: string, from: string, to: string, count = 20): Recorded => ({
  start: `2026-04-${day}T${from}:00`,
  end: `2026-04-${day}T${to}:00`,
  bytes: dhavFile(count, `2026-04-${day}T${from}:00`),
});
const OLD = recorded("01", "10:00", "11:00");
const FIRST = recorded("29", "08:00", "09:00");
const SECOND = recorded("29", "10:00", "11:00");
const LINE = ["sync", "gate", "@/", "-c", "1"];
const FILES = ["gate-1-20260429-080000.dav", "gate-1-20260429-100000.dav"];

Deno.test("a folder is kept: once fetched, then left alone, gaps told", async () => {
  await using bench = await RecorderBench.start([OLD, FIRST, SECOND]);
  const first = await bench.run([...LINE, "--last", "4h"]);
  assert.equal(first.code, 0, first.err);
  const result = JSON.parse(first.out);
  assert.deepEqual([result.fetched, result.there, result.missing], [2, 0, 0]);
  assert.deepEqual(result.gaps, [
    { channel: 1, from: "2026-04-29T09:00:00", to: "2026-04-29T10:00:00" },
    { channel: 1, from: "2026-04-29T11:00:00", to: "2026-04-29T12:00:00" },
  ]);
  assert.deepEqual(await bench.names(`${bench.folder}/gate/2026-04-29`), FILES);
  const fetched = bench.web.fetched.length;
  const second = await bench.run([...LINE, "--last", "4h"]);
  assert.equal(second.code, 0, second.err);
  assert.deepEqual([JSON.parse(second.out).there, bench.web.fetched.length], [2, fetched]);
  assert.equal(JSON.parse(second.out).bytes, 0);
});

Deno.test("a file that somebody removed comes again", async () => {
  await using bench = await RecorderBench.start([FIRST]);
  await bench.run([...LINE, "--last", "4h"]);
  await Deno.remove(`${bench.folder}/gate/2026-04-29/${FILES[0]}`);
  assert.equal(JSON.parse((await bench.run([...LINE, "--last", "4h"])).out).fetched, 1);
});

Deno.test("old files go: only those that it made, and that nobody changed", async () => {
  await using bench = await RecorderBench.start([OLD, {
    ...OLD,
    start: "2026-04-01T11:00:00",
    end: "2026-04-01T12:00:00",
  }]);
  bench.now = "2026-04-01 13:00:00";
  assert.equal((await bench.run([...LINE, "--last", "4h"])).code, 0);
  const folder = `${bench.folder}/gate/2026-04-01`;
  await Deno.writeTextFile(`${folder}/mine.dav`, "mine");
  await Deno.writeTextFile(`${folder}/gate-1-20260401-110000.dav`, "changed");
  bench.now = "2026-04-29 12:00:00";
  const kept = await bench.run([...LINE, "--last", "4h"]);
  assert.equal(JSON.parse(kept.out).removed.length, 0);
  const { code, out, err } = await bench.run([...LINE, "--last", "4h", "--keep", "7d"]);
  assert.equal(code, 0, err);
  assert.deepEqual(JSON.parse(out).removed, ["gate/2026-04-01/gate-1-20260401-100000.dav"]);
  assert.deepEqual(await bench.names(folder), ["gate-1-20260401-110000.dav", "mine.dav"]);
});

Deno.test("a folder that becomes empty goes too, and so does an old part", async () => {
  await using bench = await RecorderBench.start([{ ...OLD, length: 100_000 }]);
  bench.now = "2026-04-01 13:00:00";
  const short = await bench.run([...LINE, "--last", "4h"]);
  assert.equal(short.code, 7, short.err);
  assert.deepEqual(await bench.names(`${bench.folder}/gate/2026-04-01`), [
    "gate-1-20260401-100000.dav.part",
  ]);
  bench.now = "2026-04-29 12:00:00";
  const { code } = await bench.run([...LINE, "--last", "4h", "--keep", "7d"]);
  assert.equal(code, 0);
  assert.deepEqual(await bench.names(), [".dhip-sync.json", ".dhip-sync.lock"]);
});

Deno.test("one run at a time", async () => {
  await using bench = await RecorderBench.start([FIRST]);
  using seeker = new LockSeeker(`${bench.folder}/.dhip-sync.lock`);
  const lock = await seeker.tryTake();
  const { code, err } = await bench.run([...LINE, "--last", "4h"]);
  assert.notEqual(code, 0);
  assert.match(err, /Another dhip sync is at work/);
  lock!.release();
  assert.equal((await bench.run([...LINE, "--last", "4h"])).code, 0);
});

Deno.test("a damaged list removes nothing", async () => {
  for (
    const text of [
      "{",
      '{"version":1,"files":{"../x":{"device":"gate","start":"2020-01-01T00:00:00","bytes":1}}}',
      '{"version":2,"files":{}}',
    ]
  ) {
    await using bench = await RecorderBench.start([FIRST]);
    await Deno.writeTextFile(`${bench.folder}/.dhip-sync.json`, text);
    const { code, err } = await bench.run([...LINE, "--keep", "7d"]);
    assert.equal(code, 1, err);
    assert.match(err, /damaged/);
  }
});

Deno.test("one of several devices that fails", async () => {
  await using bench = await RecorderBench.start([FIRST]);
  const library = bench.library((host) => host === "dead");
  const { code, out } = await bench.run(["sync", "gate,dead", "@/", "-c1", "--last=5h"], {
    library,
  });
  assert.equal(code, 6);
  assert.deepEqual(JSON.parse(out).map(({ error }: { error?: unknown }) => error === undefined), [
    true,
    false,
  ]);
});

const WRONG: readonly (readonly [readonly string[], RegExp])[] = [
  [["x", "--last=1h", "--from=today"], /exclude each other/],
  [["x", "--last=7d", "--keep=1d"], /would come again/],
  [["x", "--last=5"], /with its unit/],
  [["x", "--names=%Q"], /%Y %y/],
  [[], /FOLDER is missing/],
];

for (const [words, message] of WRONG) {
  Deno.test(`wrong: sync ${words.join(" ")}`, async () => {
    const { code, err } = await cli(["sync", "h", ...words]);
    assert.equal(code, 2, err);
    assert.match(err, message);
  });
}

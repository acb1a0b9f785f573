import assert from "node:assert/strict";
import type { OpenFile } from "../../lib/cli/io.ts";
import { dhavFile } from "../support/dhav_file.ts";
import { cli } from "./_support.ts";
import { files, pathOf, type Recorded, RecorderBench } from "./_recorder.ts";

const FIRST: Recorded = {
  start: "2026-04-29T09:00:00",
  end: "2026-04-29T10:00:00",
  bytes: dhavFile(400, "2026-04-29T09:00:00", 200),
};
const SECOND: Recorded = {
  start: "2026-04-29T10:00:00",
  end: "2026-04-29T11:00:00",
  bytes: dhavFile(300, "2026-04-29T10:00:00", 200),
};
const OTHER: Recorded = { ...FIRST, channel: 2, bytes: dhavFile(50) };
const PERIOD = ["--from", "2026-04-29 08:00", "--to", "2026-04-29 12:00"];
const NAME = "gate-1-20260429-090000.dav";

Deno.test("a period becomes files, and running the line again fetches nothing", async () => {
  await using bench = await RecorderBench.start([FIRST, SECOND, OTHER]);
  const line = ["download", "gate", ...PERIOD, "-c", "1", "-c", "2", "-o", "@/"];
  const { code, out, err } = await bench.run(line);
  assert.equal(code, 0, err);
  assert.deepEqual(await bench.names(), [
    NAME,
    "gate-1-20260429-100000.dav",
    "gate-2-20260429-090000.dav",
  ]);
  assert.deepEqual(await bench.read(NAME), FIRST.bytes);
  const [first] = JSON.parse(out);
  assert.deepEqual(first, {
    channel: 1,
    start: "2026-04-29T09:00:00",
    end: "2026-04-29T10:00:00",
    path: pathOf(FIRST),
    file: `${bench.folder}/${NAME}`,
    bytes: FIRST.bytes.length,
    mediaSeconds: 399,
    resumed: 0,
    state: "fetched",
  });
  const fetched = bench.web.fetched.length;
  const again = await bench.run(line);
  assert.equal(again.code, 0, again.err);
  assert.deepEqual(JSON.parse(again.out).map(({ state }: { state: string }) => state), [
    "there",
    "there",
    "there",
  ]);
  assert.equal(bench.web.fetched.length, fetched);
  assert.equal(bench.web.count("global.logout"), 2);
  assert.doesNotMatch(out + err + bench.web.fetched.join(), /canary/);
});

Deno.test("a file of another size is fetched anew", async () => {
  await using bench = await RecorderBench.start([FIRST]);
  await Deno.writeFile(`${bench.folder}/${NAME}`, FIRST.bytes.subarray(0, 100));
  const { code } = await bench.run(["download", "gate", ...PERIOD, "-c1", "-o", "@/"]);
  assert.equal(code, 0);
  assert.deepEqual(await bench.read(NAME), FIRST.bytes);
  assert.deepEqual(await bench.names(), [NAME]);
});

Deno.test("a recording by its path", async () => {
  await using bench = await RecorderBench.start([FIRST]);
  const { code, err } = await bench.run(["download", "gate", pathOf(FIRST), "-o", "@/"]);
  assert.equal(code, 0, err);
  assert.deepEqual(await bench.names(), ["gate-2026-04-29_09.00.00-10.00.00_R_0_0_0_.dav"]);
  assert.equal(bench.web.count("mediaFileFind.factory.create"), 0);
  const timed = await bench.run(["download", "gate", pathOf(FIRST), "-o", "@/%H%M.dav"]);
  assert.equal(timed.code, 0, timed.err);
  assert.ok((await bench.names()).includes("0900.dav"));
});

Deno.test("a recording to standard output, and nothing else", async () => {
  await using bench = await RecorderBench.start([FIRST, SECOND]);
  let length = 0;
  const { code, err } = await bench.run(["download", "gate", pathOf(FIRST), "-o", "-"], {
    io: {
      stdout: {
        isTerminal: false,
        columns: 80,
        rows: 24,
        write: (data) => Promise.resolve(void (length += data.length)),
      },
    },
  });
  assert.equal(code, 0, err);
  assert.equal(length, FIRST.bytes.length);
  const two = await bench.run(["download", "gate", ...PERIOD, "-c1", "-o", "-"]);
  assert.equal(two.code, 2);
});

for (const knows of [true, false]) {
  Deno.test(`a broken way is gone on ${knows ? "where it broke" : "from the start, and compared"}`, async () => {
    await using bench = await RecorderBench.start([FIRST]);
    let asked = 0;
    const ranges: (string | null)[] = [];
    bench.file = (request) => {
      ranges.push(request.headers.get("range"));
      if (++asked === 1) return { body: FIRST.bytes, cut: 60_000 };
      return knows ? undefined : { body: FIRST.bytes };
    };
    const { code, out, err } = await bench.run(["download", "gate", ...PERIOD, "-c1", "-o", "@/"]);
    assert.equal(code, 0, err);
    assert.deepEqual(await bench.read(NAME), FIRST.bytes);
    assert.deepEqual(ranges, [null, `bytes=${60_000 - 16 * 1024}-`]);
    assert.match(err, /going on in/);
    assert.equal(JSON.parse(out)[0].state, "fetched");
  });
}

Deno.test("what an earlier run left is gone on with", async () => {
  await using bench = await RecorderBench.start([FIRST]);
  await Deno.writeFile(`${bench.folder}/${NAME}.part`, FIRST.bytes.subarray(0, 70_000));
  const { code, out, err } = await bench.run(["download", "gate", ...PERIOD, "-c1", "-o", "@/"]);
  assert.equal(code, 0, err);
  assert.deepEqual(await bench.read(NAME), FIRST.bytes);
  assert.equal(JSON.parse(out)[0].resumed, 70_000);
  assert.deepEqual(await bench.names(), [NAME]);
});

for (
  const [what, left] of [
    ["another recording", dhavFile(300, "2020-01-01T00:00:00", 200)],
    ["more than there is", new Uint8Array(1_000_000).fill(7)],
  ] as const
) {
  Deno.test(`what an earlier run left of ${what} is not taken for this one`, async () => {
    await using bench = await RecorderBench.start([FIRST]);
    await Deno.writeFile(`${bench.folder}/${NAME}.part`, left);
    const { code, err } = await bench.run(["download", "gate", ...PERIOD, "-c1", "-o", "@/"]);
    assert.equal(code, 0, err);
    assert.deepEqual(await bench.read(NAME), FIRST.bytes);
  });
}

Deno.test("a file that stays short ends with 7, says so, and its part is kept", async () => {
  await using bench = await RecorderBench.start([{ ...FIRST, length: FIRST.bytes.length + 500 }]);
  const { code, out, err } = await bench.run(["download", "gate", ...PERIOD, "-c1", "-o", "@/"]);
  assert.equal(code, 7, err);
  assert.deepEqual(await bench.names(), [`${NAME}.part`]);
  const [{ state, bytes, error }] = JSON.parse(out);
  assert.deepEqual([state, bytes, error.code], [
    "incomplete",
    FIRST.bytes.length,
    "DHIP_INCOMPLETE",
  ]);
  assert.match(err, /of \d+ bytes came; what came is kept as/);
});

Deno.test("a table and a spreadsheet tell what became of each recording", async () => {
  await using bench = await RecorderBench.start([
    { ...FIRST, length: FIRST.bytes.length + 500 },
    SECOND,
  ]);
  const line = ["download", "gate", ...PERIOD, "-c1", "-o", "@/"];
  const table = await bench.run([...line, "--output=table"]);
  assert.equal(table.code, 7, table.err);
  const [head, first, second] = table.out.split("\n");
  assert.match(head!, /^CHANNEL +START +LENGTH +SIZE +FILE +STATE$/);
  assert.match(first!, /^ *1 +2026-04-29 09:00:00 +1:00:00 .*incomplete: .* bytes came/);
  assert.match(second!, /^ *1 +2026-04-29 10:00:00 +1:00:00 .*\.dav +fetched$/);
  const sheet = await bench.run([...line, "--output=csv"]);
  const [names, , whole] = sheet.out.split("\r\n");
  assert.equal(names, "channel,start,end,bytes,resumed,file,state,path,error");
  const [{ length }, path] = [SECOND.bytes, pathOf(SECOND)];
  const file = `${bench.folder}/gate-1-20260429-100000.dav`;
  assert.equal(
    whole,
    `1,2026-04-29 10:00:00,2026-04-29 11:00:00,${length},0,${file},there,${path},`,
  );
  const none = await bench.run(["download", "gate", ...PERIOD, "-c2", "--output=table"]);
  assert.deepEqual([none.code, none.out], [0, "No recordings.\n"]);
});

Deno.test("a file that ends inside a frame ends with 7", async () => {
  const cut = FIRST.bytes.subarray(0, 1000);
  await using bench = await RecorderBench.start([{ ...FIRST, bytes: cut }, SECOND]);
  const { code, out, err } = await bench.run(["download", "gate", ...PERIOD, "-c1", "-o", "@/"]);
  assert.equal(code, 7, err);
  assert.match(err, /1 of 2 recordings are not whole: .* bytes of a frame/);
  assert.deepEqual(JSON.parse(out).map(({ state }: { state: string }) => state), [
    "incomplete",
    "fetched",
  ]);
});

Deno.test("a full disk is told, and what came is kept", async () => {
  await using bench = await RecorderBench.start([FIRST, SECOND]);
  const full = {
    ...files,
    async open(path: string): Promise<OpenFile> {
      const file = await files.open(path);
      return {
        get length() {
          return file.length;
        },
        read: (at, buffer) => file.read(at, buffer),
        async write(at, bytes) {
          await file.write(at, bytes.subarray(0, Math.max(0, 60_000 - at)));
          if (at + bytes.length > 60_000) throw Object.assign(new Error("os"), { code: "ENOSPC" });
        },
        cut: (length) => file.cut(length),
        sync: () => file.sync(),
        [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
      };
    },
  };
  const line = ["download", "gate", ...PERIOD, "-c1", "-o", "@/", "--jobs=1"];
  const { code, out, err } = await bench.run(line, { io: { files: full } });
  assert.notEqual(code, 0);
  assert.match(err, /disk is full. What came is kept/);
  assert.deepEqual(JSON.parse(out).map(({ state }: { state: string }) => state), [
    "incomplete",
    "left",
  ]);
  assert.deepEqual(await bench.names(), [`${NAME}.part`]);
  assert.equal((await bench.run(line)).code, 0);
  assert.deepEqual(await bench.read(NAME), FIRST.bytes);
});

Deno.test("an interrupt leaves the part", async () => {
  await using bench = await RecorderBench.start([FIRST]);
  const stop = new AbortController();
  bench.file = () => ({ body: FIRST.bytes, cut: 30_000, hang: true });
  const timer = setTimeout(() => stop.abort(), 300);
  const { code } = await bench.run(["download", "gate", ...PERIOD, "-c1", "-o", "@/"], {
    interrupt: stop.signal,
  });
  clearTimeout(timer);
  assert.equal(code, 130);
  assert.deepEqual(await bench.names(), [`${NAME}.part`]);
});

Deno.test("a refused file, and no recordings at all", async () => {
  await using bench = await RecorderBench.start([FIRST]);
  bench.file = () => ({ status: 403 });
  const refused = await bench.run(["download", "gate", ...PERIOD, "-c1", "-o", "@/"]);
  assert.equal(refused.code, 5, refused.err);
  assert.deepEqual(await bench.names(), []);
  const none = await bench.run(["download", "gate", "--from=2020-01-01", "--to=2020-01-01", "-c1"]);
  assert.deepEqual([none.code, JSON.parse(none.out)], [0, []]);
});

Deno.test("two recordings of one name are numbered", async () => {
  await using bench = await RecorderBench.start([FIRST, { ...FIRST, path: "/x/y.dav" }]);
  const { code } = await bench.run(["download", "gate", ...PERIOD, "-c1", "-o", "@/"]);
  assert.equal(code, 0);
  assert.deepEqual(await bench.names(), [NAME.replace(".dav", "-2.dav"), NAME].sort());
});

Deno.test("at most so many at a time", async () => {
  const many = Array.from({ length: 6 }, (_, hour): Recorded => ({
    start: `2026-04-29T0${hour}:00:00`,
    end: `2026-04-29T0${hour}:59:00`,
    bytes: FIRST.bytes,
  }));
  await using bench = await RecorderBench.start(many);
  let running = 0;
  let most = 0;
  bench.file = async () => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 20));
    running--;
    return { body: FIRST.bytes };
  };
  const { code } = await bench.run(["download", "gate", "--from=2026-04-29", "-c1", "-o", "@/"]);
  assert.deepEqual([code, most], [0, 2]);
});

const WRONG: readonly (readonly [readonly string[], RegExp])[] = [
  [["/x.dav", "--from=today"], /exclude each other/],
  [["-o", "json"], /--output=json/],
  [["-o", "%s.dav"], /%s is not known/],
  [["-o", "%Q.dav"], /%Y %y/],
  [["/a", "/b", "-o", "-"], /single recording/],
  [["/a", "-o", "{channel}.dav"], /\{channel\} is not known/],
  [["/a", "-o", "%H.dav"], /does not tell when/],
  [["--jobs=9"], /1\.\.8/],
  [["-c", "0"], /first channel is 1/],
];

for (const [words, message] of WRONG) {
  Deno.test(`wrong: download ${words.join(" ")}`, async () => {
    await using bench = await RecorderBench.start([]);
    const { code, err } = await bench.run(["download", "gate", ...words]);
    assert.equal(code, 2, err);
    assert.match(err, message);
  });
}

Deno.test("several devices need a name each; -o is the file in the help too", async () => {
  assert.equal((await cli(["download", "a,b", "/x", "-o", "x.dav"])).code, 2);
  const { out } = await cli(["download", "--help"]);
  assert.match(out, /-o, --out FILE/);
  assert.match(out, /^ {4,}--output FORMAT/m);
});

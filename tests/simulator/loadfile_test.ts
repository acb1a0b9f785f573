import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { JsonObject } from "../../lib/dhip/frame.ts";
import type { DeviceOptions, SimulatedRecording } from "../../lib/simulator/mod.ts";
import { authorised, digest, RawHttp, RawRpc2, type Reply } from "./_http.ts";
import { type Bench, bench, errorOf, type RawClient } from "./_support.ts";
import { type DhavFrame, readDhav } from "./_dhav.ts";

const DAY = { Channel: 0, StartTime: "2026-01-01 00:00:00", EndTime: "2026-01-02 00:00:00" };

const RECORDINGS: readonly SimulatedRecording[] = [
  { start: "2026-01-01 10:00:00", end: "2026-01-01 10:00:10" },
  { start: "2026-01-01 10:00:10", end: "2026-01-01 10:00:20" },
  // Overlaps the one before; behind it there is a hole.
  { start: "2026-01-01 10:00:15", end: "2026-01-01 10:00:25", flag: "Event" },
  { start: "2026-01-01 10:00:30", end: "2026-01-01 10:00:40", video: "H.264", sound: "none" },
  { start: "2026-01-01 10:00:00", end: "2026-01-01 10:00:10", stream: "Extra1", length: 123_456 },
  { start: "2026-01-01 10:00:05", type: "jpg", length: 90_001 },
  { start: "2026-01-01 10:00:00", end: "2026-01-01 10:00:10", channel: 2 },
];

interface Info {
  FilePath: string;
  Length: number;
  Type: string;
  VideoStream: string;
}

async function infosOf(client: RawClient, more: JsonObject = {}): Promise<Info[]> {
  const object = (await client.call("mediaFileFind.factory.create")).json.result as number;
  await client.call("mediaFileFind.findFile", { condition: { ...DAY, ...more } }, { object });
  const { infos } = await client.ask("mediaFileFind.findNextFile", { count: 50 }, { object });
  return infos as Info[];
}

async function rpc(it: Bench, user?: string): Promise<RawRpc2> {
  const rpc = new RawRpc2(RawHttp.open(it));
  assert.equal((await rpc.login(user)).json.result, true);
  return rpc;
}

const urlOf = (path: string) => `/RPC_Loadfile${path.split("/").map(encodeURIComponent).join("/")}`;

function paths(it: Bench): Promise<Info[]> {
  return it.open().then((client) => infosOf(client));
}

const media = (options: DeviceOptions = {}) => bench({ recordings: RECORDINGS, ...options });

Deno.test("a file found is served whole, as long as the search said", async () => {
  await using it = media();
  const infos = await paths(it);
  assert.equal(infos.length, 6);
  const session = await rpc(it);
  for (const { FilePath, Length, Type } of infos) {
    const reply = await session.http.get(urlOf(FilePath), session.fields);
    assert.equal(reply.status, 200);
    assert.equal(reply.body.length, Length, FilePath);
    assert.equal(Number(reply.field("content-length")), Length);
    if (Type === "dav") {
      const whole = !FilePath.includes("/1/1/");
      const frames = readDhav(reply.body, whole);
      assert.equal(
        frames[0]!.date,
        "2026-01-01 " + FilePath.match(/(\d\d\.\d\d\.\d\d)-/)![1]!
          .replaceAll(".", ":"),
      );
      continue;
    }
    assert.deepEqual([...reply.body.subarray(0, 4)], [0xff, 0xd8, 0xff, 0xfe]);
    assert.equal(reply.text.lastIndexOf("\u00ff\u00d9") >= 0 || reply.body.includes(0xd9), true);
  }
  assert(it.device.stats().bytesServed.http! > 500_000);
});

Deno.test("what the seed has recorded is served too", async () => {
  await using it = bench();
  const infos = await infosOf(await it.open(), { Flags: ["Event"], Types: ["dav"] });
  const session = await rpc(it);
  const { FilePath, Length } = infos[0]!;
  const reply = await session.http.get(urlOf(FilePath), session.fields);
  assert.equal(reply.body.length, Length);
  readDhav(reply.body);
});

Deno.test("CGI serves files behind its Digest, with one slash more too", async () => {
  await using it = media();
  const [info] = await paths(it);
  for (const slash of ["", "/"]) {
    using http = RawHttp.open(it);
    const target = `/cgi-bin${urlOf(info!.FilePath).replace("file/", `file/${slash}`)}`;
    const reply = await authorised(http, target);
    assert.deepEqual([reply.status, reply.body.length], [200, info!.Length]);
  }
  using http = RawHttp.open(it);
  const { status } = await authorised(http, "/cgi-bin/RPC_Loadfile/mnt/dvr/none.dav");
  assert.equal(status, 404);
});

Deno.test("ranges are parts of the same file; a device may pass them over", async () => {
  for (const loadfileRanges of [true, false]) {
    await using it = media({ loadfileRanges });
    const [{ FilePath, Length }] = await paths(it) as [Info];
    const { http, fields } = await rpc(it);
    const get = (Range?: string) =>
      http.get(urlOf(FilePath), Range === undefined ? fields : { ...fields, Range });
    const { body } = await get();
    const part = async (range: string) => {
      const reply = await get(`bytes=${range}`);
      return [reply.status, reply.field("content-range"), reply.body.length, reply] as const;
    };
    if (!loadfileRanges) {
      assert.deepEqual((await part("5-9")).slice(0, 3), [200, undefined, Length]);
      continue;
    }
    for (
      const [range, from, to] of [
        ["0-", 0, Length],
        ["1000-4999", 1000, 5000],
        [`${Length - 7}-`, Length - 7, Length],
        ["-100", Length - 100, Length],
        [`5-${Length + 1000}`, 5, Length],
      ] as const
    ) {
      const [status, field, , reply] = await part(range);
      assert.deepEqual([status, field], [206, `bytes ${from}-${to - 1}/${Length}`]);
      assert(Buffer.from(reply.body).equals(body.subarray(from, to)));
    }
    assert.deepEqual((await part(`${Length}-`)).slice(0, 2), [416, `bytes */${Length}`]);
    for (const odd of ["9-5", "x", "-"]) assert.equal((await part(odd))[0], 200);
  }
});

Deno.test("an answer is raw, without length, multipart or base64", async () => {
  const bodies: Uint8Array[] = [];
  for (const loadfileForm of ["raw", "multipart", "base64"] as const) {
    await using it = media({ loadfileForm });
    const [{ FilePath }] = await paths(it) as [Info];
    const { http, fields } = await rpc(it);
    const reply = await http.get(urlOf(FilePath), fields);
    assert.equal(reply.status, 200);
    bodies.push(payloadOf(reply));
  }
  for (const body of bodies) assert(Buffer.from(body).equals(bodies[0]!));
  await using it = media({ loadfileForm: "unsized" });
  const [{ FilePath }] = await paths(it) as [Info];
  const { http, fields } = await rpc(it);
  assert(Buffer.from(await unsized(http, urlOf(FilePath), fields)).equals(bodies[0]!));
});

/** What an answer carries, whatever it is wrapped in. */
function payloadOf(reply: Reply): Uint8Array {
  const type = reply.field("content-type")!;
  if (type === "application/octet-stream") return reply.body;
  if (type === "application/json") {
    return Uint8Array.fromBase64((reply.json.params as { body: string }).body);
  }
  const boundary = /boundary=(.+)$/.exec(type)![1];
  const text = Buffer.from(reply.body).toString("latin1"); // TextDecoder's is Windows-1252
  const [, status, second, end] = text.split(`--${boundary}`);
  assert.match(status!, /^\r\nContent-Type: application\/json\r\n/);
  assert.equal(JSON.parse(status!.slice(status!.indexOf("{"))).result, true);
  assert.equal(end, "--\r\n");
  const [head, inner] = second!.split("\r\n\r\n", 2) as [string, string];
  assert.match(head, /Content-Type: application\/http/);
  assert.match(inner, /^HTTP\/1\.1 200 OK\r\n/);
  const bytes = second!.slice(head.length + 4 + inner.length + 4, -2);
  const length = Number(/Content-Length: (\d+)/.exec(inner)![1]);
  assert.equal(bytes.length, length);
  return Uint8Array.from(bytes, (letter) => letter.charCodeAt(0));
}

/** The body of an answer without a length: everything that comes until the connection ends. */
async function unsized(
  http: RawHttp,
  target: string,
  fields: Record<string, string>,
): Promise<Uint8Array> {
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  await http.send(`GET ${target} HTTP/1.1\r\nHost: x\r\n${lines}\r\n`);
  return await rest(http);
}

async function rest({ stream }: RawHttp): Promise<Uint8Array> {
  const buffer = new Uint8Array(1 << 24);
  let length = 0;
  for (let got; (got = await stream.read(buffer.subarray(length))) !== null;) length += got;
  const whole = buffer.subarray(0, length);
  const text = new TextDecoder("latin1").decode(whole.subarray(0, 2000));
  const end = text.indexOf("\r\n\r\n");
  assert.match(text, /^HTTP\/1\.1 200 /);
  assert.doesNotMatch(text.slice(0, end), /content-length/i);
  return whole.subarray(end + 4);
}

Deno.test("who has no session, no right or no such file is refused", async () => {
  await using it = media({ users: [{ name: "guest", password: "guest123", group: "user" }] });
  const [{ FilePath }] = await paths(it) as [Info];
  const session = await rpc(it);
  const code = (reply: Reply) => [reply.status, errorOf(reply.json).code];
  const stranger = RawHttp.open(it);
  assert.deepEqual(code(await stranger.get(urlOf(FilePath))), [200, 287637505]);
  const wrong = { Cookie: "DhWebClientSessionID=12345" };
  assert.deepEqual(code(await stranger.get(urlOf(FilePath), wrong)), [200, 287637505]);
  const get = (path: string) => session.http.get(path, session.fields);
  assert.equal((await get("/RPC_Loadfile/mnt/dvr/2026-01-01/0/dav/none.dav")).status, 404);
  assert.equal((await get(`/RPC_Loadfile${FilePath}`)).status, 400); // not escaped
  assert.equal((await get("/RPC_Loadfile/%ff")).status, 400);
  assert.deepEqual(code(await get("/RPC_Loadfile/4711")), [200, 268894209]);
  assert.equal((await session.http.request("POST", urlOf(FilePath), session.fields)).status, 405);
  it.device.fault("download-refused", { times: 1 });
  assert.deepEqual(code(await get(urlOf(FilePath))), [200, 285278249]);
  it.device.fault("download-refused", { times: 1 });
  using http = RawHttp.open(it);
  assert.equal((await authorised(http, `/cgi-bin${urlOf(FilePath)}`)).status, 403);
});

const times = (from: string, to: string) =>
  `startTime=2026-01-01%20${from}&endTime=2026-01-01%20${to}`;

async function byTime(it: Bench, query: string): Promise<DhavFrame[]> {
  const target = `/cgi-bin/loadfile.cgi?action=startLoad&${query}`;
  using first = RawHttp.open(it);
  const challenge = (await first.get(target)).field("www-authenticate")!;
  using http = RawHttp.open(it);
  return readDhav(await unsized(http, target, { Authorization: digest({ challenge, target }) }));
}

Deno.test("loadfile.cgi gives every moment once, over borders, overlaps and holes", async () => {
  await using it = media();
  const frames = await byTime(it, `channel=1&subtype=0&${times("10:00:05", "10:00:35")}`);
  const pictures = frames.filter(({ kind }) => kind === "key" || kind === "inter");
  const seconds = pictures.filter(({ kind }) => kind === "key").map(({ date }) => date.slice(17));
  const wanted = [...Array(20).keys()].map((i) => i + 5).concat([30, 31, 32, 33, 34]);
  assert.deepEqual(seconds.map(Number), wanted);
  assert.equal(pictures.length, 25 * 25);
  const jumps = pictures.slice(1).map(({ number }, index) => number - pictures[index]!.number);
  assert.deepEqual(jumps.filter((jump) => jump !== 1), [5 * 25 + 1]);
  // The last recording is H.264 without sound.
  assert.equal(frames.filter(({ kind }) => kind === "audio").length, 20 * 25);
  assert.equal(
    (await byTime(it, `channel=1&subtype=1&${times("10:00:00", "10:00:02")}`)).length > 50,
    true,
  );
  using http = RawHttp.open(it);
  const bad = [
    `channel=0&subtype=0&${times("10:00:05", "10:00:35")}`,
    `channel=1&subtype=7&${times("10:00:05", "10:00:35")}`,
    `channel=1&${times("10:00:35", "10:00:05")}`,
    "channel=1",
  ];
  for (const query of bad) {
    using http = RawHttp.open(it);
    assert.equal(
      (await authorised(http, `/cgi-bin/loadfile.cgi?action=startLoad&${query}`)).status,
      400,
    );
  }
  const none = `/cgi-bin/loadfile.cgi?action=startLoad&channel=1&${times("11:00:00", "11:00:05")}`;
  assert.equal((await authorised(http, none)).status, 404);
});

Deno.test("one key frame is told by its time", async () => {
  await using it = media();
  const session = await rpc(it);
  const ask = async (Infos: unknown, method = "StorageAssistant.getIFrameData") =>
    await session.post("/RPC3_Loadfile", { method, id: 9, params: { Infos } }, session.fields);
  const infos = { Channel: 0, Time: "2026-01-01 10:00:17", VideoStream: "Main" };
  for (const each of [infos, [infos]]) {
    const [frame, ...more] = readDhav((await ask(each)).body);
    assert.deepEqual([frame!.kind, frame!.date, more.length], ["key", infos.Time, 0]);
  }
  const code = async (reply: Promise<Reply>) => errorOf((await reply).json).code;
  assert.equal(await code(ask({ ...infos, Time: "2026-01-01 10:00:27" })), 268959743);
  assert.equal(await code(ask({ ...infos, Channel: 9 })), 268894211);
  assert.equal(await code(ask({ ...infos, Time: "now" })), 268894211);
  assert.equal(await code(ask(infos, "StorageAssistant.format")), 268894210);
  const stranger = new RawRpc2(RawHttp.open(it));
  assert.equal(await code(stranger.post("/RPC3_Loadfile", { id: 1 })), 287637505);
});

Deno.test("a live stream begins with a key frame and goes on by the device's clock", async () => {
  await using it = bench({ time: Date.UTC(2026, 0, 2, 11, 0, 0) + 300 });
  const session = await rpc(it);
  const { result } = await session.call("streamReader.create", { channel: 1, subtype: 0 });
  assert.equal(typeof result, "number");
  const call = async (method: string) => {
    const id = { method: `streamReader.${method}`, params: null, object: result, id: 1 };
    return (await session.post("/RPC2", { ...id, session: session.session }, session.fields)).json;
  };
  assert.equal((await call("start")).result, true);
  using reader = RawHttp.open(it);
  const body = unsized(reader, `/RPC_Loadfile/${result}`, session.fields);
  await tick();
  await it.clock.advance(2000);
  assert.equal((await call("stop")).result, true);
  const frames = readDhav(await body);
  assert.equal(frames[0]!.kind, "key");
  assert.equal(frames[0]!.date, "2026-01-02 12:00:00"); // device local time
  assert(frames.every(({ channel }) => channel === 1));
  const pictures = frames.filter(({ kind }) => kind === "key" || kind === "inter");
  assert.equal(pictures.length, 1 + Math.floor(2300 / 40));
  const numbers = pictures.map(({ number }) => number - pictures[0]!.number);
  assert.deepEqual(numbers, [...numbers.keys()]);
  assert.equal((await call("destroy")).result, true);
  assert.equal(errorOf(await call("start")).code, 268894209);
});

Deno.test("a live stream ends with its session", async () => {
  await using it = bench({ keepAliveInterval: 5, keepAliveGrace: 0 });
  const bodies: Promise<Uint8Array>[] = [];
  const sessions = [await rpc(it), await rpc(it)] as const;
  for (const session of sessions) {
    const { result } = await session.call("streamReader.create", { channel: 0, subtype: 1 });
    bodies.push(unsized(RawHttp.open(it), `/RPC_Loadfile/${result}`, session.fields));
  }
  await tick();
  await it.clock.advance(3000);
  assert.equal((await sessions[0].call("global.keepAlive", { timeout: 5 })).result, true);
  await it.clock.advance(4000);
  assert.equal((await sessions[0].call("global.logout")).result, true);
  await it.clock.advance(2000);
  const keys = (await Promise.all(bodies)).map((body) =>
    readDhav(body).filter(({ kind }) => kind === "key").length
  );
  assert(keys[0]! > keys[1]!, String(keys));
});

Deno.test("streams that do not exist are refused", async () => {
  await using it = bench();
  const session = await rpc(it);
  for (const params of [{ channel: 2, subtype: 0 }, { channel: 0, subtype: 2 }, { subtype: "0" }]) {
    assert.equal(await session.refusal("streamReader.create", params), 268894211);
  }
});

Deno.test("a live stream follows the configuration", async () => {
  await using it = bench({ time: Date.UTC(2026, 0, 2, 11, 0, 0) });
  const session = await rpc(it);
  const { result } = await session.call("streamReader.create", { channel: 0, subtype: 0 });
  using reader = RawHttp.open(it);
  const body = unsized(reader, `/RPC_Loadfile/${result}`, session.fields);
  await tick();
  await it.clock.advance(500);
  const { table } = (await session.call("configManager.getConfig", { name: "Encode" }))
    .params as { table: { MainFormat: { Video: JsonObject; AudioEnable: boolean }[] }[] };
  table[0]!.MainFormat[0]!.Video.Compression = "H.264";
  table[0]!.MainFormat[0]!.AudioEnable = false;
  assert.equal(
    (await session.call("configManager.setConfig", { name: "Encode", table })).result,
    true,
  );
  for (let i = 0; i < 30; i++) {
    await it.clock.advance(100);
    await tick();
  }
  await it.device.restart();
  const keys = readDhav(await body, false).filter(({ kind }) => kind === "key");
  const codecs = keys.map(({ extension }) => extension[2]);
  assert.deepEqual([codecs[0], codecs.at(-1)], [0x0c, 0x08]);
});

Deno.test("a live client that does not read loses frames, and the next is a key frame", async () => {
  await using it = bench({
    mainVideo: "H.264",
    sound: "PCM",
    liveBacklog: 16_384,
    time: Date.UTC(2026, 0, 2, 11, 0, 0),
  });
  const session = await rpc(it);
  const { result } = await session.call("streamReader.create", { channel: 0, subtype: 0 });
  using reader = RawHttp.open(it);
  const lines = Object.entries(session.fields).map(([name, value]) => `${name}: ${value}\r\n`);
  await reader.send(`GET /RPC_Loadfile/${result} HTTP/1.1\r\n${lines.join("")}\r\n`);
  await tick();
  await it.clock.advance(30_000);
  const { droppedFrames } = it.device.stats();
  assert(droppedFrames > 25 * 10, `${droppedFrames} were left out`);
  const body = rest(reader);
  await tick();
  await it.clock.advance(3000);
  await it.device.restart();
  const frames = readDhav(await body, false);
  const pictures = frames.filter(({ kind }) => kind === "key" || kind === "inter");
  const jumps = pictures.slice(1).filter(({ number }, index) =>
    number !== pictures[index]!.number + 1
  );
  assert(jumps.length >= 1);
  assert(jumps.every(({ kind }) => kind === "key"));
});

/** Lets happen what needs no device time: loading, and what goes to and fro. */
function tick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}

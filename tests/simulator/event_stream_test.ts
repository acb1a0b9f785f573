/** eventManager.cgi: events and heartbeats as multipart without an end. */

import assert from "node:assert/strict";
import { styledJson } from "../../lib/simulator/web/styled_json.ts";
import { digest, RawHttp } from "./_http.ts";
import { type Bench, bench, settle } from "./_support.ts";

const PATH = "/cgi-bin/eventManager.cgi?action=attach";

/** A stream that was opened; its head has been read. */
async function attach(
  it: Bench,
  query = "&codes=[All]&heartbeat=5",
): Promise<{ http: RawHttp; fields: Map<string, string> }> {
  const http = RawHttp.open(it);
  const target = PATH + query;
  const asked = await http.get(target);
  const challenge = asked.field("www-authenticate")!;
  const field = `Authorization: ${digest({ challenge, target })}\r\n`;
  await http.send(`GET ${target} HTTP/1.1\r\nHost: x\r\n${field}\r\n`);
  assert.match((await http.line())!, / 200 OK$/);
  const fields = new Map<string, string>();
  for (let line; (line = await http.line());) {
    const [name = "", value = ""] = line.split(": ");
    fields.set(name.toLowerCase(), value);
  }
  return { http, fields };
}

/** The next lines, with their ends made visible. */
async function lines(http: RawHttp, count: number): Promise<string[]> {
  const all: string[] = [];
  while (all.length < count) all.push((await http.line())!);
  return all;
}

const BEAT = ["--myboundary", "Content-Type: text/plain", "Content-Length: 9", "", "Heartbeat"];

/** What a part of an event with `data` = [] consists of. */
function part(code: string, action: string, index: number): string[] {
  const body = `Code=${code};action=${action};index=${index};data=[]`;
  const length = `Content-Length: ${body.length + 1}`;
  return ["--myboundary", "Content-Type: text/plain", length, "", body, ""];
}

Deno.test("a stream brings the events asked for, and heartbeats on the device's clock", async () => {
  await using it = bench();
  const { http, fields } = await attach(it, "&codes=[VideoMotion,AlarmLocal]&heartbeat=5");
  assert.equal(fields.get("content-type"), "multipart/x-mixed-replace; boundary=myboundary");
  assert.equal(fields.get("connection"), "close");
  assert.equal(fields.has("content-length"), false);
  assert.equal(it.device.event({ code: "VideoMotion", action: "Start", channel: 2, data: [] }), 1);
  assert.equal(it.device.event({ code: "VideoLoss", data: [] }), 0);
  assert.deepEqual(await lines(http, 6), part("VideoMotion", "Start", 1));
  let beats = 0;
  const reading = (async () => {
    for (;; beats++) assert.deepEqual(await lines(http, 5), BEAT);
  })().catch(() => {});
  await it.clock.advance(4999);
  assert.equal(beats, 0);
  await it.clock.advance(1);
  assert.equal(beats, 1);
  await it.clock.advance(15_000);
  assert.equal(beats, 4);
  await it.device.restart();
  await reading;
  assert.equal(await http.line(), null);
});

Deno.test("data is written as firmware does, UTF-8, with its length", async () => {
  await using it = bench();
  const { http } = await attach(it);
  const data = { Id: [0], RegionName: ["Вход; зона {1}"], SmartMotionEnable: false };
  it.device.event({ code: "VideoMotion", action: "Start", data });
  assert.deepEqual(await lines(http, 2), ["--myboundary", "Content-Type: text/plain"]);
  // The bytes of the vector "multi-line data with a semicolon and braces in a string".
  assert.equal(await http.line(), "Content-Length: 143");
  assert.equal(await http.line(), "");
  assert.equal(
    new TextDecoder().decode(await http.take(145)),
    'Code=VideoMotion;action=Start;index=0;data={\n   "Id" : [ 0 ],\n' +
      '   "RegionName" : [ "Вход; зона {1}" ],\n   "SmartMotionEnable" : false\n}\n\r\n',
  );
});

Deno.test("brackets may be escaped, heartbeats be left out, and several may listen", async () => {
  await using it = bench();
  const plain = await attach(it, "&codes=%5BAll%5D");
  const other = await attach(it, "&codes=[VideoBlind]&heartbeat=60");
  assert.equal(it.device.stats().subscriptions, 2);
  assert.equal(it.device.event({ code: "VideoBlind", action: "Stop", data: [] }), 2);
  for (const { http } of [plain, other]) {
    assert.deepEqual(await lines(http, 6), part("VideoBlind", "Stop", 0));
  }
  assert.equal(it.clock.pending, 1); // one of them asked for heartbeats
  other.http.close();
  await settle();
  assert.equal(it.clock.pending, 0);
  assert.equal(it.device.event({ code: "VideoBlind", data: [] }), 1);
});

Deno.test("what cannot be attached is refused", async () => {
  await using it = bench();
  for (
    const query of [
      "",
      "&codes=All",
      "&codes=[]",
      "&codes=[A;B]",
      "&codes=[All]&heartbeat=0",
      "&codes=[All]&heartbeat=61",
      "&codes=[All]&heartbeat=x",
    ]
  ) {
    const http = RawHttp.open(it);
    const target = PATH + query;
    const challenge = (await http.get(target)).field("www-authenticate")!;
    const reply = await http.get(target, { Authorization: digest({ challenge, target }) });
    assert.equal(reply.status, 400, query);
    assert.match(reply.text, /^Error/);
  }
  assert.equal(it.device.stats().subscriptions, 0);
});

Deno.test("what is under way and what the device has can be asked for", async () => {
  await using it = bench({ channels: 4 });
  const http = RawHttp.open(it);
  const ask = async (query: string) => {
    const target = `/cgi-bin/eventManager.cgi?action=${query}`;
    const challenge = (await http.get(target)).field("www-authenticate")!;
    return await http.get(target, { Authorization: digest({ challenge, target }) });
  };
  assert.match((await ask("getEventIndexes&code=VideoMotion")).text, /^Error\r\n/);
  it.device.event({ code: "VideoMotion", action: "Start", channel: 1 });
  it.device.event({ code: "VideoMotion", action: "Start", channel: 4 });
  it.device.event({ code: "VideoMotion", action: "Start", channel: 4 }); // may repeat
  const under = () => ask("getEventIndexes&code=VideoMotion");
  assert.equal((await under()).text, "channels[0]=0\r\nchannels[1]=3\r\n");
  it.device.event({ code: "VideoMotion", action: "Stop", channel: 1 });
  assert.equal((await under()).text, "channels[0]=3\r\n");
  assert.equal((await ask("getEventIndexes")).status, 400);
  assert.match((await ask("getCaps")).text, /^caps\.Codes\[0]=VideoMotion\r\n/);
});

Deno.test("events may stop while heartbeats go on, and both may stop", async () => {
  await using it = bench();
  const { http } = await attach(it);
  it.device.fault("silent-events", { times: 1 });
  assert.equal(it.device.event({ code: "X", data: [] }), 0);
  await it.clock.advance(5000);
  assert.deepEqual(await lines(http, 5), BEAT);
  it.device.fault("silent-stream");
  it.device.event({ code: "X", data: [] });
  await it.clock.advance(60_000);
  assert.equal(it.device.stats().faults["silent-stream"], 13);
  it.device.clearFault("silent-stream");
  it.device.event({ code: "Y", data: [] });
  assert.deepEqual(await lines(http, 6), part("Y", "Pulse", 0));
});

Deno.test("a stream may go half-open", async () => {
  await using it = bench();
  const { http } = await attach(it);
  it.device.fault("half-open", { scope: "present" });
  it.device.event({ code: "X", data: [] });
  let said = false;
  http.line().then(() => said = true);
  await it.clock.advance(60_000);
  assert.equal(said, false);
  assert.equal(it.device.stats().openConnections, 1);
});

Deno.test("the parts may be of a wrong form", async () => {
  await using it = bench();
  const { http } = await attach(it);
  const text = "Content-Type: text/plain";
  const body = "Code=X;action=Pulse;index=0;data=[]";
  const cases: [object, string[]][] = [
    [{}, ["--myboundary", text, "", body, ""]],
    [{ length: "large" }, ["--myboundary", text, "Content-Length: 38", "", body, ""]],
    [{ length: "small" }, ["--myboundary", text, "Content-Length: 31", "", body, ""]],
    [{ length: "right", "one-line": true }, ["--myboundary", text, "Content-Length: 35", "", body]],
    [{ length: "right", empty: true }, [
      ...["--myboundary", text, "Content-Length: 0", "", ""],
      ...part("X", "Pulse", 0),
    ]],
    [{ length: "right", "second-head": true }, [
      "HTTP/1.1 200 OK",
      "Server: Webs",
      "Content-Type: multipart/x-mixed-replace; boundary=myboundary",
      "",
      ...part("X", "Pulse", 0),
    ]],
    [{ length: "right", lower: true }, [
      ...["--myboundary", "content-type: text/plain", "content-length: 36", ""],
      ...["code=X;action=Pulse;index=0;data=[]", ""],
    ]],
  ];
  for (const [options, expected] of cases) {
    it.device.fault("odd-parts", options as Record<string, string>);
    it.device.event({ code: "X", data: [] });
    assert.deepEqual(await lines(http, expected.length), expected);
  }
  it.device.fault("odd-parts", { "line-feeds": true, times: 1 });
  it.device.event({ code: "X", data: [] });
  const bytes = await http.take(`--myboundary\n${text}\n\n${body}\n\n`.length);
  assert.equal(new TextDecoder().decode(bytes), `--myboundary\n${text}\n\n${body}\n\n`);
  it.device.event({ code: "X", data: [] });
  assert.deepEqual(await lines(http, 6), part("X", "Pulse", 0));
});

Deno.test("several events may share a part", async () => {
  await using it = bench();
  const { http } = await attach(it, "&codes=[All]");
  it.device.fault("odd-parts", { hold: 100, length: "right" });
  assert.equal(it.device.event({ code: "A", data: [] }), 1);
  it.device.event({ code: "B", data: [] });
  await it.clock.advance(100);
  assert.deepEqual(await lines(http, 8), [
    ...["--myboundary", "Content-Type: text/plain", "Content-Length: 74", ""],
    ...["Code=A;action=Pulse;index=0;data=[]", ""],
    ...["Code=B;action=Pulse;index=0;data=[]", ""],
  ]);
});

Deno.test("parts survive small writes and chunks", async () => {
  await using it = bench();
  it.device.fault("one-byte");
  const { http } = await attach(it);
  it.device.event({ code: "X", data: [] });
  assert.deepEqual(await lines(http, 6), part("X", "Pulse", 0));
  it.device.fault("chunked");
  const { http: chunked, fields } = await attach(it);
  assert.equal(fields.get("transfer-encoding"), "chunked");
  it.device.event({ code: "X", data: [] });
  const size = parseInt((await chunked.line())!, 16);
  const wire = new TextDecoder().decode(await chunked.take(size));
  assert.equal(wire, `${part("X", "Pulse", 0).slice(0, -1).join("\r\n")}\n\r\n`);
});

Deno.test("a client that does not read loses its stream, not the device its memory", async () => {
  await using it = bench();
  await attach(it);
  const data = { text: "x".repeat(1 << 20) };
  let told = 0;
  while (told < 40 && it.device.event({ code: "X", data }) > 0) told++;
  assert.ok(told < 12, String(told));
  await settle();
  assert.equal(it.device.stats().openConnections, 0);
});

Deno.test("JSON is styled as firmware does", () => {
  const nested = { A: [], B: {}, C: { D: [{ E: 1 }, null], F: 'a"b' } };
  assert.deepEqual(JSON.parse(styledJson(nested)), nested);
  assert.equal(
    styledJson({ C: { D: [{ E: 1 }, 2] } }),
    '{\n   "C" : {\n      "D" : [\n         {\n            "E" : 1\n         },\n         2\n' +
      "      ]\n   }\n}",
  );
});

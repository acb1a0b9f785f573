/** Pictures: snapshot.cgi, snapManager over RPC and CGI. */

import assert from "node:assert/strict";
import { decode } from "jpeg-js";
import { drawTestPicture } from "../../lib/simulator/picture/test_picture.ts";
import type { DeviceOptions } from "../../lib/simulator/mod.ts";
import { peerTest, run, temporaryFolder } from "../support/peers.ts";
import { authorised, digest, RawHttp, RawRpc2, type Reply } from "./_http.ts";
import { bench, errorOf, settle } from "./_support.ts";

const PATH = "/cgi-bin/snapshot.cgi";

function isJpeg(bytes: Uint8Array): void {
  assert.deepEqual([...bytes.subarray(0, 4)], [0xff, 0xd8, 0xff, 0xe0]);
  assert.equal(new TextDecoder().decode(bytes.subarray(6, 10)), "JFIF");
  assert.deepEqual([...bytes.subarray(-2)], [0xff, 0xd9]);
}

Deno.test("a snapshot is a JPEG that moves with the time and differs by channel", async () => {
  await using it = bench({ channels: 4, snapshotSize: "320x240" });
  const http = RawHttp.open(it);
  const take = async (channel: number) => {
    const reply = await authorised(http, `${PATH}?channel=${channel}&type=0`);
    assert.equal(reply.status, 200);
    assert.equal(reply.field("content-type"), "image/jpeg");
    isJpeg(reply.body);
    return reply.body;
  };
  const first = await take(1);
  assert.deepEqual([decode(first).width, decode(first).height], [320, 240]);
  assert.deepEqual(await take(1), first); // the same moment
  assert.notDeepEqual(await take(4), first);
  await it.clock.advance(200);
  assert.notDeepEqual(await take(1), first);
  assert.equal(it.device.stats().calls.snapshot, 4);
});

Deno.test("the picture shows what it should", () => {
  const facts = { width: 640, height: 360, channel: 1, time: "2026-01-02 03:04:05", frame: 7 };
  const pixels = drawTestPicture(facts);
  const at = (
    x: number,
    y: number,
  ) => [...pixels.subarray((y * 640 + x) * 4, (y * 640 + x) * 4 + 4)];
  assert.equal(pixels.length, 640 * 360 * 4);
  assert.deepEqual(at(10, 300), [235, 235, 235, 255]); // the first bar of channel 1
  assert.deepEqual(at(630, 300), [16, 16, 16, 255]);
  const other = drawTestPicture({ ...facts, channel: 2 });
  assert.deepEqual([...other.subarray(0, 4)], [235, 235, 16, 255]);
  // The second text line begins at row 72: what changes there is the time and nothing else.
  const later = drawTestPicture({ ...facts, time: "2026-01-02 03:04:06" });
  const rows = new Set<number>();
  for (let i = 0; i < pixels.length; i += 4) {
    if (pixels[i] !== later[i]) rows.add(Math.floor(i / 4 / 640));
  }
  assert.ok(rows.size > 0 && Math.min(...rows) >= 66 && Math.max(...rows) < 120, [...rows].join());
  assert.doesNotThrow(() => drawTestPicture({ ...facts, width: 64, height: 64 }));
});

Deno.test("channels are numbered as the device does", async () => {
  const cases: [DeviceOptions, Record<string, number>][] = [
    [{}, { "?channel=1": 200, "?channel=2": 200, "?channel=0": 400, "?channel=3": 400, "": 200 }],
    [{ snapshotCgi: "0-based" }, { "?channel=0": 200, "?channel=1": 200, "?channel=2": 400 }],
    [{ type: "VTO2311R" }, { "": 200, "?channel=1": 400 }],
    [{ snapshotCgi: "absent" }, { "?channel=1": 404, "": 404 }],
    [{}, { "?channel=x": 400, "?channel=-1": 400, "?channel=1&type=x": 400, "?channel=": 400 }],
  ];
  for (const [options, expected] of cases) {
    await using it = bench(options);
    const http = RawHttp.open(it);
    for (const [query, status] of Object.entries(expected)) {
      const reply = await authorised(http, PATH + query);
      assert.equal(reply.status, status, `${JSON.stringify(options)} ${query}`);
      if (status === 200) isJpeg(reply.body);
    }
  }
  assert.throws(() => bench({ snapshotSize: "640" }), RangeError);
  assert.throws(() => bench({ snapshotSize: "10000x10" }), RangeError);
});

Deno.test("a picture may be a page, late, or slow", async () => {
  await using it = bench();
  const http = RawHttp.open(it);
  it.device.fault("html-instead", { method: "snapshot", times: 1 });
  assert.match((await authorised(http, PATH)).field("content-type")!, /html/);
  const target = `${PATH}?channel=1`;
  const challenge = (await http.get(target)).field("www-authenticate")!;
  it.device.fault("late-reply", { method: "snapshot", delay: 3000, times: 1 });
  let got: Reply | undefined;
  const late = http.get(target, { Authorization: digest({ challenge, target }) })
    .then((reply) => got = reply);
  while (it.device.stats().calls.snapshot === undefined) await settle();
  for (let i = 0; i < 1000 && it.clock.pending === 0; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5)); // the picture is being made
  }
  await it.clock.advance(2999);
  assert.equal(got, undefined);
  await it.clock.advance(1);
  isJpeg((await late).body);
});

Deno.test("requests occupy the session slots while they run, further ones are refused", async () => {
  await using it = bench({ sessionSlots: 3 });
  const rpc = new RawRpc2(RawHttp.open(it));
  await rpc.login(); // one slot
  const target = "/cgi-bin/eventManager.cgi?action=attach&codes=[All]";
  const open = async () => {
    const http = RawHttp.open(it);
    const challenge = (await http.get(target)).field("www-authenticate")!;
    const field = digest({ challenge, target });
    await http.send(`GET ${target} HTTP/1.1\r\nAuthorization: ${field}\r\n\r\n`);
    return { http, first: await http.line() };
  };
  const one = await open();
  const two = await open();
  assert.match(one.first!, / 200 /);
  assert.match(two.first!, / 200 /);
  const full = await authorised(RawHttp.open(it), PATH);
  assert.equal(full.status, 401);
  assert.equal(full.field("www-authenticate"), undefined); // nothing to answer: it is not the password
  assert.equal(it.device.stats().refusedLogins, 0);
  const second = new RawRpc2(RawHttp.open(it));
  assert.equal(errorOf((await second.login()).json).code, 268632074);
  two.http.close();
  await settle();
  isJpeg((await authorised(RawHttp.open(it), PATH)).body);
  isJpeg((await authorised(RawHttp.open(it), PATH)).body); // it was given back
  it.device.fault("session-table-full", { times: 1 });
  assert.equal((await authorised(RawHttp.open(it), PATH)).status, 401);
  assert.equal((await authorised(RawHttp.open(it), PATH)).status, 200);
});

/** A picture as snapManager pushes it. */
interface Pushed {
  method: string;
  callback?: number;
  params: { SID: number; Base64: string; info: { Channel: number; Events: { Code: string }[] } };
}

Deno.test("pictures of events are pushed over DHIP", async () => {
  await using it = bench({ channels: 3, snapshotSize: "64x64" });
  const client = await it.open();
  assert.deepEqual(await client.ask("snapManager.getCaps"), {
    caps: { Channels: 3, Formats: ["jpg"], Manual: true },
  });
  const params = { filter: { Channels: [1, 2], Events: ["VideoMotion"] }, proc: 9 };
  assert.equal(await client.refusal("snapManager.attachFileProc", params), 268894209); // no object
  const object = (await client.call("snapManager.factory.instance")).json.result;
  const { SID } = await client.ask("snapManager.attachFileProc", params, { object });
  await client.ask("eventManager.attach", { codes: ["Other"] });
  assert.equal(it.device.event({ code: "VideoMotion", channel: 1 }), 0); // another channel
  assert.equal(it.device.event({ code: "VideoLoss", channel: 2 }), 0); // another event
  assert.equal(it.device.event({ code: "VideoMotion", channel: 3 }), 1);
  const push = (await client.next())!.json as unknown as Pushed;
  assert.equal(push.method, "client.notifySnapFile");
  assert.equal(push.callback, 9);
  assert.equal(push.params.SID, SID);
  assert.equal(push.params.info.Channel, 2);
  assert.equal(push.params.info.Events[0]!.Code, "VideoMotion");
  isJpeg(Uint8Array.fromBase64(push.params.Base64));
  // A detach of events does not end pictures.
  assert.equal(await client.refusal("eventManager.detach", { SID }), 268959743);
  assert.equal(
    (await client.call("snapManager.detachFileProc", { SID }, { object })).json.result,
    true,
  );
  assert.equal(it.device.event({ code: "VideoMotion", channel: 3 }), 0);
});

Deno.test("a picture that is asked for is pushed over SubscribeNotify", async () => {
  await using it = bench({ snapshotSize: "64x64", snapshotCgi: "absent" });
  const rpc = new RawRpc2(RawHttp.open(it));
  await rpc.login();
  const ask = async (method: string, params: object, object?: unknown) => {
    const call = { method, params, id: 5, session: rpc.session, object };
    return (await rpc.post("/RPC2", call, rpc.fields)).json;
  };
  const object = (await ask("snapManager.factory.instance", {})).result;
  assert.equal(
    (await ask("snapManager.attachFileProc", { filter: {}, proc: 1 }, object)).result,
    true,
  );
  assert.equal((await ask("snapManager.start", { channel: 1 }, object)).result, true);
  assert.equal((await ask("snapManager.start", { channel: 2 }, object)).result, false);
  const http = RawHttp.open(it);
  await http.send(
    `GET /SubscribeNotify.cgi?sessionId=${rpc.session} HTTP/1.1\r\nCookie: ${rpc.fields.Cookie}\r\n\r\n`,
  );
  for (;;) {
    const line = (await http.line())!;
    if (!line.startsWith("<script>")) continue;
    const json = /json=(.*);receive/.exec(line)![1]!;
    const push = JSON.parse(json) as Pushed;
    assert.equal(push.params.info.Channel, 1);
    assert.equal(push.params.info.Events[0]!.Code, "ManualSnap");
    isJpeg(Uint8Array.fromBase64(push.params.Base64));
    break;
  }
  assert.equal((await ask("snapManager.stop", { channel: 1 }, object)).result, true);
  assert.equal(
    (await ask("snapManager.attachFileProc", { filter: { Channels: "0" } }, object)).result,
    false,
  );
});

Deno.test("snapManager.cgi streams a text and a picture for each event", async () => {
  await using it = bench({ snapshotSize: "64x64", channels: 2 });
  const target = "/cgi-bin/snapManager.cgi?action=attachFileProc&channel=2&heartbeat=5" +
    "&Flags[0]=Event&Events=[VideoMotion]";
  const http = RawHttp.open(it);
  const challenge = (await http.get(target)).field("www-authenticate")!;
  await http.send(
    `GET ${target} HTTP/1.1\r\nAuthorization: ${digest({ challenge, target })}\r\n\r\n`,
  );
  while (await http.line() !== "");
  assert.equal(it.device.event({ code: "VideoMotion", channel: 1 }), 0);
  it.device.event({ code: "VideoMotion", action: "Start", channel: 2, data: { Id: [3] } });
  const head = ["--myboundary", "Content-Type: text/plain"];
  for (const line of head) assert.equal(await http.line(), line);
  const length = Number(/^Content-Length: (\d+)$/.exec((await http.line())!)![1]);
  assert.equal(await http.line(), "");
  assert.equal(
    new TextDecoder().decode(await http.take(length)),
    "Events[0].Action=Start\r\nEvents[0].Code=VideoMotion\r\n" +
      "Events[0].Data.Id[0]=3\r\nEvents[0].Index=1\r\n",
  );
  assert.equal(await http.line(), "");
  assert.equal(await http.line(), "--myboundary");
  assert.equal(await http.line(), "Content-Type: image/jpeg");
  const size = Number(/^Content-Length: (\d+)$/.exec((await http.line())!)![1]);
  assert.equal(await http.line(), "");
  isJpeg(await http.take(size));
  assert.equal(await http.line(), "");
  await it.clock.advance(5000);
  for (const line of [...head, "Content-Length: 9", "", "Heartbeat"]) {
    assert.equal(await http.line(), line);
  }
  for (const query of ["&channel=0", "&channel=3", "&Events=x", "&heartbeat=0"]) {
    const path = `/cgi-bin/snapManager.cgi?action=attachFileProc${query}`;
    assert.equal((await authorised(RawHttp.open(it), path)).status, 400, query);
  }
});

peerTest("djpeg decodes what snapshot.cgi sends", ["djpeg"], async () => {
  await using it = bench({ snapshotSize: "704x576" });
  await using folder = await temporaryFolder();
  const { body } = await authorised(RawHttp.open(it), `${PATH}?channel=2`);
  await Deno.writeFile(`${folder.path}/a.jpg`, body);
  // Warnings (corrupt data, a premature end) are output, and there is none.
  const out = await run("djpeg", [
    "-pnm",
    "-outfile",
    `${folder.path}/a.ppm`,
    `${folder.path}/a.jpg`,
  ]);
  assert.equal(out, "");
  const ppm = await Deno.readFile(`${folder.path}/a.ppm`);
  assert.match(new TextDecoder().decode(ppm.subarray(0, 16)), /^P6\n704 576\n255\n/);
  const [red, green, blue] = ppm.subarray(-3); // the last pixel: the last bar of channel 2 is white
  assert.ok(Math.min(red!, green!, blue!) > 225, `${red} ${green} ${blue}`);
});

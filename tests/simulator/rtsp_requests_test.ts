import assert from "node:assert/strict";
import type { DeviceOptions } from "../../lib/simulator/mod.ts";
import { between, scaled, seeded } from "../support/random.ts";
import { bench } from "./_support.ts";
import { RawRtsp } from "./_rtsp.ts";

const LIVE = "/cam/realmonitor?channel=1&subtype=0";
const PAST = "/cam/playback?channel=1&subtype=0&starttime=2026_01_01_10_00_05" +
  "&endtime=2026_01_01_10_00_45";
const NOON = Date.UTC(2026, 0, 2, 11, 0, 0); // 12:00 device local time

const device = (options: DeviceOptions = {}) => bench({ time: NOON, ...options });

Deno.test("all paths lead to their streams, and others nowhere", async () => {
  await using it = device();
  const client = RawRtsp.open(it);
  const status = async (path: string) =>
    (await client.ask("DESCRIBE", `rtsp://127.0.0.1${path}`)).status;
  for (
    const path of [
      LIVE,
      "/cam/realmonitor?channel=2&subtype=1",
      "/cam/realmonitor?channel=1&subtype=0&unicast=true&proto=Onvif",
      "/H264?ch=1&subtype=1",
      "/",
      "",
    ]
  ) assert.equal(await status(path), 200, path);
  for (
    const path of [
      "/cam/realmonitor?channel=3&subtype=0",
      "/cam/realmonitor?channel=0&subtype=0",
      "/cam/realmonitor?channel=1&subtype=2",
      "/cam/realmonitor?channel=x",
      "/cam/playback?channel=1",
      "/cam/realmonitor?channel=1&starttime=2020_01_01_00_00_00&endtime=2020_01_01_01_00_00",
      "/cam/realmonitor?channel=1&starttime=2026_01_01_00_00_10&endtime=2026_01_01_00_00_00",
      "/live",
    ]
  ) assert.equal(await status(path), 404, path);
  client.close();
});

Deno.test("a description tells codecs and parameter sets", async () => {
  await using it = device({ mainVideo: "H.265", sound: "AAC" });
  const client = RawRtsp.open(it);
  const { body, fields } = await client.ask("DESCRIBE", `rtsp://127.0.0.1${LIVE}`);
  assert.equal(fields.get("content-type"), "application/sdp");
  assert.equal(fields.get("content-base"), `rtsp://127.0.0.1${LIVE}/`);
  assert.match(body, /^v=0\r\n/);
  assert.match(body, /m=video 0 RTP\/AVP 96\r\na=control:trackID=0\r\n/);
  assert.match(
    body,
    /a=rtpmap:96 H265\/90000\r\na=fmtp:96 sprop-vps=Q.*;sprop-sps=Q.*;sprop-pps=R/,
  );
  assert.match(body, /a=rtpmap:97 MPEG4-GENERIC\/8000\/1\r\na=fmtp:97 .*config=1588/);
  const sub = await client.ask("DESCRIBE", "rtsp://127.0.0.1/H264?ch=1&subtype=1");
  assert.match(sub.body, /a=rtpmap:96 H264\/90000\r\n.*sprop-parameter-sets=Z.+,aO/);
  client.close();
});

Deno.test("who is nobody gets nowhere; Digest, Basic or nothing at all", async () => {
  await using it = device({ lockAfter: 3 });
  const uri = `rtsp://127.0.0.1${LIVE}`;
  const wrong = RawRtsp.open(it);
  wrong.password = "no";
  assert.equal((await wrong.ask("OPTIONS", uri)).status, 200);
  assert.equal((await wrong.ask("DESCRIBE", uri)).status, 401);
  assert.equal(it.device.stats().byService.rtsp.refusedLogins, 1);
  const right = RawRtsp.open(it);
  assert.equal((await right.ask("DESCRIBE", uri)).status, 200);
  assert.equal((await right.ask("DESCRIBE", uri)).status, 200);
  assert.equal(it.device.stats().byService.rtsp.logins, 1);
  for (let i = 0; i < 3; i++) assert.equal((await wrong.ask("DESCRIBE", uri)).status, 401);
  assert.equal((await right.ask("DESCRIBE", uri)).status, 401); // the account is locked
  const Authorization = `Basic ${btoa("admin:admin54321")}`;
  for (
    const [rtspAuth, status] of [["basic", 200], ["digest+basic", 200], ["digest", 401]] as const
  ) {
    await using it = device({ rtspAuth });
    const client = RawRtsp.open(it);
    assert.equal((await client.ask("DESCRIBE", uri)).status, rtspAuth === "basic" ? 401 : 200);
    const reply = await RawRtsp.open(it).ask("DESCRIBE", uri, { Authorization });
    assert.equal(reply.status, status);
  }
  await using open = device({ rtspAuth: "none" });
  assert.equal((await RawRtsp.open(open).ask("DESCRIBE", uri)).status, 200);
});

Deno.test("a Digest has to be made for its request, and grows old", async () => {
  await using it = device({ nonceLifetime: 10 });
  const uri = `rtsp://127.0.0.1${LIVE}`;
  const client = RawRtsp.open(it);
  assert.equal((await client.ask("DESCRIBE", uri)).status, 200);
  await it.clock.advance(11_000);
  const { status, challenges } = await client.ask("DESCRIBE", uri);
  assert.equal(status, 401);
  assert.match(challenges[0]!, /stale=true/);
  const Authorization = `Digest username="admin", realm="x", nonce="y", uri="/other", response="z"`;
  assert.equal((await RawRtsp.open(it).ask("DESCRIBE", uri, { Authorization })).status, 400);
});

Deno.test("requests out of their order are refused", async () => {
  await using it = device();
  const uri = `rtsp://127.0.0.1${LIVE}`;
  const client = RawRtsp.open(it);
  const status = async (...args: Parameters<RawRtsp["ask"]>) => (await client.ask(...args)).status;
  assert.equal(await status("PLAY", uri), 454);
  assert.equal(await status("RECORD", uri), 501);
  assert.equal(await status("DESCRIBE", uri, { Require: "com.example.magic" }), 551);
  const Transport = "RTP/AVP/TCP;unicast;interleaved=0-1";
  assert.equal(await status("SETUP", `${uri}/trackID=0`, { Transport: "RTP/AVP;multicast" }), 461);
  assert.equal(await status("SETUP", `${uri}/trackID=7`, { Transport }), 404);
  const made = await client.ask("SETUP", `${uri}/trackID=0`, { Transport });
  assert.match(made.fields.get("session")!, /^\d+;timeout=60$/);
  assert.equal(await status("SETUP", `${uri}/trackID=1`, { Transport }), 454); // session not named
  client.session = made.fields.get("session")!.split(";")[0];
  assert.equal(await status("PLAY", uri, { Session: "1" }), 454);
  assert.equal(await status("PLAY", uri), 200);
  assert.equal(await status("SETUP", `${uri}/trackID=1`, { Transport }), 455);
  assert.equal(await status("GET_PARAMETER", uri), 200);
  assert.equal(await status("TEARDOWN", uri), 200);
  assert.equal(await status("PLAY", uri), 454);
  assert.equal(it.device.stats().rtsp.openSessions, 0);
  client.close();
});

Deno.test("what is no RTSP ends the connection", async () => {
  for (
    const text of [
      "GET / HTTP/1.1\r\n\r\n",
      "OPTIONS * RTSP/1.0\r\nbad\r\n\r\n",
      "x".repeat(20_000),
    ]
  ) {
    await using it = device();
    const client = RawRtsp.open(it);
    await client.stream.write(new TextEncoder().encode(text));
    const buffer = new Uint8Array(4096);
    let seen = "";
    for (let n; (n = await client.stream.read(buffer)) !== null;) {
      seen += new TextDecoder().decode(buffer.subarray(0, n));
    }
    assert.match(seen, /^RTSP\/1\.0 400 /);
  }
});

Deno.test("mutated requests end in answers or with the connection, and the device goes on", async () => {
  const random = seeded(5);
  await using it = device({ rtspAuth: "none", maxConnections: 10_000 });
  const uri = `rtsp://127.0.0.1${LIVE}`;
  const good = [
    `DESCRIBE ${uri} RTSP/1.0\r\nCSeq: 1\r\n\r\n`,
    `SETUP ${uri}/trackID=0 RTSP/1.0\r\nCSeq: 2\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n`,
    `PLAY ${PAST} RTSP/1.0\r\nCSeq: 3\r\nSession: 1\r\nRange: clock=20260101T090008Z-\r\n\r\n`,
    "$\0\0\x08\x80\xc9\0\x01abcd",
    "GET_PARAMETER * RTSP/1.0\r\nContent-Length: 4\r\nCSeq: 4\r\n\r\nabcd",
  ].join("");
  for (let i = 0; i < scaled(5000); i++) {
    const bytes = Uint8Array.from(good, (letter) => letter.charCodeAt(0));
    for (let n = between(random, 1, 8); n > 0; n--) {
      bytes[between(random, 0, bytes.length - 1)] = between(random, 0, 255);
    }
    const client = RawRtsp.open(it);
    await client.stream.write(bytes.subarray(0, between(random, 1, bytes.length)));
    client.read();
    for (let n = 0; n < 20; n++) await Promise.resolve();
    client.close();
  }
  await new Promise((resolve) => setTimeout(resolve, 5)); // the connections close without device time
  assert.equal((await RawRtsp.open(it).ask("DESCRIBE", uri)).status, 200);
  assert.deepEqual([it.device.stats().rtsp.openSessions, it.device.stats().openConnections], [
    0,
    1,
  ]);
});

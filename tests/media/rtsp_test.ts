/** RTSP: the decoder, and the client against servers that behave oddly. */

import assert from "node:assert/strict";
import { DhipError } from "../../lib/errors.ts";
import { Authenticator } from "../../lib/http/authenticator.ts";
import { MemoryLoginGuard } from "../../lib/net/login_guard.ts";
import { streamPair } from "../../lib/net/memory.ts";
import type { ByteStream, Dialer } from "../../lib/net/stream.ts";
import { RtspDecoder, type RtspEvent } from "../../lib/media/rtsp/rtsp_decoder.ts";
import { RtspStream, type RtspStreamOptions } from "../../lib/media/rtsp/rtsp_stream.ts";
import { UnitQueue } from "../../lib/media/rtsp/unit_queue.ts";
import type { MediaUnit } from "../../lib/media/rtsp/track.ts";
import type { Datagrams, OpenDatagrams } from "../../lib/net/udp.ts";
import { encodeReceiverReport, parseRtcp } from "../../lib/media/rtsp/rtcp.ts";
import { between, scaled, seeded } from "../support/random.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const text = (bytes: Uint8Array) => String.fromCharCode(...bytes);
const bytes = (content: string) => Uint8Array.from(content, (char) => char.charCodeAt(0));

const MESSAGES = bytes(
  "RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 5\r\n\r\nhello" +
    "$\x00\x00\x03abc" +
    "RTSP/1.0 454 Session Not Found\r\nCSeq: 2\r\n\r\n\r\n" +
    "OPTIONS * RTSP/1.0\r\nCSeq: 7\r\n\r\n" +
    "$\x01\x00\x00",
);

function described(event: RtspEvent): unknown[] {
  if (event.kind === "packet") return ["packet", event.channel, text(event.bytes)];
  if (event.kind === "request") return ["request", event.method, event.headers.get("cseq")];
  return [event.status, event.reason, event.headers.get("cseq"), text(event.body)];
}

function decode(chunks: Iterable<Uint8Array>): unknown[][] {
  const decoder = new RtspDecoder();
  const found: unknown[][] = [];
  for (const chunk of chunks) for (const event of decoder.push(chunk)) found.push(described(event));
  return found;
}

Deno.test("answers, requests and packets are told apart, whatever the cuts", () => {
  const wanted = [
    [200, "OK", "1", "hello"],
    ["packet", 0, "abc"],
    [454, "Session Not Found", "2", ""],
    ["request", "OPTIONS", "7"],
    ["packet", 1, ""],
  ];
  assert.deepEqual(decode([MESSAGES]), wanted);
  assert.deepEqual(decode([...MESSAGES].map((byte) => Uint8Array.of(byte))), wanted);
  const random = seeded(4);
  for (let round = 0; round < scaled(2000); round++) {
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < MESSAGES.length;) {
      const end = at + between(random, 1, 40);
      chunks.push(MESSAGES.slice(at, end));
      at = end;
    }
    assert.deepEqual(decode(chunks), wanted, `round ${round}`);
  }
});

Deno.test("200 000 mutated connections give events or typed errors", () => {
  const random = seeded(17);
  for (let round = 0; round < scaled(200_000); round++) {
    const damaged = MESSAGES.slice(0, between(random, 1, MESSAGES.length));
    for (let count = between(random, 1, 8); count > 0; count--) {
      damaged[between(random, 0, damaged.length - 1)] = between(random, 0, 255);
    }
    const decoder = new RtspDecoder({ maxBody: 1000 });
    try {
      for (const event of decoder.push(damaged)) assert.ok(event.kind);
    } catch (error) {
      assert.ok(error instanceof DhipError, String(error));
    }
  }
});

Deno.test("HTTP on the RTSP port is named", () => {
  assert.throws(() => [...new RtspDecoder().push(bytes("HTTP/1.1 400 Bad Request\r\n\r\n"))], {
    code: "DHIP_WRONG_PROTOCOL",
    message: /HTTP/,
  });
});

Deno.test("sender reports and goodbyes are read; receiver reports have their layout", () => {
  const report = encodeReceiverReport({
    own: 1,
    ssrc: 2,
    fractionLost: 0.5,
    lost: 3,
    highest: 70_000,
    last: 9,
    delay: 1.5,
  });
  assert.deepEqual([...report.subarray(0, 8)], [0x81, 201, 0, 7, 0, 0, 0, 1]);
  assert.deepEqual([...report.subarray(8, 16)], [0, 0, 0, 2, 128, 0, 0, 3]);
  assert.deepEqual([...report.subarray(28, 32)], [0, 1, 0x80, 0]);
  assert.equal(report.length % 4, 0);
  const sender = new Uint8Array(28 + 8);
  const view = new DataView(sender.buffer);
  sender.set([0x80, 200, 0, 6]);
  view.setUint32(4, 42);
  view.setUint32(8, 3_900_000_000);
  view.setUint32(12, 0x80000000);
  view.setUint32(16, 1234);
  sender.set([0x81, 203, 0, 1, 0, 0, 0, 42], 28);
  assert.deepEqual(parseRtcp(sender), {
    reports: [{ ssrc: 42, ntp: 3_900_000_000.5, timestamp: 1234, last: view.getUint32(10) }],
    byes: [42],
  });
  assert.deepEqual(parseRtcp(sender.subarray(0, 20)), { reports: [], byes: [] });
});

const SDP = "v=0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n" +
  "a=control:trackID=0\r\n";

/** The answer to each method; undefined for none. */
type Answers = Record<string, string | ((request: string) => string | undefined)>;

/** A server that answers each request by its method; `packets` follow the answer to PLAY. */
function server(answers: Answers, packets: Uint8Array[] = []) {
  const seen: string[] = [];
  let far: ByteStream | undefined;
  const dialer: Dialer = {
    host: "camera.test",
    dial() {
      const [near, other] = streamPair();
      far = other;
      void serve(other);
      return Promise.resolve(near);
    },
  };
  async function serve(stream: ByteStream): Promise<void> {
    const buffer = new Uint8Array(4096);
    let rest = "";
    for (;;) {
      const length = await stream.read(buffer).catch(() => null);
      if (length === null) return;
      rest += text(buffer.subarray(0, length));
      for (let end = rest.indexOf("\r\n\r\n"); end >= 0; end = rest.indexOf("\r\n\r\n")) {
        const request = rest.slice(0, end);
        rest = rest.slice(end + 4);
        const method = request.split(" ", 1)[0]!;
        seen.push(request);
        const sequence = /CSeq: (\d+)/.exec(request)![1];
        const given = answers[method] ?? "200 OK\r\n\r\n";
        const answer = typeof given === "string" ? given : given(request);
        if (answer === undefined) continue;
        const [status, ...more] = answer.split("\r\n");
        await stream.write(
          bytes(`RTSP/1.0 ${status}\r\nCSeq: ${sequence}\r\n${more.join("\r\n")}`),
        );
        if (method === "PLAY") { for (const packet of packets) await stream.write(packet); }
      }
    }
  }
  return { dialer, seen, close: () => far?.close() };
}

const PLAYABLE = {
  DESCRIBE: `200 OK\r\nContent-Base: rtsp://10.0.0.9:554/cam/\r\nContent-Length: ${SDP.length}` +
    `\r\n\r\n${SDP}`,
  SETUP: "200 OK\r\nSession: 17;timeout=30\r\nTransport: RTP/AVP/TCP;interleaved=4-5\r\n\r\n",
  OPTIONS: "200 OK\r\nPublic: OPTIONS, GET_PARAMETER\r\n\r\n",
};

function rtp(sequence: number, timestamp: number, payload: number[]): Uint8Array {
  const packet = new Uint8Array(4 + 12 + payload.length);
  const view = new DataView(packet.buffer);
  packet.set([0x24, 4, 0, 12 + payload.length, 0x80, 0xe0]);
  view.setUint16(6, sequence);
  view.setUint32(8, timestamp);
  view.setUint32(12, 77);
  packet.set(payload, 16);
  return packet;
}

function open(
  dialer: Dialer,
  clock = new VirtualClock(),
  options: Partial<RtspStreamOptions> = {},
) {
  const authenticator = new Authenticator({
    user: "admin",
    password: "secret",
    guard: new MemoryLoginGuard(),
  });
  return RtspStream.open(dialer, authenticator, { path: "/cam?x=1", clock, ...options });
}

Deno.test("a stream is played over the channels and under the name that count", async () => {
  const { dialer, seen } = server(PLAYABLE, [
    rtp(65_535, 4_294_960_000, [0x65, 1]),
    rtp(0, 4_294_963_600, [0x41, 2]),
    rtp(1, 4_294_967_200, [0x41, 3]),
    rtp(2, 3_504, [0x41, 4]),
  ]);
  const times: number[] = [];
  {
    await using stream = await open(dialer);
    for await (const { time, key, data } of stream) {
      times.push(Math.round(time * 1000));
      assert.equal(key, times.length === 1);
      assert.equal(data.length, 6);
      if (times.length === 4) break;
    }
  }
  assert.deepEqual(times.map((time) => time - times[0]!), [0, 40, 80, 120]);
  const lines = seen.map((request) => request.split("\r\n", 1)[0]);
  assert.deepEqual(lines, [
    "OPTIONS rtsp://camera.test:554/cam?x=1 RTSP/1.0",
    "DESCRIBE rtsp://camera.test:554/cam?x=1 RTSP/1.0",
    "SETUP rtsp://camera.test:554/cam/trackID=0 RTSP/1.0",
    "PLAY rtsp://camera.test:554/cam/ RTSP/1.0",
    "TEARDOWN rtsp://camera.test:554/cam?x=1 RTSP/1.0",
  ]);
  assert.ok(seen.slice(3).every((request) => request.includes("\r\nSession: 17")));
});

Deno.test("keep-alives go out at half the session's time", async () => {
  const { dialer, seen } = server(PLAYABLE);
  const clock = new VirtualClock();
  await using _ = await open(dialer, clock);
  const before = seen.length;
  await clock.advance(9_000);
  assert.equal(seen.length, before);
  await clock.advance(7_000);
  assert.match(seen[before]!, /^GET_PARAMETER/);
});

Deno.test("a stream that falls silent, or whose connection ends, says so", async () => {
  const silent = server(PLAYABLE, [rtp(1, 0, [0x65, 1])]);
  const clock = new VirtualClock();
  const stream = await open(silent.dialer, clock);
  const all = (async () => {
    for await (const _ of stream);
  })();
  await Promise.all([clock.advance(11_000), assert.rejects(all, { code: "DHIP_TIMEOUT" })]);

  const ended = server(PLAYABLE, [rtp(1, 0, [0x65, 1])]);
  const other = await open(ended.dialer);
  ended.close();
  await assert.rejects(async () => {
    for await (const _ of other);
  }, { code: "DHIP_CONNECTION_LOST" });
});

for (
  const [status, code] of [
    ["404 Not Found", "DHIP_NOT_SUPPORTED"],
    ["403 Forbidden", "DHIP_NO_PERMISSION"],
    ["453 Not Enough Bandwidth", "DHIP_DEVICE_BUSY"],
    ["500 Internal Server Error", "DHIP_HTTP_STATUS"],
  ] as const
) {
  Deno.test(`RTSP ${status} is ${code}`, async () => {
    const { dialer } = server({ ...PLAYABLE, DESCRIBE: `${status}\r\n\r\n` });
    await assert.rejects(open(dialer), { code });
  });
}

Deno.test("a stream with nothing that can be played is not supported", async () => {
  const sdp = "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n";
  const describe = `200 OK\r\nContent-Length: ${sdp.length}\r\n\r\n${sdp}`;
  const { dialer } = server({ ...PLAYABLE, DESCRIBE: describe });
  await assert.rejects(open(dialer), { code: "DHIP_NOT_SUPPORTED" });
});

Deno.test("a device that answers nothing any more does not hold up the end", async () => {
  const challenge = '401 No\r\nWWW-Authenticate: Digest realm="r", nonce="n"\r\n\r\n';
  const asked = (answer: string) => (request: string) =>
    request.includes("Authorization:") ? answer : challenge;
  const { dialer, seen } = server({
    OPTIONS: asked(PLAYABLE.OPTIONS),
    DESCRIBE: asked(PLAYABLE.DESCRIBE),
    SETUP: asked(PLAYABLE.SETUP),
    PLAY: asked("200 OK\r\n\r\n"),
    GET_PARAMETER: () => undefined,
  });
  const clock = new VirtualClock();
  const stream = await open(dialer, clock, { idleTimeout: Infinity });
  await clock.advance(16_000); // a keep-alive waits
  assert.match(seen.at(-1)!, /^GET_PARAMETER/);
  let isClosed = false;
  const closing = stream.close().then(() => isClosed = true);
  await clock.advance(501);
  assert.ok(isClosed);
  await closing;
});

Deno.test("a signal that was aborted before the first look ends the stream", async () => {
  const { dialer } = server(PLAYABLE, [rtp(1, 0, [0x65, 1])]);
  const leaving = new AbortController();
  const stream = await open(dialer, new VirtualClock(), { signal: leaving.signal });
  leaving.abort();
  let units = 0;
  const all = (async () => {
    for await (const _ of stream) units++;
  })();
  await Promise.race([
    all,
    new Promise((_, reject) => setImmediate(() => reject(Error("endless")))),
  ])
    .finally(() => stream.close());
});

Deno.test("only the first answer to SETUP has to name the session", async () => {
  const control = "m=audio 0 RTP/AVP 8\r\na=control:trackID=1\r\n";
  const sdp = SDP + control;
  let setups = 0;
  const { dialer, seen } = server({
    ...PLAYABLE,
    DESCRIBE: `200 OK\r\nContent-Length: ${sdp.length}\r\n\r\n${sdp}`,
    SETUP: () => ++setups === 1 ? PLAYABLE.SETUP : "200 OK\r\n\r\n",
  });
  await (await open(dialer)).close();
  assert.match(seen.find((request) => request.startsWith("PLAY"))!, /\r\nSession: 17/);
  assert.match(seen.at(-1)!, /^TEARDOWN/);
});

Deno.test("over UDP a consumer that is slow leaves packets to the network, not in memory", async () => {
  const { dialer } = server({
    ...PLAYABLE,
    SETUP: "200 OK\r\nSession: 17\r\nTransport: RTP/AVP;server_port=9-10\r\n\r\n",
  });
  let sent = 0;
  let socketsOpen = 0;
  const openDatagrams: OpenDatagrams = ({ port = 4000 } = {}) => {
    socketsOpen++;
    const isMedia = port === 4000;
    const socket: Datagrams = {
      address: { host: "127.0.0.1", port },
      send: () => Promise.resolve(),
      receive: () => Promise.reject(new Error("iterate")),
      async *[Symbol.asyncIterator]() {
        const payload = Array.from({ length: 60_000 }, () => 1);
        payload[0] = 0x41;
        for (; isMedia && sent < 1000; sent++) {
          const bytes = rtp(sent, sent * 3600, payload).subarray(4);
          yield { bytes, from: { host: "127.0.0.1", port: 9 } };
        }
      },
      close: () => void socketsOpen--,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    return Promise.resolve(socket);
  };
  const stream = await open(dialer, new VirtualClock(), { transport: "udp", openDatagrams });
  await new VirtualClock().advance(1);
  for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(sent * 60_000 < 10 * 1024 * 1024, `${sent} packets were taken`);
  let units = 0;
  for await (const _ of stream) if (++units === 500) break;
  assert.equal(units, 500, "reading goes on when there is room again");
  assert.equal(socketsOpen, 0);
});

Deno.test("a consumer that made the sender wait is no silence", async () => {
  const clock = new VirtualClock();
  const queue = new UnitQueue();
  const unit = { data: new Uint8Array(9 * 1024 * 1024) } as unknown as MediaUnit;
  queue.expect(clock, 10_000, "camera.test");
  queue.push(unit);
  void queue.room();
  await clock.advance(9_999);
  const units = queue[Symbol.asyncIterator]();
  await units.next();
  const next = units.next();
  await clock.advance(5_000); // the sender begins again
  queue.push(unit);
  assert.equal((await next).done, false);
  queue.end();
});

Deno.test("a source that starts anew goes on in time, whatever its timestamps", async () => {
  const other = (sequence: number, timestamp: number, payload: number[]) => {
    const packet = rtp(sequence, timestamp, payload);
    packet[15] = 78; // another source
    return packet;
  };
  const { dialer } = server(PLAYABLE, [
    rtp(1, 90_000, [0x65, 1]),
    rtp(2, 93_600, [0x41, 2]),
    other(9, 3_000_000_000, [0x65, 3]),
    other(10, 3_000_003_600, [0x41, 4]),
  ]);
  const times: number[] = [];
  for await (const { time } of await open(dialer)) {
    times.push(Math.round(time * 1000));
    if (times.length === 4) break;
  }
  assert.deepEqual(times.slice(0, 2).map((time) => time - times[0]!), [0, 40]);
  assert.ok(times[2]! >= times[1]! && times[2]! < 1000, `${times}`);
  assert.equal(times[3]! - times[2]!, 40);
});

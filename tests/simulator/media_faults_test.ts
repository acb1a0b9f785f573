import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { MEDIA_FAULTS } from "../../lib/simulator/media/faults.ts";
import { clipInfo, loadClip } from "../../lib/simulator/media/source.ts";
import type { DeviceOptions, FaultOptions } from "../../lib/simulator/mod.ts";
import { peerTest, temporaryFolder } from "../support/peers.ts";
import { picturesOf } from "../support/test_picture.ts";
import { RawHttp, RawRpc2 } from "./_http.ts";
import { readDhav, readFrame } from "./_dhav.ts";
import { parseRtp, RawRtsp } from "./_rtsp.ts";
import { type Bench, bench, errorOf } from "./_support.ts";

const RECORDING = { start: "2026-01-01 10:00:00", end: "2026-01-01 10:00:10" };
const FILE = "/RPC_Loadfile/mnt/dvr/2026-01-01/0/dav/10/1/0/1/" +
  "10.00.00-10.00.10%5BR%5D%5B0%400%5D%5B1%5D.dav";
const LIVE = "/cam/realmonitor?channel=1&subtype=0";
const PAST = "/cam/playback?channel=1&subtype=0&starttime=2026_01_01_10_00_00" +
  "&endtime=2026_01_01_10_00_10";

const device = (options: DeviceOptions = {}) =>
  bench({ time: Date.UTC(2026, 0, 2, 11, 0, 0), recordings: [RECORDING], ...options });

const tick = () => new Promise((resolve) => setTimeout(resolve, 5));

/** What comes as an answer, and whether the connection has ended behind it. */
interface Answer {
  head: string;
  body: Uint8Array;
  ended: boolean;
}

/** Reads an answer while `ms` of the device's time pass. */
async function get(it: Bench, path: string, ms = 0, rpc?: RawRpc2): Promise<Answer> {
  rpc ??= new RawRpc2(RawHttp.open(it));
  if (rpc.session === 0) await rpc.login();
  const { stream } = RawHttp.open(it);
  const lines = Object.entries(rpc.fields).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = `GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`;
  await stream.write(new TextEncoder().encode(request));
  const parts: Uint8Array[] = [];
  let ended = false;
  const read = async () => {
    for (const buffer = new Uint8Array(1 << 20);;) {
      const length = await stream.read(buffer);
      if (length === null) return void (ended = true);
      parts.push(buffer.slice(0, length));
    }
  };
  const reading = read();
  for (let i = 0; i < 4; i++) await tick();
  for (let left = ms; left > 0; left -= 500) {
    await it.clock.advance(Math.min(500, left));
    await tick();
  }
  const bytes = Buffer.concat(parts);
  const answer = { ended };
  stream.close();
  await reading;
  const end = bytes.indexOf("\r\n\r\n");
  const head = bytes.subarray(0, end).toString("latin1");
  return { head, body: Uint8Array.from(bytes.subarray(end + 4)), ...answer };
}

const lengthIn = ({ head }: Answer) => Number(/Content-Length: (\d+)/.exec(head)?.[1]);

/** A live stream over HTTP for some time. */
async function liveHttp(it: Bench, ms: number): Promise<Answer> {
  const rpc = new RawRpc2(RawHttp.open(it));
  await rpc.login();
  const { result } = await rpc.call("streamReader.create", { channel: 0, subtype: 0 });
  return await get(it, `/RPC_Loadfile/${result}`, ms, rpc);
}

/** A stream over RTSP for some time. */
async function overRtsp(it: Bench, path: string, ms: number): Promise<RawRtsp> {
  const client = RawRtsp.open(it);
  await client.play(path);
  client.read();
  await tick();
  for (let left = ms; left > 0; left -= 500) {
    await it.clock.advance(Math.min(500, left));
    await tick();
  }
  client.sort();
  return client;
}

/** What a stream over UDP brings: the sequence numbers in the order of their coming. */
async function overUdp(fault: string, options: FaultOptions): Promise<number[]> {
  await using it = device();
  it.device.fault(fault, options);
  const rtp = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  const { port } = rtp.addr as Deno.NetAddr;
  const client = RawRtsp.open(it);
  const uri = `rtsp://127.0.0.1${LIVE}`;
  const Transport = `RTP/AVP;unicast;client_port=${port}-${port + 1}`;
  const { fields } = await client.ask("SETUP", `${uri}/trackID=0`, { Transport });
  client.session = fields.get("session")!.split(";")[0];
  const seen: number[] = [];
  const receive = async () => {
    for (;;) {
      const [bytes] = await rtp.receive();
      seen.push(parseRtp(bytes).sequence);
    }
  };
  const receiving = receive().catch(() => {});
  const { fields: played } = await client.ask("PLAY", uri);
  const first = Number(/seq=(\d+)/.exec(played.get("rtp-info")!)![1]);
  for (let i = 0; i < 20; i++) {
    await it.clock.advance(100);
    await tick();
  }
  for (let i = 0; i < 40 && seen.length < 50; i++) await tick();
  rtp.close();
  await receiving;
  client.close();
  await tick();
  assert(it.device.stats().faults[fault]! > 0);
  return seen.map((sequence) => (sequence - first + 65_536) % 65_536);
}

const PROOFS: Record<string, () => Promise<void>> = {
  async "short-download"() {
    await using it = device();
    const whole = await get(it, FILE);
    it.device.fault("short-download", { missing: 5000 });
    const short = await get(it, FILE);
    assert.equal(short.body.length, whole.body.length - 5000);
    assert.deepEqual([lengthIn(short), short.ended], [short.body.length, false]);
    it.device.fault("short-download", { missing: 5000, announced: true });
    const cut = await get(it, FILE);
    assert.equal(cut.body.length, short.body.length);
    assert.deepEqual([lengthIn(cut), cut.ended], [whole.body.length, true]);
    assert.equal((await get(it, FILE)).body.length, whole.body.length);
  },

  async "download-refused"() {
    await using it = device();
    it.device.fault("download-refused", { times: 1 });
    const { body } = await get(it, FILE);
    assert.equal(errorOf(JSON.parse(new TextDecoder().decode(body))).code, 285278249);
  },

  async "cut-stream"() {
    await using it = device();
    it.device.fault("cut-stream", { after: 7777 });
    const file = await get(it, FILE);
    assert.deepEqual([file.body.length, file.ended], [7777, true]);
    it.device.fault("cut-stream", { after: 7777 });
    const live = await liveHttp(it, 2000);
    assert.deepEqual([live.body.length, live.ended], [7777, true]);
    it.device.fault("cut-stream", { after: 7777, service: "rtsp" });
    assert.equal((await get(it, FILE)).ended, false);
    const client = await overRtsp(it, LIVE, 2000);
    assert.equal(client.ended, true);
    assert(client.rtp.length > 0);
  },

  async "silent-media"() {
    await using it = device();
    it.device.fault("silent-media", { after: 7777 });
    const file = await get(it, FILE);
    assert.deepEqual([file.body.length, file.ended], [7777, false]);
    const live = await liveHttp(it, 3000);
    assert.deepEqual([live.body.length, live.ended], [7777, false]);
    const client = await overRtsp(it, LIVE, 3000);
    assert.equal(client.ended, false);
    const before = client.rtp.length;
    await it.clock.advance(3000);
    client.sort();
    assert.equal(client.rtp.length, before);
    assert.equal((await client.ask("GET_PARAMETER", "*")).status, 200);
    client.close();
  },

  async "dhav-garbage"() {
    await using it = device();
    const right = readDhav((await get(it, FILE)).body).filter(({ kind }) => kind !== "aux");
    it.device.fault("dhav-garbage");
    const { body } = await get(it, FILE);
    assert.throws(() => readDhav(body));
    // Every frame is still in its place.
    for (const { offset, payload } of right) {
      assert(Buffer.from(readFrame(body, offset).payload).equals(payload));
    }
    assert.deepEqual((await get(it, FILE)).body, body);
    const { body: live } = await liveHttp(it, 6000);
    assert.throws(() => readDhav(live));
    it.device.clearFault("dhav-garbage");
    const { body: clean } = await liveHttp(it, 6000);
    assert(readDhav(clean).some(({ kind }) => kind === "aux"));
  },

  async "timestamp-wrap"() {
    await using it = device();
    it.device.fault("timestamp-wrap", { after: 3000 });
    for (const { body } of [await get(it, FILE), await liveHttp(it, 5000)]) {
      const pictures = readDhav(body, false).filter(({ kind }) => kind === "key");
      assert.deepEqual(pictures.slice(0, 5).map(({ counter }) => counter), [
        65_536 - 3000,
        65_536 - 2000,
        65_536 - 1000,
        0,
        1000,
      ]);
    }
  },

  async "timestamp-jump"() {
    await using it = device();
    it.device.fault("timestamp-jump", { after: 2000, ms: -3_600_000 });
    const keys = readDhav((await get(it, FILE)).body).filter(({ kind }) => kind === "key");
    const dates = keys.slice(0, 4).map(({ date }) => date.slice(11));
    assert.deepEqual(dates, ["10:00:00", "10:00:01", "09:00:02", "09:00:03"]);
    const client = await overRtsp(it, PAST, 4000);
    const steps = client.rtp.filter(({ channel }) => channel === 0).map(({ time }, index, all) =>
      index === 0 ? 0 : (time - all[index - 1]!.time) | 0
    );
    assert(steps.includes((3600 - 3_600_000 * 90) | 0));
    client.close();
  },

  async "codec-change"() {
    await using it = device({ mainVideo: "H.265" });
    it.device.fault("codec-change", { after: 2000, what: "both" });
    const live = await liveHttp(it, 4000);
    const keys = readDhav(live.body, false).filter(({ kind }) => kind === "key");
    const shown = keys.map(({ extension }) => [extension[2], extension[8]]);
    assert.deepEqual(shown.slice(0, 4), [[0x0c, 0x40], [0x0c, 0x40], [8, 0xa0], [8, 0xa0]]);
    // Over RTSP another codec ends the connection, another size does not.
    const ended = await overRtsp(it, LIVE, 4000);
    assert.equal(ended.ended, true);
    it.device.fault("codec-change", { after: 2000, what: "size" });
    const client = await overRtsp(it, LIVE, 4000);
    assert.equal(client.ended, false);
    const { frames } = loadClip(clipInfo("H.265", "sub"));
    const small = new Set(frames.flatMap(({ units }) => units.map((unit) => unit.toHex())));
    assert(client.rtp.some(({ payload }) => small.has(payload.toHex())));
    client.close();
  },

  async "udp-loss"() {
    const seen = await overUdp("udp-loss", { probability: 0.2 });
    const last = Math.max(...seen);
    assert(seen.length > last / 2 && seen.length < last);
    assert.deepEqual(seen, seen.toSorted((a, b) => a - b));
  },

  async "udp-reorder"() {
    const seen = await overUdp("udp-reorder", { probability: 0.2 });
    assert.notDeepEqual(seen, seen.toSorted((a, b) => a - b));
    assert.equal(new Set(seen).size, seen.length);
    // Nobody is more than one place late.
    seen.forEach((sequence, index) => assert(Math.abs(sequence - index) <= 1));
  },

  async "udp-duplicate"() {
    const seen = await overUdp("udp-duplicate", { probability: 0.2 });
    const distinct = [...new Set(seen)];
    assert(distinct.length < seen.length);
    assert.deepEqual(distinct, [...distinct.keys()]);
  },

  async "late-setup"() {
    await using it = device();
    it.device.fault("late-setup", { delay: 4000 });
    const client = RawRtsp.open(it);
    const uri = `rtsp://127.0.0.1${LIVE}`;
    await client.ask("DESCRIBE", uri);
    let answered = false;
    const transport = { Transport: "RTP/AVP/TCP;unicast;interleaved=0-1" };
    const setup = client.ask("SETUP", `${uri}/trackID=0`, transport)
      .then(({ status }) => (answered = true, status));
    await it.clock.advance(3999);
    await tick();
    assert.equal(answered, false);
    await it.clock.advance(1);
    assert.equal(await setup, 200);
    client.close();
  },

  async "rtsp-refused"() {
    await using it = device();
    const uri = `rtsp://127.0.0.1${LIVE}`;
    const transport = { Transport: "RTP/AVP/TCP;unicast;interleaved=0-1" };
    for (const status of [453, 503]) {
      it.device.fault("rtsp-refused", { status, times: 1 });
      const client = RawRtsp.open(it);
      assert.equal((await client.ask("DESCRIBE", uri)).status, 200);
      assert.equal((await client.ask("SETUP", `${uri}/trackID=0`, transport)).status, status);
      assert.equal((await client.ask("SETUP", `${uri}/trackID=0`, transport)).status, 200);
      client.close();
    }
  },

  async "wrong-rtp-info"() {
    await using it = device();
    it.device.fault("wrong-rtp-info");
    const client = RawRtsp.open(it);
    const { fields } = await client.play(LIVE);
    await client.gather(() => client.rtp.length > 0);
    const [, sequence, time] = /seq=(\d+);rtptime=(\d+)/.exec(fields.get("rtp-info")!)!;
    assert.notEqual(client.rtp[0]!.sequence, Number(sequence));
    assert.notEqual(client.rtp[0]!.time, Number(time));
    client.close();
  },
};

Deno.test("every fault of streams has its proof", () => {
  assert.deepEqual(Object.keys(PROOFS).sort(), MEDIA_FAULTS.map(({ name }) => name).sort());
});

for (const [name, proof] of Object.entries(PROOFS)) Deno.test(`fault ${name}`, proof);

Deno.test("a calendar that jumps moves dates of live streams, not their counters", async () => {
  await using it = device();
  it.clock.timer(() => it.device.fault("clock-jump", { ms: 86_400_000 }), 1500);
  const pictures = readDhav((await liveHttp(it, 3000)).body)
    .filter(({ kind }) => kind === "key" || kind === "inter");
  assert.equal(pictures[0]!.date.slice(0, 10), "2026-01-02");
  assert.equal(pictures.at(-1)!.date.slice(0, 10), "2026-01-03");
  pictures.slice(1).forEach(({ counter }, index) =>
    assert.equal((counter - pictures[index]!.counter + 65_536) % 65_536, 40)
  );
});

peerTest("ffmpeg reads a live stream without a word", ["ffmpeg"], async () => {
  for (const mainVideo of ["H.264", "H.265"] as const) {
    await using it = device({ mainVideo });
    await using folder = await temporaryFolder();
    const path = `${folder.path}/live.dhav`;
    await Deno.writeFile(path, (await liveHttp(it, 4000)).body);
    const numbers = (await picturesOf(["-f", "dhav", "-i", path])).map(({ number }) => number);
    assert.deepEqual(numbers, numbers.map((_, index) => (numbers[0]! + index) % 250));
    assert(numbers.length >= 100);
  }
});

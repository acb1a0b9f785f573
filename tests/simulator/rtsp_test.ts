import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { SoundCodec } from "../../lib/simulator/media/program.ts";
import { clipInfo, loadAac, loadClip } from "../../lib/simulator/media/source.ts";
import { encodeALaw, encodePcm, secondOfSound } from "../../lib/simulator/media/sound.ts";
import type { DeviceOptions, SimulatedRecording } from "../../lib/simulator/mod.ts";
import { type Bench, bench } from "./_support.ts";
import { parseRtp, RawRtsp, type Rtp, unitsOf } from "./_rtsp.ts";

const LIVE = "/cam/realmonitor?channel=1&subtype=0";
const NOON = Date.UTC(2026, 0, 2, 11, 0, 0); // 12:00 device local time

const device = (options: DeviceOptions = {}) => bench({ time: NOON, ...options });

/** Lets happen what needs no device time. */
const tick = () => new Promise((resolve) => setTimeout(resolve, 5));

/** Lets time pass, and reads what comes. */
async function pass(it: Bench, client: RawRtsp, ms: number): Promise<void> {
  client.read();
  await tick();
  await it.clock.advance(ms);
  await tick();
  client.sort();
}

/** Pictures by their packets. */
function picturesOf(packets: readonly Rtp[], channel = 0): Rtp[][] {
  const pictures: Rtp[][] = [];
  let open: Rtp[] = [];
  for (const packet of packets.filter((each) => each.channel === channel)) {
    open.push(packet);
    if (!packet.marker) continue;
    pictures.push(open);
    open = [];
  }
  return pictures;
}

for (const codec of ["H.264", "H.265"] as const) {
  for (const rtpPayload of [1400, 300, 60_000]) {
    Deno.test(`${codec} in packets of ${rtpPayload} bytes is the stream, unit by unit`, async () => {
      await using it = device({ mainVideo: codec, rtpPayload });
      const client = RawRtsp.open(it);
      assert.equal((await client.play(LIVE)).status, 200);
      await pass(it, client, 2000);
      const { frames } = loadClip(clipInfo(codec, "main"));
      const pictures = picturesOf(client.rtp);
      assert(pictures.length >= 50);
      const first = (NOON + 3_600_000) / 40;
      for (const [index, packets] of pictures.entries()) {
        assert.equal(new Set(packets.map(({ time }) => time)).size, 1);
        assert(packets.every(({ payload }) => payload.length <= rtpPayload));
        const ticks = (packets[0]!.time - pictures[0]![0]!.time + 2 ** 32) % 2 ** 32;
        assert.equal(ticks, index * 3600);
        const units = unitsOf(packets.map(({ payload }) => payload), codec);
        const wanted = frames[(first + index) % 250]!.units;
        assert.equal(units.length, wanted.length);
        units.forEach((unit, i) => assert(Buffer.from(unit).equals(wanted[i]!)));
      }
      const sequences = client.rtp.filter(({ channel }) => channel === 0)
        .map(({ sequence }) => sequence);
      sequences.slice(1).forEach((each, i) => assert.equal(each, (sequences[i]! + 1) & 0xffff));
      client.close();
    });
  }
}

Deno.test("sound comes in the packets that its format wants", async () => {
  const second = secondOfSound();
  const wanted: Record<SoundCodec | "G.711Mu", Uint8Array | undefined> = {
    "G.711A": encodeALaw(second),
    PCM: encodePcm(second, false),
    "G.711Mu": undefined,
    AAC: undefined,
  };
  for (const sound of ["G.711A", "PCM", "AAC"] as const) {
    await using it = device({ sound });
    const client = RawRtsp.open(it);
    await client.play(LIVE);
    await pass(it, client, 1000);
    const packets = client.rtp.filter(({ channel }) => channel === 2);
    const step = sound === "AAC" ? 1024 : 320;
    packets.slice(1).forEach(({ time }, i) =>
      assert.equal((time - packets[i]!.time + 2 ** 32) % 2 ** 32, step)
    );
    if (sound === "AAC") {
      const frames = loadAac();
      const first = Math.ceil((NOON + 3_600_000) / 128);
      for (const [i, { payload }] of packets.entries()) {
        const frame = frames[(first + i) % frames.length]!.subarray(7);
        assert.equal(
          payload.subarray(0, 4).toHex(),
          `0010${(frame.length << 3).toString(16).padStart(4, "0")}`,
        );
        assert(Buffer.from(payload.subarray(4)).equals(frame));
      }
    } else {
      const bytes = Buffer.concat(packets.slice(0, 25).map(({ payload }) => payload));
      assert(bytes.equals(wanted[sound]!), sound);
    }
    client.close();
  }
});

Deno.test("the first report says when the ticks began", async () => {
  await using it = device();
  const client = RawRtsp.open(it);
  const { fields } = await client.play(LIVE);
  await pass(it, client, 6000);
  const info = /rtptime=(\d+),.*rtptime=(\d+)/.exec(fields.get("rtp-info")!)!;
  const reports = client.rtcp.map((bytes) => new DataView(bytes.buffer));
  assert(reports.length >= 4);
  const [video, audio] = reports;
  for (const [index, report] of [video!, audio!].entries()) {
    assert.equal(report.getUint8(1), 200);
    assert.equal(report.getUint32(8) - 2_208_988_800, NOON / 1000);
    assert.equal(report.getUint32(16), Number(info[index + 1]));
  }
  assert.equal(client.rtp[0]!.time, Number(info[1]));
  const later = reports.filter((report) => report.getUint32(4) === video!.getUint32(4))[1]!;
  const seconds = later.getUint32(8) - video!.getUint32(8) +
    (later.getUint32(12) - video!.getUint32(12)) / 2 ** 32;
  const ticks = (later.getUint32(16) - video!.getUint32(16) + 2 ** 32) % 2 ** 32;
  assert(Math.abs(ticks / 90_000 - seconds) < 0.001);
  client.close();
});

Deno.test("a session that is not kept alive ends, with its connection", async () => {
  await using it = device({ rtspTimeout: 10 });
  const [silent, lively] = [RawRtsp.open(it), RawRtsp.open(it)];
  for (const client of [silent, lively]) await client.play(LIVE);
  assert.equal(it.device.stats().rtsp.openSessions, 2);
  for (let i = 0; i < 4; i++) {
    await pass(it, silent, 4000);
    assert.equal((await lively.ask("GET_PARAMETER", "*")).status, 200);
  }
  const { rtsp, openConnections } = it.device.stats();
  assert.deepEqual([rtsp.expired, rtsp.openSessions, openConnections], [1, 1, 1]);
  lively.close();
});

Deno.test("many sessions play side by side, each with its own numbers", async () => {
  await using it = device();
  const clients = Array.from({ length: 40 }, () => RawRtsp.open(it));
  for (const client of clients) await client.play(LIVE);
  for (const client of clients) client.read();
  await it.clock.advance(2000);
  await tick();
  const first = clients.map((client) => {
    client.sort();
    assert(picturesOf(client.rtp).length >= 50);
    return client.rtp[0]!;
  });
  assert.equal(it.device.stats().rtsp.openSessions, 40);
  assert.equal(new Set(first.map(({ ssrc }) => ssrc)).size, 40);
  assert.equal(new Set(clients.map(({ session }) => session)).size, 40);
  for (const { payload } of first) assert(Buffer.from(payload).equals(first[0]!.payload));
  for (const client of clients) client.close();
  await tick();
  assert.equal(it.device.stats().rtsp.openSessions, 0);
});

const RECORDINGS: readonly SimulatedRecording[] = [
  { start: "2026-01-01 10:00:00", end: "2026-01-01 10:00:10" },
  { start: "2026-01-01 10:00:10", end: "2026-01-01 10:00:20" },
  { start: "2026-01-01 10:00:15", end: "2026-01-01 10:00:25", flag: "Event" },
  { start: "2026-01-01 10:00:40", end: "2026-01-01 10:00:50" },
];
const PAST = "/cam/playback?channel=1&subtype=0&starttime=2026_01_01_10_00_05" +
  "&endtime=2026_01_01_10_00_45";

Deno.test("a recording is played in its time; a hole is not waited for", async () => {
  await using it = device({ recordings: RECORDINGS });
  const client = RawRtsp.open(it);
  const { fields } = await client.play(PAST);
  assert.equal(fields.get("range"), "npt=0.000-40.000");
  await pass(it, client, 10_000);
  const half = picturesOf(client.rtp).length;
  assert(half >= 10 * 25 && half <= 10 * 25 + 5, `${half}`);
  await pass(it, client, 16_000);
  const pictures = picturesOf(client.rtp);
  assert.equal(pictures.length, 25 * 25);
  const steps = pictures.slice(1).map(([packet], i) =>
    (packet!.time - pictures[i]![0]!.time + 2 ** 32) % 2 ** 32
  );
  assert.deepEqual(steps.filter((step) => step !== 3600), [15 * 90_000 + 3600]);
  // It ends with a goodbye; the connection stays.
  assert.equal(client.rtcp.at(-1)![45], 203);
  assert.equal((await client.ask("GET_PARAMETER", "*")).status, 200);
  client.close();
});

Deno.test("a recording is played from where the client wants, faster too, and pauses", async () => {
  await using it = device({ recordings: RECORDINGS });
  const client = RawRtsp.open(it);
  const first = await client.play(PAST, { Range: "npt=3.5-12", Scale: "4" });
  assert.deepEqual([first.fields.get("range"), first.fields.get("scale")], [
    "npt=3.000-12.000",
    "4",
  ]);
  await pass(it, client, 3000);
  assert.equal(picturesOf(client.rtp).length, 9 * 25);
  client.rtp.length = 0;
  const clock = { Range: "clock=20260101T090008Z-20260101T090010Z", "Rate-Control": "no" };
  const second = await client.ask("PLAY", `rtsp://127.0.0.1:554${PAST}`, clock);
  assert.equal(second.fields.get("range"), "clock=20260101T090008Z-20260101T090010Z");
  const time = Number(/rtptime=(\d+)/.exec(second.fields.get("rtp-info")!)![1]);
  await client.gather(() => picturesOf(client.rtp).length >= 50);
  assert.equal(client.rtp[0]!.time, time);
  client.rtp.length = 0;
  await client.ask("PLAY", `rtsp://127.0.0.1:554${PAST}`, { Range: "npt=0-" });
  await pass(it, client, 2000);
  assert.equal((await client.ask("PAUSE", `rtsp://127.0.0.1:554${PAST}`)).status, 200);
  const before = client.rtp.length;
  await it.clock.advance(5000);
  const resumed = await client.ask("PLAY", `rtsp://127.0.0.1:554${PAST}`);
  assert.equal(client.rtp.length, before);
  assert.equal(resumed.fields.get("range"), "npt=2.000-40.000");
  for (const Range of ["npt=99-", "npt=5-2", "smpte=0-"]) {
    assert.equal((await client.ask("PLAY", `rtsp://127.0.0.1:554${PAST}`, { Range })).status, 457);
  }
  client.close();
});

Deno.test("rights decide who sees what", async () => {
  await using it = device({
    recordings: RECORDINGS,
    users: [{ name: "guest", password: "guest123", group: "user" }],
  });
  const admin = await it.open();
  const user = {
    Name: "guest",
    Group: "user",
    AuthorityList: ["Monitor_01"],
    Memo: "",
    Sharable: true,
  };
  await admin.call("userManager.modifyUser", { name: "guest", user });
  const client = RawRtsp.open(it);
  [client.user, client.password] = ["guest", "guest123"];
  const status = async (path: string) =>
    (await client.ask("DESCRIBE", `rtsp://127.0.0.1${path}`)).status;
  assert.equal(await status(LIVE), 200);
  assert.equal(await status("/cam/realmonitor?channel=2&subtype=0"), 403);
  assert.equal(await status(PAST), 403);
});

Deno.test("a client that does not read loses frames up to a key frame", async () => {
  await using it = device({ mainVideo: "H.264", sound: "PCM", liveBacklog: 16_384 });
  const client = RawRtsp.open(it);
  await client.play(LIVE);
  client.idle = true;
  await it.clock.advance(30_000);
  assert(it.device.stats().droppedFrames > 250);
  await pass(it, client, 3000);
  const pictures = picturesOf(client.rtp);
  let gaps = 0;
  for (const [index, packets] of pictures.entries()) {
    const units = unitsOf(packets.map(({ payload }) => payload), "H.264");
    const ticks = index === 0 ? 3600 : packets[0]!.time - pictures[index - 1]![0]!.time;
    if (ticks === 3600) continue;
    gaps++;
    assert.equal(units[0]![0]! & 31, 7, "it goes on with a key frame");
  }
  assert(gaps > 0);
  client.close();
});

Deno.test("packets travel as datagrams, and reports of the client are counted", async () => {
  await using it = device();
  const sockets = [0, 0].map(() =>
    Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 })
  );
  const [rtp, rtcp] = sockets as [Deno.DatagramConn, Deno.DatagramConn];
  const port = ({ addr }: Deno.DatagramConn) => (addr as Deno.NetAddr).port;
  const client = RawRtsp.open(it);
  const uri = `rtsp://127.0.0.1${LIVE}`;
  const Transport = `RTP/AVP;unicast;client_port=${port(rtp)}-${port(rtcp)}`;
  const { fields } = await client.ask("SETUP", `${uri}/trackID=0`, { Transport });
  const [, even, odd] = /server_port=(\d+)-(\d+);ssrc=[0-9A-F]{8}/.exec(fields.get("transport")!)!;
  assert.deepEqual([Number(even) % 2, Number(odd)], [0, Number(even) + 1]);
  client.session = fields.get("session")!.split(";")[0];
  assert.equal((await client.ask("PLAY", uri)).status, 200);
  const [report] = await rtcp.receive();
  assert.equal(report[1], 200);
  const [first, from] = await rtp.receive();
  assert.equal((from as Deno.NetAddr).port, Number(even));
  assert.equal(parseRtp(first).type, 96);
  const receiver = Uint8Array.of(0x80, 201, 0, 1, 1, 2, 3, 4);
  await rtcp.send(receiver, { transport: "udp", hostname: "127.0.0.1", port: Number(odd) });
  for (let i = 0; i < 100 && it.device.stats().rtsp.reports === 0; i++) await tick();
  assert.equal(it.device.stats().rtsp.reports, 1);
  for (const socket of sockets) socket.close();
  client.close();
  await tick();
});

Deno.test("a device may refuse datagrams", async () => {
  await using it = device({ rtspUdp: false });
  const client = RawRtsp.open(it);
  const uri = `rtsp://127.0.0.1${LIVE}/trackID=0`;
  const both = "RTP/AVP;unicast;client_port=5000-5001,RTP/AVP/TCP;unicast;interleaved=4-5";
  const { status, fields } = await client.ask("SETUP", uri, { Transport: both });
  assert.equal(status, 200);
  assert.match(fields.get("transport")!, /interleaved=4-5/);
  const udp = { Transport: "RTP/AVP;unicast;client_port=5000-5001" };
  assert.equal((await RawRtsp.open(it).ask("SETUP", uri, udp)).status, 461);
});

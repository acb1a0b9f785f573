/** Sound and pictures stay together by the reports of their senders, on virtual packets. */

import assert from "node:assert/strict";
import { depacketizerOf } from "../../lib/media/rtsp/depacketizer.ts";
import { parseSdp } from "../../lib/media/rtsp/sdp.ts";
import { SenderClocks } from "../../lib/media/rtsp/sender_clock.ts";
import { trackOf, TrackReceiver } from "../../lib/media/rtsp/track.ts";
import { seeded } from "../support/random.ts";

const [VIDEO, AUDIO] = parseSdp(
  "m=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\nm=audio 0 RTP/AVP 8\n",
).media;
/** The sender's wall clock at the start. */
const EPOCH = 3_900_000_000.25;
/** A unit of either kind comes every 40 ms. */
const STEP = 0.04;

/** A stream as its sender sees it. Times are true seconds since the start. */
class Sender {
  readonly receiver: TrackReceiver;
  readonly rate: number;
  ssrc = 7;
  #base: number;
  #sequence = 65_500;

  constructor(
    private readonly kind: "video" | "audio",
    clocks: SenderClocks,
    random: () => number,
    /** Parts per million by which timestamps run too fast. */
    private readonly drift = 0,
  ) {
    const media = kind === "video" ? VIDEO! : AUDIO!;
    const track = trackOf(media, kind === "video" ? 0 : 1)!;
    this.rate = track.clockRate;
    this.#base = Math.floor(random() * 2 ** 32);
    this.receiver = new TrackReceiver({
      track,
      depacketizer: depacketizerOf(media)!,
      payloadType: media.payloadType,
      reorder: { limit: 0 },
      ssrc: 1,
      clock: clocks.add(kind),
    });
  }

  ticks(time: number): number {
    return (this.#base + Math.round(time * this.rate * (1 + this.drift / 1e6))) % 2 ** 32;
  }

  /** A unit taken at `time`; returns how much too late it is placed. */
  send(time: number, arrives: number): number {
    const payload = this.kind === "video" ? [0x65, 1] : Array<number>(320).fill(0xd5);
    const packet = new Uint8Array(12 + payload.length);
    const view = new DataView(packet.buffer);
    packet.set([0x80, 0x80 | (this.kind === "video" ? 96 : 8)]);
    view.setUint16(2, this.#sequence++ & 0xffff);
    view.setUint32(4, this.ticks(time));
    view.setUint32(8, this.ssrc);
    packet.set(payload, 12);
    const [unit, ...more] = this.receiver.push(packet, arrives);
    assert.equal(more.length, 0);
    return unit!.time - time;
  }

  report(
    time: number,
    { ntp = EPOCH + time, timestamp = this.ticks(time), arrives = time } = {},
  ): void {
    const packet = new Uint8Array(28);
    const view = new DataView(packet.buffer);
    packet.set([0x80, 200, 0, 6]);
    view.setUint32(4, this.ssrc);
    view.setUint32(8, Math.floor(ntp));
    view.setUint32(12, Math.floor((ntp % 1) * 2 ** 32));
    view.setUint32(16, timestamp);
    this.receiver.pushControl(packet, arrives);
  }

  /** Another source with timestamps of its own. */
  restart(random: () => number): void {
    this.ssrc++;
    this.#base = Math.floor(random() * 2 ** 32);
  }
}

function session(seed: number, drift = 0) {
  const random = seeded(seed);
  const clocks = new SenderClocks();
  const video = new Sender("video", clocks, random);
  const audio = new Sender("audio", clocks, random, drift);
  /** Plays from one unit to another; returns by how much sound is late against the pictures. */
  const play = (
    from: number,
    to: number,
    each: (time: number, unit: number) => void = () => {},
    soundArrives = (time: number) => time,
  ): number[] => {
    const apart: number[] = [];
    for (let unit = Math.round(from / STEP); unit < Math.round(to / STEP); unit++) {
      const time = unit * STEP;
      each(time, unit);
      const picture = video.send(time, time + random() * 0.02);
      apart.push(audio.send(time, soundArrives(time) + random() * 0.02) - picture);
    }
    return apart;
  };
  return { random, video, audio, play };
}

const worst = (values: readonly number[]) => Math.max(...values.map(Math.abs));
/** Reports come every five seconds. */
const EVERY = 5 / STEP;

for (const drift of [-200, 200]) {
  Deno.test(`a sound card ${drift} ppm off stays within 40 ms over an hour`, () => {
    for (const seed of [1, 2]) {
      const { random, video, audio, play } = session(seed, drift);
      let told = 0;
      const apart = play(0, 3600, (time, unit) => {
        if (unit % EVERY !== 0) return;
        told++;
        // Clocks are read some milliseconds beside the moment that is told.
        video.report(time, { ntp: EPOCH + time + (random() - 0.5) * 0.01 });
        audio.report(time, { ntp: EPOCH + time + (random() - 0.5) * 0.01 });
      });
      assert.equal(told, 720);
      assert.ok(worst(apart) <= 0.04, `seed ${seed}: ${worst(apart)} s`);
      // Gradually: from unit to unit far below what can be heard or seen.
      const steps = apart.slice(1).map((value, index) => value - apart[index]!);
      assert.ok(worst(steps.slice(1)) < 0.001, `seed ${seed}: ${worst(steps)} s in one step`);
      const without = session(seed, drift).play(0, 3600);
      assert.ok(worst(without) > 0.6, "without reports it would be late");
    }
  });
}

Deno.test("a start that was told wrong is corrected with the first reports, at once", () => {
  for (const [seed, wrong] of [[1, 1.5], [2, -1.5], [3, 8], [4, -8]] as const) {
    const late = session(seed);
    late.video.receiver.startAt(late.video.ticks(0));
    late.audio.receiver.startAt(late.audio.ticks(wrong));
    assert.ok(Math.abs(worst(late.play(0, 2)) - Math.abs(wrong)) < 0.001);
    late.video.report(2);
    late.audio.report(2);
    assert.ok(worst(late.play(2, 4)) < 0.001, `seed ${seed}`);
  }
});

Deno.test("sound that comes late is placed right from its first unit on", () => {
  const { video, audio, play } = session(5);
  video.report(0);
  audio.report(0);
  assert.ok(worst(play(0, 4, () => {}, (time) => time + 0.6)) < 0.001);
  const other = session(5);
  assert.ok(worst(other.play(0, 4, () => {}, (time) => time + 0.6)) > 0.5, "without reports");
});

Deno.test("less than 40 ms are made good without a step", () => {
  const { video, audio, play } = session(6);
  const before = play(0, 2, () => {}, (time) => time + 0.025).at(-1)!;
  assert.ok(Math.abs(before) > 0.002 && Math.abs(before) < 0.04, `${before}`);
  video.report(2);
  audio.report(2);
  const after = play(2, 62);
  assert.ok(Math.abs(after[0]! - before) < 0.001);
  assert.ok(Math.abs(after.at(-1)!) < 0.001, `${after.at(-1)}`);
});

Deno.test("reports that are nonsense change nothing", () => {
  type Lie = (time: number, random: () => number) => { ntp?: number; timestamp?: number };
  const lies: Record<string, Lie> = {
    "no clock": () => ({ ntp: 0 }),
    "any clock": (_, random) => ({ ntp: random() * 2 ** 32 }),
    "any timestamp": (_, random) => ({ timestamp: Math.floor(random() * 2 ** 32) }),
    "a minute late": (time) => ({ ntp: EPOCH + time - 60 }),
    "four seconds early": (time) => ({ ntp: EPOCH + time + 4 }),
    "a clock that stands": () => ({ ntp: EPOCH - 100 }),
  };
  for (const [name, lie] of Object.entries(lies)) {
    for (let seed = 1; seed <= 20; seed++) {
      const honest = session(seed).play(0, 30);
      const { video, audio, play } = session(seed);
      const other = seeded(seed + 1000);
      const apart = play(0, 30, (time, unit) => {
        if (unit % EVERY !== 0) return;
        video.report(time);
        audio.report(time, lie(time, other));
      });
      assert.deepEqual(apart, honest, `${name}, seed ${seed}`);
    }
  }
});

Deno.test("nonsense in the middle leaves a correction as it is", () => {
  const { video, audio, play } = session(8);
  video.receiver.startAt(video.ticks(0));
  audio.receiver.startAt(audio.ticks(0.5));
  const apart = play(0, 60, (time, unit) => {
    if (unit % EVERY !== 0) return;
    video.report(time);
    const isBad = unit % (3 * EVERY) === EVERY;
    audio.report(time, isBad ? { ntp: EPOCH + time + 1.5 } : {});
  });
  assert.ok(worst(apart) < 0.001, `${worst(apart)}`);
});

Deno.test("a sender whose clock is set moves nothing", () => {
  const { video, audio, play } = session(9);
  const apart = play(0, 60, (time, unit) => {
    const ntp = EPOCH + time + (time > 21 ? 2 : 0);
    if (unit % EVERY === 0) video.report(time, { ntp });
    if (unit % EVERY === 60) audio.report(time, { ntp });
  });
  assert.ok(worst(apart) < 0.02, `${worst(apart)} s: more than packets are late on their way`);
});

Deno.test("a source that starts anew needs new reports", () => {
  for (const which of ["audio", "video"] as const) {
    const room = session(10);
    const { video, audio, play, random } = room;
    video.report(0);
    audio.report(0);
    assert.ok(worst(play(0, 10)) < 0.001);
    room[which].restart(random);
    // Its packets come at another time than they were taken: all that is known of their place.
    const late = play(10, 12, () => {}, (time) => time + (which === "audio" ? 0.5 : 0));
    if (which === "audio") assert.ok(worst(late) > 0.4, "old reports say nothing about it");
    audio.report(12);
    video.report(12);
    assert.ok(worst(play(12, 70).slice(-10)) < 0.001, which);
  }
});

Deno.test("pictures are never moved: they are what the others follow", () => {
  const { random, video, audio } = session(11);
  const places: number[] = [];
  for (let unit = 0; unit < 500; unit++) {
    const time = unit * STEP;
    if (unit % EVERY === 0) {
      video.report(time, { ntp: EPOCH + time + random() });
      audio.report(time, { ntp: EPOCH + time });
    }
    places.push(video.send(time, time));
    audio.send(time, time);
  }
  assert.ok(worst(places) < 1e-6);
});

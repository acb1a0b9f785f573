import assert from "node:assert/strict";
import {
  type AudioMode,
  type Container,
  containerOf,
  soundForm,
} from "../../lib/media/recorder/container.ts";
import { numbered } from "../../lib/media/recorder/file_names.ts";
import { Interleaver } from "../../lib/media/recorder/_interleaver.ts";
import type { AudioCodec, MediaTrack, MediaUnit } from "../../lib/media/unit.ts";
import { between, scaled, seeded } from "../support/random.ts";

function track(codec: AudioCodec | "h264", clockRate = 8000, channels = 1): MediaTrack {
  const kind = codec === "h264" ? "video" : "audio";
  const config = codec === "aac" ? Uint8Array.of(0x14, 0x08) : undefined;
  return { index: 0, kind, codec, clockRate, channels, parameterSets: [], config };
}

Deno.test("a name tells the kind of a file", () => {
  const names = [
    "a.mp4",
    "b/c.MOV",
    "x.y.mkv",
    "z.ts",
    "a.mts",
    "b.m4v",
    "mp4",
    "a.avi",
    "a.mp4/b",
  ];
  assert.deepEqual(names.map(containerOf), [
    ...["mp4", "mov", "mkv", "ts", "ts", "mp4", undefined, undefined, undefined],
  ]);
  assert.deepEqual([1, 2, 10].map((n) => numbered("a.b/x.mp4", n)), [
    "a.b/x.mp4",
    "a.b/x-2.mp4",
    "a.b/x-10.mp4",
  ]);
  assert.equal(numbered("a.b/x", 2), "a.b/x-2");
});

Deno.test("what becomes of sound", () => {
  const table: [AudioCodec, Container, AudioMode, boolean, string | undefined][] = [
    ["alaw", "mp4", "auto", true, "aac"],
    ["alaw", "mp4", "auto", false, undefined],
    ["mulaw", "ts", "auto", true, "aac"],
    ["alaw", "mov", "auto", true, "pcm"],
    ["alaw", "mkv", "auto", false, "pcm"],
    ["alaw", "mov", "copy", true, "copy"],
    ["alaw", "mp4", "copy", true, undefined],
    ["alaw", "mkv", "aac", true, "aac"],
    ["alaw", "mp4", "pcm", true, undefined],
    ["aac", "mp4", "auto", false, "copy"],
    ["aac", "mov", "aac", false, "copy"],
    ["aac", "mov", "pcm", true, undefined],
    ["s16le", "mov", "auto", true, "copy"],
    ["s16le", "mp4", "auto", true, "aac"],
    ["s8", "mkv", "auto", true, "pcm"],
    ["mp2", "mp4", "auto", true, undefined],
    ["adpcm", "mkv", "auto", true, undefined],
    ["alaw", "mp4", "none", true, undefined],
  ];
  for (const [codec, container, mode, encoder, wanted] of table) {
    const choice = soundForm(track(codec), container, mode, encoder);
    assert.equal(choice.form, wanted, `${codec} ${container} ${mode}`);
    if (choice.form === undefined) assert.ok(choice.why.length > 0);
  }
  // A rate that AAC does not have.
  assert.equal(soundForm(track("alaw", 20_000), "mp4", "auto", true).form, undefined);
});

Deno.test("units come out in the order of their time, and all of them", () => {
  const kinds = { video: track("h264"), audio: track("alaw") };
  for (let seed = 0; seed < scaled(2000); seed++) {
    const random = seeded(seed);
    const units: MediaUnit[] = [];
    const lag = between(random, 0, 900) / 1000;
    for (let frame = 0; frame < 300; frame++) {
      const unit = { data: new Uint8Array(10), key: true, damaged: false };
      units.push({ ...unit, track: kinds.video, time: frame * 0.04 });
      units.push({ ...unit, track: kinds.audio, time: frame * 0.04 });
    }
    // Sound arrives late by `lag`.
    const arrival = ({ track, time }: MediaUnit) => track.kind === "audio" ? time + lag : time;
    units.sort((a, b) => arrival(a) - arrival(b));
    const order = new Interleaver(true);
    const out = units.flatMap((unit) => [...order.push(unit)]);
    out.push(...order.flush());
    assert.equal(out.length, units.length);
    for (let index = 1; index < out.length; index++) {
      assert.ok(out[index]!.time >= out[index - 1]!.time, `seed ${seed}`);
    }
  }
});

Deno.test("a stream that stays away keeps the other waiting for 3 s at most", () => {
  const data = new Uint8Array(10);
  const unit = (kind: "h264" | "alaw", time: number): MediaUnit => ({
    track: track(kind),
    time,
    data,
    key: true,
    damaged: false,
  });
  for (const kind of ["h264", "alaw"] as const) {
    const order = new Interleaver(true);
    let out = 0;
    out += [...order.push(unit("h264", 0)), ...order.push(unit("alaw", 0))].length;
    for (let frame = 1; frame < 1000; frame++) {
      out += [...order.push(unit(kind, frame * 0.04))].length;
      assert.ok(frame - out < 3.2 / 0.04, `${kind} ${frame}`);
    }
  }
});

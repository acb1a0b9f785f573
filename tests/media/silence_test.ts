/** Silence that stands in for sound. */

import assert from "node:assert/strict";
import { soundWriter } from "../../lib/media/recorder/_sound.ts";
import type { SoundForm } from "../../lib/media/recorder/container.ts";
import type { MediaTrack } from "../../lib/media/unit.ts";

const FORMS: readonly [MediaTrack["codec"], SoundForm][] = [
  ["alaw", "aac"],
  ["alaw", "pcm"],
  ["alaw", "copy"],
  ["aac", "copy"],
];

for (const [codec, form] of FORMS) {
  Deno.test(`an outage of a day is a hole in the sound, not a day of silence (${codec}, ${form})`, async () => {
    const track: MediaTrack = {
      index: 1,
      kind: "audio",
      codec,
      clockRate: 8000,
      channels: 1,
      parameterSets: [],
      config: undefined,
    };
    const writer = await soundWriter(track, form);
    const day = 86_400;
    const packets = [
      ...await writer.push(new Uint8Array(160), 0),
      ...await writer.silence(0.1), // pictures go on
      ...await writer.silence(day),
      ...await writer.push(new Uint8Array(160), day),
      ...await writer.finish(),
    ];
    const length = packets.reduce((sum, { duration }) => sum + duration, 0);
    // PCM in files has no holes: there it is silence, but never much of it at a time.
    if (form === "pcm") assert.ok(packets.every(({ duration }) => duration <= 1.001));
    else assert.ok(length < 3, `${length} s of sound`);
    assert.ok(Math.abs(writer.end! - day) < 1, `${writer.end}`);
    assert.ok(packets.some(({ time }) => time > day - 2), "sound goes on behind it");
    for (const [index, { time, duration }] of packets.slice(0, -1).entries()) {
      assert.ok(
        packets[index + 1]!.time >= time + duration - 0.001,
        `${time} and its next overlap`,
      );
    }
  });
}

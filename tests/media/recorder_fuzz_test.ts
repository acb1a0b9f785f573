/** Whatever a device sends: files, or an error with a code. */

import assert from "node:assert/strict";
import { DhipError } from "../../lib/errors.ts";
import { DhavSource } from "../../lib/media/dhav_source.ts";
import type { Container } from "../../lib/media/recorder/container.ts";
import { record } from "../../lib/media/recorder/record.ts";
import { dhavFrames, type DhavSpec } from "../support/dhav.ts";
import { peerTest } from "../support/peers.ts";
import { between, scaled, seeded } from "../support/random.ts";
import { media } from "./_recording.ts";

const KINDS: readonly (readonly [Container, boolean])[] = [
  ["mp4", false],
  ["mp4", true],
  ["mov", true],
  ["mkv", false],
  ["ts", false],
];

peerTest("300 mutated recordings give files or an error with a code", ["ffmpeg"], async () => {
  const codecs = ["h264", "h265"] as const;
  const pictures = await Promise.all(codecs.map((codec) => media.pictures(codec)));
  const alaw = await media.alaw();
  const aac = await media.aac();
  const ends = new Map<string, number>();
  for (let seed = 0; seed < scaled(300); seed++) {
    const random = seeded(seed);
    const which = between(random, 0, 1);
    const start = between(random, 0, 30);
    // Mutations of the whole run, some of them rare.
    const [damage, jump, lose] = [random() * 0.1, random() * 0.05, random() * 0.1];
    const edit = (spec: DhavSpec): DhavSpec | undefined => {
      if (random() < lose) return undefined;
      if (random() < jump) {
        return {
          ...spec,
          counter: between(random, 0, 65_535),
          wall: spec.wall + between(random, -1e9, 1e9),
          number: between(random, 0, 2 ** 32 - 1),
          type: [0xfd, 0xfc, 0xf0, 0xf1, 0xfe, spec.type][between(random, 0, 5)]!,
        };
      }
      if (random() >= damage) return spec;
      const payload = spec.payload.slice(0, between(random, 0, spec.payload.length));
      for (let count = between(random, 0, 8); count > 0 && payload.length > 0; count--) {
        payload[between(random, 0, payload.length - 1)] = between(random, 0, 255);
      }
      const extension = spec.extension?.map((byte) =>
        random() < 0.1 ? between(random, 0, 255) : byte
      );
      return { ...spec, payload, ...(extension === undefined ? {} : { extension }) };
    };
    const sound = random() < 0.5
      ? { codec: "alaw", samples: alaw.subarray(0, 24_000) } as const
      : { codec: "aac", frames: aac.slice(0, 40), rate: 16_000 } as const;
    const frames = dhavFrames({
      codec: codecs[which]!,
      units: pictures[which]!.slice(start, start + 75),
      fps: 25,
      width: 320,
      height: 240,
      sound,
      edit,
    });
    const bytes = frames.map((frame) => {
      if (random() > 0.02) return frame;
      const mutated = frame.slice();
      mutated[between(random, 0, mutated.length - 1)] = between(random, 0, 255);
      return mutated;
    });
    const [container, fragmented] = KINDS[between(random, 0, KINDS.length - 1)]!;
    const chunks = (async function* () {
      yield* bytes;
    })();
    const sink = {
      name: "x",
      seekable: true,
      write: () => Promise.resolve(),
      commit: () => Promise.resolve(),
      abandon: () => Promise.resolve(),
    };
    try {
      const result = await record(new DhavSource(chunks), {
        container,
        fragmented,
        ...(random() < 0.3 ? { segment: random() } : {}),
        open: () => Promise.resolve(sink),
      });
      assert.ok(result.frames > 0 && result.frames <= 75 * 2, `seed ${seed}`);
      ends.set("files", (ends.get("files") ?? 0) + 1);
    } catch (error) {
      if (!(error instanceof DhipError)) {
        throw new Error(`seed ${seed} ${container}`, { cause: error });
      }
      ends.set(error.code, (ends.get(error.code) ?? 0) + 1);
    }
  }
  assert.ok(ends.get("files")! > 0);
});

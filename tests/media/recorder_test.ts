/** What is recorded plays: every container, codec and sound, by ffmpeg and by mediabunny. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { DhipError } from "../../lib/errors.ts";
import { DhavDecoder } from "../../lib/media/dhav.ts";
import { probeContainer } from "../../lib/media/probe/probe.ts";
import { record } from "../../lib/media/recorder/record.ts";
import { FileSink } from "../../lib/media/recorder/sink.ts";
import { dhavFrames, type DhavSpec, joined } from "../support/dhav.ts";
import { peerTest, run, temporaryFolder } from "../support/peers.ts";
import { isFullRun } from "../support/random.ts";
import { clicksOf, complaintsOf, flashesOf, picturesIn } from "../support/test_media.ts";
import { endless, media, recordTo } from "./_recording.ts";

const FORMS = [["mp4", false], ["mp4", true], ["mov", false], ["mov", true], [
  "mkv",
  false,
]] as const;
const BASE = { fps: 25, width: 320, height: 240 } as const;

async function soundOf(kind: "none" | "alaw" | "aac") {
  if (kind === "none") return {};
  return {
    sound: kind === "alaw"
      ? { codec: "alaw", samples: await media.alaw() } as const
      : { codec: "aac", frames: await media.aac(), rate: 16_000 } as const,
  };
}

const ALL_FORMS = [...FORMS, ["mkv", true], ["ts", false]] as const;

for (const [codecIndex, codec] of (["h264", "h265"] as const).entries()) {
  for (const [kindIndex, kind] of (["none", "alaw", "aac"] as const).entries()) {
    // A reduced run takes every other container, so that each still meets all codecs and sounds.
    const forms = ALL_FORMS.filter((_, index) =>
      isFullRun || (index + kindIndex + codecIndex) % 2 === 0
    );
    const names = isFullRun ? "every container" : "every other container";
    peerTest(
      `${codec} with sound ${kind} plays from ${names}`,
      ["ffmpeg", "ffprobe"],
      async () => {
        await using folder = await temporaryFolder();
        const units = await media.pictures(codec);
        const frames = dhavFrames({ ...BASE, codec, units, ...await soundOf(kind) });
        for (const [extension, fragmented] of forms) {
          const name = `${fragmented}.${extension}`;
          const { path, ...result } = await recordTo(folder.path, name, frames, { fragmented });
          assert.equal(await complaintsOf(path), "", name);
          assert.deepEqual([result.frames, result.gapCount, result.damaged], [150, 0, 0], name);
          assert.ok(Math.abs(result.duration - 6) < 0.04, `${name}: ${result.duration}`);
          const { duration, count } = await picturesIn(path);
          assert.equal(count, 150, name);
          assert.ok(Math.abs(duration + 0.04 - 6) < 0.04, `${name}: ${duration}`);
          const probed = await probeContainer(path);
          assert.equal(probed?.video[0]?.codec, codec, name);
          assert.equal(probed?.video[0]?.frames, 150, name);
          assert.deepEqual(probed?.audio.length, kind === "none" ? 0 : 1, name);
          if (kind === "none") continue;
          // The picture at or behind half a second is the first white one: 0.52 s.
          const [flashes, clicks] = await Promise.all([flashesOf(path), clicksOf(path)]);
          assert.equal(flashes.length, 6, name);
          flashes.forEach((flash, index) => {
            assert.ok(
              Math.abs(clicks[index]! - (flash - 0.02)) < 0.04,
              `${name}: ${flash} ${clicks[index]}`,
            );
          });
          const wanted = kind === "aac" || extension === "mp4" || extension === "ts"
            ? "aac"
            : "s16le";
          assert.equal(probed?.audio[0]?.codec, wanted, name);
        }
      },
    );
  }
}

peerTest("the demuxer's packets are those of ffmpeg", ["ffmpeg"], async () => {
  await using folder = await temporaryFolder();
  for (const codec of ["h264", "h265"] as const) {
    const units = await media.pictures(codec);
    const bytes = joined(dhavFrames({ ...BASE, codec, units, ...await soundOf("alaw") }));
    const file = join(folder.path, `${codec}.dav`);
    await Deno.writeFile(file, bytes);
    const text = await run("ffmpeg", [
      ...["-v", "error", "-f", "dhav", "-i", file, "-map", "0", "-c", "copy"],
      ...["-f", "framehash", "-hash", "sha256", "-"],
    ]);
    const lines = text.split("\n").filter((line) => /^\d/.test(line)).map((line) =>
      line.split(/,\s*/)
    );
    const theirs = lines.map((cells) => `${Number(cells[4])} ${cells[5]}`).sort();
    const ours: string[] = [];
    for (const frame of new DhavDecoder().push(bytes)) {
      const hash = await crypto.subtle.digest("SHA-256", frame.payload.slice());
      const hex = Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0"));
      ours.push(`${frame.payload.length} ${hex.join("")}`);
    }
    assert.equal(ours.length, 300);
    assert.deepEqual(ours.sort(), theirs);
  }
});

peerTest(
  "gaps stay gaps, and a clock that is set moves nothing",
  ["ffmpeg", "ffprobe"],
  async () => {
    await using folder = await temporaryFolder();
    const units = await media.pictures("h264");
    // Seconds 2 to 4 are missing; from second 5 on the device's clock is an hour ahead.
    const edit = (spec: DhavSpec, time: number) => {
      if (time >= 2000 && time < 4000) return undefined;
      return time >= 5000 ? { ...spec, wall: spec.wall + 3_600_000 } : spec;
    };
    for (const extension of ["mp4", "mov", "mkv", "ts"]) {
      const sound = await soundOf("alaw");
      const frames = dhavFrames({ ...BASE, codec: "h264", units, edit, ...sound });
      const { path, gaps, ...result } = await recordTo(folder.path, `x.${extension}`, frames);
      assert.equal(await complaintsOf(path), "");
      assert.deepEqual([result.frames, result.files.length, result.gapCount], [100, 1, 1]);
      assert.ok(Math.abs(gaps[0]!.from - 2) < 0.05 && Math.abs(gaps[0]!.to - 4) < 0.05);
      assert.equal(gaps[0]!.reason, "missing");
      assert.ok(Math.abs(result.duration - 6) < 0.04);
      assert.ok(Math.abs((await picturesIn(path)).duration - 5.96) < 0.04, extension);
      const flashes = await flashesOf(path);
      const clicks = await clicksOf(path);
      for (const at of [0.52, 1.52, 4.52, 5.52]) {
        assert.ok(flashes.some((flash) => Math.abs(flash - at) < 0.04), `${extension}: ${flashes}`);
        assert.ok(clicks.some((click) => Math.abs(click - at) < 0.06), `${extension}: ${clicks}`);
      }
    }
  },
);

peerTest("damaged pictures are left out up to the next key picture", ["ffmpeg"], async () => {
  await using folder = await temporaryFolder();
  const units = await media.pictures("h264");
  const frames = dhavFrames({ ...BASE, codec: "h264", units });
  frames[60] = frames[60]!.slice();
  frames[60]!.fill(0xee, 0, 30); // its head is gone: the frame is lost
  const { path, ...result } = await recordTo(folder.path, "x.mp4", frames);
  assert.equal(await complaintsOf(path), "");
  assert.deepEqual([result.frames, result.damaged, result.gapCount], [150 - 15, 14, 1]);
  assert.equal(result.gaps[0]!.reason, "damaged");
  assert.ok(Math.abs(result.gaps[0]!.to - 3) < 0.001);
  assert.ok(Math.abs(result.duration - 6) < 0.04);
});

peerTest(
  "another resolution or codec begins a new file and says so",
  ["ffmpeg", "ffprobe"],
  async () => {
    await using folder = await temporaryFolder();
    const sizes = [["h264", "320x240"], ["h264", "640x360"], ["h265", "320x240"]] as const;
    const frames: Uint8Array[] = [];
    for (const [index, [codec, size]] of sizes.entries()) {
      const units = (await media.pictures(codec, size)).slice(0, 50);
      const [width, height] = size.split("x").map(Number) as [number, number];
      const from = { wall: Date.UTC(2026, 0, 1) + index * 2000, counter: index * 2000 };
      const edit = (spec: DhavSpec) => ({ ...spec, number: spec.number + index * 50 });
      frames.push(...dhavFrames({ fps: 25, codec, width, height, units, ...from, edit }));
    }
    const { files, notices, gapCount } = await recordTo(folder.path, "x.mp4", frames);
    assert.deepEqual(files.map(({ width, frames, reason }) => [width, frames, reason]), [
      [320, 50, "start"],
      [640, 50, "change"],
      [320, 50, "change"],
    ]);
    assert.equal(notices.length, 2);
    assert.match(notices[0]!, /320x240 to avc1\.\w+ 640x360: a new file begins/);
    assert.equal(gapCount, 0);
    for (const { name } of files) {
      assert.equal(await complaintsOf(name), "");
      assert.equal((await picturesIn(name)).count, 50);
    }
  },
);

peerTest(
  "files are cut at key pictures, by length and by size",
  ["ffmpeg", "ffprobe"],
  async () => {
    await using folder = await temporaryFolder();
    const units = await media.pictures("h264");
    const sound = await soundOf("alaw");
    const frames = dhavFrames({ ...BASE, codec: "h264", units, ...sound });
    const byLength = await recordTo(folder.path, "a.mp4", frames, { segment: 1.5 });
    assert.deepEqual(byLength.files.map(({ frames }) => frames), [50, 50, 50]);
    const bySize = await recordTo(folder.path, "b.mkv", frames, { maxSize: 60_000 });
    assert.ok(
      bySize.files.length > 1 && bySize.files.slice(1).every(({ reason }) => reason === "size"),
    );
    for (const { name, frames } of [...byLength.files, ...bySize.files]) {
      assert.equal(await complaintsOf(name), "");
      assert.equal((await picturesIn(name)).count, frames);
      const [flash, click] = [(await flashesOf(name))[0]!, (await clicksOf(name))[0]!];
      assert.ok(Math.abs(flash - 0.02 - click) < 0.04, `${name}: ${flash} ${click}`);
    }
  },
);

peerTest("sound that stays away is silence, and comes back at its time", ["ffmpeg"], async () => {
  await using folder = await temporaryFolder();
  const units = await media.pictures("h264");
  const long = [...units, ...units, ...units];
  for (const kind of ["alaw", "aac"] as const) {
    const edit = (spec: DhavSpec, time: number) =>
      spec.type === 0xf0 && time > 1000 && time < 4000 ? undefined : spec;
    // Pictures go on for 12 s behind the end of the sound.
    const frames = dhavFrames({
      ...BASE,
      codec: "h264",
      units: long,
      edit,
      ...await soundOf(kind),
    });
    for (const name of [`${kind}.mp4`, `${kind}.mov`, `${kind}.ts`]) {
      const { path, ...result } = await recordTo(folder.path, name, frames, { fragmented: true });
      assert.equal(await complaintsOf(path), "", name);
      assert.deepEqual([result.files.length, result.frames], [1, 450], name);
      const clicks = await clicksOf(path);
      for (const at of [0.5, 4.5, 5.5]) {
        assert.ok(clicks.some((click) => Math.abs(click - at) < 0.04), `${name}: ${clicks}`);
      }
      const probed = await probeContainer(path);
      assert.ok(probed!.audio[0]!.duration > 14, `${name}: ${probed!.audio[0]!.duration}`);
    }
  }
});

Deno.test("what no file can hold is said", async () => {
  await using folder = await temporaryFolder();
  const unit = (codec: "mjpeg" | "h264", data: Uint8Array) => ({
    track: {
      index: 0,
      kind: "video" as const,
      codec,
      clockRate: 1000,
      channels: 0,
      parameterSets: [],
      config: undefined,
    },
    time: 0,
    data,
    key: true,
    damaged: false,
  });
  const source = async function* (codec: "mjpeg" | "h264") {
    yield unit(codec, Uint8Array.of(0, 0, 1, 0x65, 1, 2));
  };
  await assert.rejects(recordTo(folder.path, "x.mp4", source("mjpeg")), {
    code: "DHIP_NOT_SUPPORTED",
  });
  await assert.rejects(recordTo(folder.path, "x.mp4", source("h264")), { code: "DHIP_INCOMPLETE" });
  assert.deepEqual([...Deno.readDirSync(folder.path)], []);
});

peerTest("pictures that come once in 5 s are no gaps", ["ffmpeg", "ffprobe"], async () => {
  await using folder = await temporaryFolder();
  const units = await media.pictures("h264");
  const frames = dhavFrames({ ...BASE, fps: 0.2, codec: "h264", units: units.slice(0, 26) });
  const { path, ...result } = await recordTo(folder.path, "x.mp4", frames);
  assert.deepEqual([result.frames, result.gapCount, result.duration], [26, 0, 130]);
  assert.equal((await picturesIn(path)).duration, 125);
});

peerTest(
  "what cannot be written ends the recording, and leaves what plays",
  ["ffmpeg"],
  async () => {
    await using folder = await temporaryFolder();
    const units = await media.pictures("h264");
    const frames = dhavFrames({ ...BASE, codec: "h264", units, ...await soundOf("alaw") });
    for (const [extension, fragmented] of [...FORMS, ["ts", false] as const]) {
      const name = `x${fragmented}.${extension}`;
      const writes = async (room: number) => {
        const seen = { written: 0, abandoned: undefined as boolean | undefined };
        const sink = {
          name,
          seekable: true,
          write(bytes: Uint8Array) {
            seen.written += bytes.length;
            if (seen.written <= room) return Promise.resolve();
            return Promise.reject(new DhipError("DHIP_FILE", "no space left"));
          },
          commit: () => Promise.resolve(),
          abandon(plays: boolean) {
            seen.abandoned = plays;
            return Promise.resolve();
          },
        };
        const open = () => Promise.resolve(sink);
        const recording = recordTo(folder.path, name, frames, { fragmented, open });
        if (room === Infinity) await recording;
        else await assert.rejects(recording, { code: "DHIP_FILE" }, `${name} with ${room} bytes`);
        return seen;
      };
      const { written } = await writes(Infinity);
      const plays = fragmented || extension === "mkv" || extension === "ts";
      // No room at all, for half of it, and for all but the last byte.
      for (const room of [0, written >> 1, written - 1]) {
        assert.equal((await writes(room)).abandoned, plays, `${name} with ${room} bytes`);
      }
    }
  },
);

peerTest("a source that fails leaves a whole recording and its error", ["ffmpeg"], async () => {
  await using folder = await temporaryFolder();
  const units = endless(await media.pictures("h264"), Infinity, 80);
  const source = async function* () {
    yield* units;
    throw new DhipError("DHIP_CONNECTION_LOST", "gone");
  };
  const { path, error, frames } = await recordTo(folder.path, "x.mp4", source());
  assert.deepEqual([error?.code, frames], ["DHIP_CONNECTION_LOST", 80]);
  assert.equal(await complaintsOf(path), "");
});

peerTest(
  "an abort ends the recording at once, though the source is silent",
  ["ffmpeg"],
  async () => {
    await using folder = await temporaryFolder();
    const units = endless(await media.pictures("h264"), Infinity, 80);
    const abort = new AbortController();
    const source = async function* () {
      yield* units;
      setTimeout(() => abort.abort(), 1);
      await new Promise(() => {});
    };
    const recording = record(source(), {
      container: "mp4",
      open: () => FileSink.open(join(folder.path, "x.mp4")),
      signal: abort.signal,
    });
    assert.equal((await recording).frames, 80);
    assert.equal(await complaintsOf(join(folder.path, "x.mp4")), "");
  },
);

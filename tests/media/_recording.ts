/** What the tests of the recorder share. */

import { join } from "node:path";
import { inspectAccessUnit } from "../../lib/media/annexb.ts";
import { DhavSource } from "../../lib/media/dhav_source.ts";
import type { MediaTrack, MediaUnit } from "../../lib/media/unit.ts";
import { type AudioMode, containerOf } from "../../lib/media/recorder/container.ts";
import { numbered } from "../../lib/media/recorder/file_names.ts";
import { record } from "../../lib/media/recorder/record.ts";
import type { RecorderOptions, RecordingResult } from "../../lib/media/recorder/recording.ts";
import { FileSink } from "../../lib/media/recorder/sink.ts";
import { temporaryFolder } from "../support/peers.ts";
import { makeAac, makeAlaw, makePictures } from "../support/test_media.ts";

/** Test pictures and sound, made once for all tests of a file. */
export const media = (() => {
  const made = new Map<string, Promise<unknown>>();
  const once = <T>(key: string, make: (folder: string) => Promise<T>): Promise<T> => {
    const found = made.get(key) as Promise<T> | undefined;
    if (found !== undefined) return found;
    const promise = (async () => {
      await using folder = await temporaryFolder();
      return await make(folder.path);
    })();
    made.set(key, promise);
    return promise;
  };
  return {
    pictures: (codec: "h264" | "h265", size = "320x240") =>
      once(`${codec} ${size}`, (folder) => makePictures(folder, { codec, size })),
    alaw: () => once("alaw", (folder) => makeAlaw(folder)),
    aac: () => once("aac", (folder) => makeAac(folder)),
  };
})();

/** The units of DHAV frames. */
async function* unitsOf(frames: readonly Uint8Array[]): AsyncGenerator<MediaUnit> {
  const chunks = (async function* () {
    yield* frames;
  })();
  yield* new DhavSource(chunks);
}

/** Records frames into a file. */
export async function recordTo(
  folder: string,
  name: string,
  frames: readonly Uint8Array[] | AsyncIterable<MediaUnit>,
  options: Partial<RecorderOptions> & { readonly audio?: AudioMode } = {},
): Promise<RecordingResult & { readonly path: string; readonly notices: readonly string[] }> {
  const path = join(folder, name);
  const notices: string[] = [];
  const units = Array.isArray(frames) ? unitsOf(frames) : frames as AsyncIterable<MediaUnit>;
  const result = await record(units, {
    container: containerOf(name)!,
    open: ({ number }) => FileSink.open(numbered(path, number)),
    onNotice: (text) => notices.push(text),
    ...options,
  });
  return { ...result, path, notices };
}

const PICTURES: MediaTrack = {
  index: 0,
  kind: "video",
  codec: "h264",
  clockRate: 90_000,
  channels: 0,
  parameterSets: [],
  config: undefined,
};

const SOUND: MediaTrack = { ...PICTURES, index: 1, kind: "audio", codec: "alaw", clockRate: 8000 };

/** The same pictures again and again at 25 a second, with silence; pauses every `pace` pictures. */
export async function* endless(
  units: readonly Uint8Array[],
  pace = Infinity,
  count = Infinity,
): AsyncGenerator<MediaUnit> {
  const track = PICTURES;
  const sound = { ...SOUND, channels: 1 };
  const silence = new Uint8Array(320).fill(0xd5);
  for (let frame = 0; frame < count; frame++) {
    const time = frame / 25;
    const data = units[frame % units.length]!;
    yield { track: sound, time, data: silence, key: true, damaged: false };
    yield { track, time, data, key: inspectAccessUnit("h264", data).key, damaged: false };
    if (frame % pace === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

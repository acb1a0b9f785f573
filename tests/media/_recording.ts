/** What the tests of the recorder share. */

import { join } from "node:path";
import { DhavSource } from "../../lib/media/dhav_source.ts";
import type { MediaUnit } from "../../lib/media/unit.ts";
import { type AudioMode, containerOf } from "../../lib/media/recorder/container.ts";
import { numbered } from "../../lib/media/recorder/file_names.ts";
import {
  record,
  type RecorderOptions,
  type RecordingResult,
} from "../../lib/media/recorder/recorder.ts";
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
export async function* unitsOf(frames: readonly Uint8Array[]): AsyncGenerator<MediaUnit> {
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

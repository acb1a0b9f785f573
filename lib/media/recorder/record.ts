/**
 * A source, from its first picture to its end.
 *
 * @module
 */

import { DhipError } from "../../errors.ts";
import type { MediaUnit } from "../unit.ts";
import { Recorder } from "./recorder.ts";
import type { RecorderOptions, RecordingResult } from "./recording.ts";

/**
 * Records a source to its end, until the signal is aborted, or until it fails: what came so far is a
 * whole recording.
 *
 * @throws {DhipError} see {@linkcode Recorder.push} and {@linkcode Recorder.finish}, and what the
 *   source throws before the first picture
 */
export async function record(
  units: AsyncIterable<MediaUnit>,
  options: RecorderOptions & {
    readonly signal?: AbortSignal | undefined;
    /** Gets the recorder, to follow its progress. */
    readonly onStart?: ((recorder: Recorder) => void) | undefined;
  },
): Promise<RecordingResult> {
  const recorder = new Recorder(options);
  options.onStart?.(recorder);
  const { signal } = options;
  const source = units[Symbol.asyncIterator]();
  // Not Promise.race: a promise that lives as long as the recording would keep every unit alive.
  let wake = () => {};
  const stop = () => wake();
  signal?.addEventListener("abort", stop, { once: true });
  let failure: DhipError | undefined;
  try {
    while (signal?.aborted !== true) {
      const next = await new Promise<IteratorResult<MediaUnit, void> | undefined>((take, fail) => {
        wake = () => take(undefined);
        source.next().then(take, fail);
      }).catch((error) => {
        if (!(error instanceof DhipError) || recorder.progress.frames === 0) throw error;
        failure = error;
        return undefined;
      });
      if (next === undefined || next.done) break;
      await recorder.push(next.value);
    }
    return await recorder.finish(failure);
  } catch (error) {
    await recorder.abandon();
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
    // A source that waits for bytes would make us wait for them too.
    void source.return?.().catch(() => {});
  }
}

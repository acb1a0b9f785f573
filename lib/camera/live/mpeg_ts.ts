/**
 * Live pictures and sound as the bytes of a container that can be played while they come.
 *
 * @module
 */

import { type AudioMode, Recorder, StreamSink } from "../../media/recorder/mod.ts";
import type { LiveStream } from "./live.ts";

/** How a stream becomes MPEG-TS. */
export interface MpegTsOptions {
  /** What becomes of sound. Default `auto`: AAC as it is, other sound as AAC. */
  readonly audio?: AudioMode | undefined;
  /** Gets things an operator should know, such as why there is no sound. */
  readonly onNotice?: ((text: string) => void) | undefined;
}

/**
 * A live stream as MPEG-TS: for a player's standard input, the body of an HTTP answer, or a file.
 * It begins with the first key picture. The stream belongs to it from now on: nothing is read from
 * the device while nobody reads here, and the end, an error and `cancel()` close it. What breaks the
 * stream reaches the reader behind everything that came before.
 *
 * ```ts
 * import { DahuaCamera, mpegTs } from "@dhip/dhip";
 * import { Simulator } from "@dhip/dhip/simulator";
 *
 * await using simulator = await Simulator.start({ password: "secret", rtspPort: 0 });
 * const { host, dhipPort, rtspPort } = simulator.devices[0]!;
 * await using camera = DahuaCamera.at(`${host}:${dhipPort}`, { password: "secret" });
 *
 * const bytes = mpegTs(await camera.live.open({ subtype: 1, rtspPort: rtspPort! }));
 * let length = 0;
 * for await (const chunk of bytes) if ((length += chunk.length) > 20_000) break; // and it is closed
 * ```
 *
 * Errors of its reader: those of the stream (`DHIP_CONNECTION_LOST`, `DHIP_TIMEOUT`);
 * `DHIP_INCOMPLETE` when it ended without a picture to begin with; `DHIP_NOT_SUPPORTED` for pictures
 * other than H.264 and H.265.
 */
export function mpegTs(
  stream: LiveStream,
  options: MpegTsOptions = {},
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunks = chunksOf(stream, options);
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await stream.close(); // ends a read that waits, which would hold the generator
      await chunks.return();
    },
  }, { highWaterMark: 0 });
}

async function* chunksOf(
  stream: LiveStream,
  { audio, onNotice }: MpegTsOptions,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  await using _closed = stream;
  const written: Uint8Array<ArrayBuffer>[] = [];
  const recorder = new Recorder({
    container: "ts",
    audio,
    onNotice,
    open: () =>
      Promise.resolve(
        new StreamSink("MPEG-TS", (bytes) => {
          written.push(new Uint8Array(bytes)); // its owner goes on to change them
          return Promise.resolve();
        }),
      ),
  });
  try {
    for await (const unit of stream) {
      await recorder.push(unit);
      yield* written.splice(0);
    }
    await recorder.finish();
    yield* written.splice(0);
  } catch (error) {
    await recorder.finish().catch(() => {}); // the stream's own error goes first
    yield* written.splice(0);
    throw error;
  } finally {
    await recorder.abandon(); // nothing is left to give up, unless the reader left
  }
}

/** Live streams over HTTP, taken out of the device's own container. */

import { DhavSource } from "../../media/dhav_source.ts";
import type { MediaTrack, MediaUnit } from "../../media/unit.ts";
import type { LiveStream } from "./live.ts";
import type { NativeLive, NativeLiveService } from "./native.ts";
import type { LiveChoice, LiveSource } from "./_source.ts";

/** `streamReader` and `RPC_Loadfile`, for devices whose RTSP port is closed. */
export class HttpSource implements LiveSource {
  readonly name = "http";
  readonly #native: NativeLiveService;

  /** Plays over the given service. */
  constructor(native: NativeLiveService) {
    this.#native = native;
  }

  /** See {@linkcode LiveSource.open}. */
  async open(choice: LiveChoice): Promise<Unpacked> {
    const { channel, subtype, signal, timeout, idleTimeout, audio } = choice;
    const native = await this.#native.open({ channel, subtype, signal, timeout, idleTimeout });
    return new Unpacked(native, audio !== false);
  }
}

/** A native stream as units. */
class Unpacked implements Omit<LiveStream, "source" | "passed"> {
  /** Over TCP nothing is lost. */
  readonly lostPackets = 0;
  readonly #native: NativeLive;
  readonly #audio: boolean;
  readonly #tracks: MediaTrack[] = [];
  #closing: Promise<void> | undefined;

  constructor(native: NativeLive, audio: boolean) {
    this.#native = native;
    this.#audio = audio;
  }

  /** Those that came so far: the container tells no others. */
  get tracks(): readonly MediaTrack[] {
    return this.#tracks;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<MediaUnit, void, void> {
    try {
      for await (const unit of new DhavSource(this.#native.bytes)) {
        if (unit.track.kind === "audio" && !this.#audio) continue;
        if (!this.#tracks.includes(unit.track)) this.#tracks.push(unit.track);
        yield unit;
      }
    } finally {
      await this.close();
    }
  }

  close(): Promise<void> {
    return this.#closing ??= this.#native[Symbol.asyncDispose]() as Promise<void>;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

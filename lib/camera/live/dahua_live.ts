/**
 * Live pictures and sound of a Dahua device.
 *
 * @module
 */

import { AuthError, DhipError } from "../../errors.ts";
import { wireChannel } from "../channel.ts";
import { HttpSource } from "./_http_source.ts";
import type { LiveOptions, LiveService, LiveStream } from "./live.ts";
import type { NativeLiveService } from "./native.ts";
import { RtspSource } from "./_rtsp_source.ts";
import type { RtspAccess } from "./rtsp_access.ts";
import type { LiveSource } from "./_source.ts";

/** Failures after which no other source is asked: it would fail alike, or do harm. */
const FINAL: ReadonlySet<string> = new Set(["DHIP_INTERRUPTED", "DHIP_CLOSED", "DHIP_DEVICE_BUSY"]);

/** {@linkcode LiveService} of a Dahua device. */
export class DahuaLive implements LiveService {
  readonly #sources: readonly LiveSource[];

  /** Plays over the given link. */
  constructor(link: RtspAccess, native: NativeLiveService) {
    this.#sources = [new RtspSource(link), new HttpSource(native)];
  }

  /** `rtsp`, and `http` (`streamReader`, which takes a session). */
  get sources(): readonly string[] {
    return this.#sources.map(({ name }) => name);
  }

  /** See {@linkcode LiveService.open}. */
  async open(options: LiveOptions = {}): Promise<LiveStream> {
    const { channel = 1, subtype = 0, via } = options;
    wireChannel(channel);
    if (!Number.isInteger(subtype) || subtype < 0 || subtype > 9) {
      throw new RangeError(`No sub-stream ${subtype}; 0 is the main stream`);
    }
    const sources = this.#sources.filter(({ name }) => via === undefined || name === via);
    if (sources.length === 0) {
      throw new RangeError(`No such source of live streams; there is ${this.sources.join(", ")}`);
    }
    const passed: { source: string; error: DhipError }[] = [];
    for (const source of sources) {
      try {
        const stream = await source.open({ ...options, channel, subtype });
        return Object.assign(stream, { source: source.name, passed });
      } catch (error) {
        if (!(error instanceof DhipError) || error instanceof AuthError || FINAL.has(error.code)) {
          throw error;
        }
        passed.push({ source: source.name, error });
      }
    }
    throw failureOf(passed);
  }
}

/** The failure of all sources: that of the first, with the words of the others. */
function failureOf(
  passed: readonly { readonly source: string; readonly error: DhipError }[],
): DhipError {
  const [first, ...others] = passed;
  const { error } = first!;
  if (others.length === 0) return error;
  const { code, host, retryable, hint, deviceCode } = error;
  const words = others.map(({ source, error }) => `over ${source}: ${error.message}`).join("; ");
  return new DhipError(code, `${error.message} (${words})`, {
    host,
    retryable,
    hint,
    deviceCode,
    cause: error,
  });
}

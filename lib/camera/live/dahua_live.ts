/**
 * Live pictures and sound of a Dahua device.
 *
 * @module
 */

import { AuthError, DhipError } from "../../errors.ts";
import { wireChannel } from "../channel.ts";
import type { LiveOptions, LiveService, LiveStream } from "./live.ts";
import { RtspSource } from "./_rtsp_source.ts";
import type { RtspAccess } from "./rtsp_access.ts";
import type { LiveSource } from "./_source.ts";

/** Failures after which no other source is asked: it would fail alike, or do harm. */
const FINAL: ReadonlySet<string> = new Set(["DHIP_INTERRUPTED", "DHIP_CLOSED", "DHIP_DEVICE_BUSY"]);

/** {@linkcode LiveService} of a Dahua device. */
export class DahuaLive implements LiveService {
  readonly #sources: readonly LiveSource[];

  /** Plays over the given link. */
  constructor(link: RtspAccess) {
    this.#sources = [new RtspSource(link)];
  }

  /** `rtsp`. */
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
    throw passed[0]!.error;
  }
}

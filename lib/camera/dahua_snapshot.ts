/**
 * Still pictures of a Dahua device.
 *
 * @module
 */

import { AuthError, DhipError } from "../errors.ts";
import { withDeadline } from "../net/deadline.ts";
import { CgiPictures, type WebApi } from "./_cgi_pictures.ts";
import type { PictureSource } from "./_picture.ts";
import { RpcPictures, type SessionSource } from "./_rpc_pictures.ts";
import { type KeyFrameLink, RtspPictures } from "./_rtsp_pictures.ts";
import { wireChannel } from "./channel.ts";
import type { Snapshot, SnapshotOptions, SnapshotService } from "./snapshot.ts";

/** What pictures are asked over. */
export interface SnapshotLink extends WebApi, SessionSource, KeyFrameLink {
  /** `host:port`, for errors. */
  readonly host: string;
}

/** Longest time for one source to deliver, in milliseconds. */
const TIMEOUT = 30_000;

/** Failures after which no other source is asked: it would fail alike, or do harm. */
const FINAL: ReadonlySet<string> = new Set([
  "DHIP_INTERRUPTED",
  "DHIP_CLOSED",
  "DHIP_DEVICE_BUSY", // another request would not help a busy device
  "DHIP_TLS_UNTRUSTED",
  "DHIP_NO_PASSWORD",
]);
/** Failures that say no more than that a device lacks a source. */
const LACKING: ReadonlySet<string> = new Set(["DHIP_NOT_SUPPORTED", "DHIP_METHOD_NOT_FOUND"]);

/** {@linkcode SnapshotService} of a Dahua device. */
export class DahuaSnapshot implements SnapshotService {
  readonly #link: SnapshotLink;
  readonly #sources: readonly PictureSource[];

  /** Asks over the given link. */
  constructor(link: SnapshotLink) {
    this.#link = link;
    this.#sources = [
      new CgiPictures(link),
      new RpcPictures(link),
      new RtspPictures(link),
    ];
  }

  /** `cgi` (web API, without a session), `rpc` (`snapManager`) and `rtsp` (key frame, decoded). */
  get sources(): readonly string[] {
    return this.#sources.map(({ name }) => name);
  }

  /** See {@linkcode SnapshotService.take}. */
  async take(channel = 1, options: SnapshotOptions = {}): Promise<Snapshot> {
    wireChannel(channel);
    const { via } = options;
    const sources = this.#sources.filter(({ name }) => via === undefined || name === via);
    if (sources.length === 0) {
      throw new RangeError(`No such source of pictures; there is ${this.sources.join(", ")}`);
    }
    const passed: { source: string; error: DhipError }[] = [];
    for (const source of sources) {
      try {
        const picture = await this.#from(source, channel, options);
        return { ...picture, channel, source: source.name, passed };
      } catch (error) {
        if (!(error instanceof DhipError) || isFinal(error)) throw error;
        passed.push({ source: source.name, error });
      }
    }
    throw this.#failure(passed);
  }

  async #from(source: PictureSource, channel: number, options: SnapshotOptions) {
    const { signal, timeout = TIMEOUT } = options;
    return await withDeadline(
      (limit) => source.fetch(channel, { ...options, signal: limit }),
      {
        what: `a picture of channel ${channel} (${source.name})`,
        host: this.#link.host,
        signal,
        timeout,
        clock: this.#link.clock,
      },
    );
  }

  /** The failure of all sources: the one that tells most, with the words of all. */
  #failure(passed: readonly { readonly source: string; readonly error: DhipError }[]): DhipError {
    const telling = passed.find(({ error }) => !LACKING.has(error.code)) ?? passed[0]!;
    if (passed.length === 1) return telling.error;
    const { code, retryable, hint, deviceCode, host } = telling.error;
    const words = passed.map(({ source, error }) => `${source}: ${error.message}`).join("; ");
    return new DhipError(code, `No source gave a picture: ${words}`, {
      host: host ?? this.#link.host,
      retryable,
      hint,
      deviceCode,
      cause: telling.error,
    });
  }
}

function isFinal(error: DhipError): boolean {
  return error instanceof AuthError || FINAL.has(error.code);
}

/**
 * Pictures from `/cgi-bin/snapshot.cgi`. No session is taken.
 *
 * @module
 */

import { type CgiClient, type CgiQuery, refusalIn } from "../dhip/cgi_client.ts";
import { AuthError, DhipError } from "../errors.ts";
import { inspectJpeg } from "../media/jpeg.ts";
import type { CallOptions } from "../net/stream.ts";
import { type Picture, pictureOf, type PictureSource } from "./_picture.ts";
import { wireChannel } from "./channel.ts";
import type { ChannelBase, SnapshotOptions } from "./snapshot.ts";

const SCRIPT = "snapshot";
/** Ways to count channels, the usual one first (NVR observed by rroller/dahua and DahuaBridge). */
const BASES: readonly ChannelBase[] = [1, 0, "none"];

/** The web API of a device. */
export interface WebApi {
  /** Opened when it is first asked for. */
  readonly cgi: Pick<CgiClient, "get" | "text" | "host">;
}

/** Asks the web API. How the device counts its channels is found out once. */
export class CgiPictures implements PictureSource {
  /** See {@linkcode PictureSource.name}. */
  readonly name = "cgi";
  readonly #link: WebApi;
  #base: ChannelBase | undefined;
  #probe: Promise<unknown> = Promise.resolve();

  /** Asks over the given link. */
  constructor(link: WebApi) {
    this.#link = link;
  }

  /** See {@linkcode PictureSource.fetch}. */
  async fetch(channel: number, options: SnapshotOptions): Promise<Picture> {
    try {
      return await this.#fetch(channel, options);
    } catch (error) {
      if (!isNoSuchChannel(error) || error.deviceCode !== 400) throw error;
      const { code, message, host, method, deviceCode } = error;
      const hint = `The device may have no channel ${channel}.`;
      throw new DhipError(code, message, { host, method, deviceCode, hint, cause: error });
    }
  }

  async #fetch(channel: number, options: SnapshotOptions): Promise<Picture> {
    const known = () => options.channelBase ?? this.#base;
    if (known() === undefined) {
      // One after another: what the first one finds out is for all.
      const turn = this.#probe.then(() =>
        known() === undefined ? this.#findOut(channel, options) : undefined
      );
      this.#probe = turn.catch(() => {});
      const picture = await turn;
      if (picture !== undefined) return picture;
    }
    return await this.#ask(channel, known()!, options);
  }

  async #findOut(channel: number, options: SnapshotOptions): Promise<Picture> {
    let first: unknown;
    for (const base of BASES) {
      if (base === "none" && channel !== 1) continue; // one door station, one picture
      try {
        const picture = await this.#ask(channel, base, options);
        this.#base = base;
        return picture;
      } catch (error) {
        if (!isNoSuchChannel(error)) throw error;
        first ??= error;
        // Counted from 0, the number before is another channel's: only for one that exists.
        if (channel !== 1 && !(await this.#exists(channel, options))) break;
      }
    }
    throw first;
  }

  async #ask(channel: number, base: ChannelBase, options: CallOptions): Promise<Picture> {
    const wire = wireChannel(channel);
    const query: CgiQuery = base === "none" ? [] : [["channel", wire + base]];
    const { cgi } = this.#link;
    const { signal } = options;
    await using response = await cgi.get(SCRIPT, query, { signal });
    const bytes = await response.bytes();
    if (inspectJpeg(bytes).kind === "garbage") {
      const start = new TextDecoder().decode(bytes.subarray(0, 1000));
      const refusal = refusalIn(response.status, start, SCRIPT);
      if (refusal !== undefined) {
        const { code, message, hint } = refusal;
        throw new DhipError(code, message, { host: cgi.host, method: "cgi", hint });
      }
    }
    return pictureOf(bytes, cgi.host, "cgi");
  }

  /** Whether the device has so many channels; false as well when it does not tell. */
  async #exists(channel: number, { signal }: CallOptions): Promise<boolean> {
    const query = [["action", "getConfig"], ["name", "ChannelTitle"]] as const;
    try {
      const text = await this.#link.cgi.text("configManager", query, { signal });
      const indexes = text.matchAll(/^(?:table\.)?ChannelTitle\[(\d{1,4})\]/gm);
      return [...indexes].some(([, index]) => Number(index) + 1 >= channel);
    } catch (error) {
      if (error instanceof DhipError && !(error instanceof AuthError)) return false;
      throw error;
    }
  }
}

/** A device without the script answers 404 as well: two more questions, once. */
function isNoSuchChannel(error: unknown): error is DhipError {
  return error instanceof DhipError && error.method === "cgi" &&
    (error.deviceCode === 400 || error.deviceCode === 404);
}

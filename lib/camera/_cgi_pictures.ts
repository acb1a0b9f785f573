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
/** Ways to count channels besides from 1 (observed by rroller/dahua). */
const RARE_BASES: readonly ChannelBase[] = [0, "none"];
/** Longest wait for the number of channels, in milliseconds: the picture is there already. */
const COUNT_TIMEOUT = 3_000;

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

  /** Finds out how the device counts, and brings the picture when it comes on the way. */
  async #findOut(channel: number, options: SnapshotOptions): Promise<Picture | undefined> {
    const usual = await this.#attempt(channel, 1, options);
    const count = await this.#count(options);
    const isFrom0 = count > 1 && await this.#isFrom0(count, options);
    if (isFrom0) {
      this.#base = 0;
      return undefined; // what came, if anything, is the picture of the channel beside
    }
    if (count > 1 || !(usual instanceof DhipError)) this.#base = 1;
    if (!(usual instanceof DhipError)) return usual;
    // With a single picture it does not matter which number stands for it.
    for (const base of count <= 1 && channel === 1 ? RARE_BASES : []) {
      const other = await this.#attempt(channel, base, options);
      if (other instanceof DhipError) continue;
      this.#base = base;
      return other;
    }
    throw usual;
  }

  /** The picture, or the refusal of its number. */
  async #attempt(channel: number, base: ChannelBase, options: SnapshotOptions) {
    try {
      return await this.#ask(channel, base, options);
    } catch (error) {
      if (isNoSuchChannel(error)) return error;
      throw error;
    }
  }

  /**
   * Where there are several channels, an answer to one number tells nothing: it may be the picture
   * of the channel beside. Number 0 tells it (as rroller/dahua asks), unless the last number from 1
   * exists as well: then 0 is only another word for the first.
   */
  async #isFrom0(count: number, options: SnapshotOptions): Promise<boolean> {
    const has = async (wire: number) => {
      try {
        await this.#ask(wire + 1, 0, options);
        return true;
      } catch (error) {
        if (options.signal?.aborted || isAboutAll(error)) throw error;
        return false;
      }
    };
    return await has(0) && !(await has(count));
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

  /** Number of channels; 0 when the device does not tell. */
  async #count({ signal }: CallOptions): Promise<number> {
    const query = [["action", "getConfig"], ["name", "ChannelTitle"]] as const;
    try {
      const text = await this.#link.cgi.text("configManager", query, {
        signal,
        timeout: COUNT_TIMEOUT,
      });
      const indexes = text.matchAll(/^(?:table\.)?ChannelTitle\[(\d{1,4})\]/gm);
      return Math.max(0, ...[...indexes].map(([, index]) => Number(index) + 1));
    } catch (error) {
      if (signal?.aborted || isAboutAll(error)) throw error;
      return 0;
    }
  }
}

/** What this one question cannot have caused. */
const ABOUT_ALL: ReadonlySet<string> = new Set([
  "DHIP_CLOSED",
  "DHIP_CONNECTION_LOST",
  "DHIP_DEVICE_BUSY",
  "DHIP_INTERRUPTED",
  "DHIP_TUNNEL_LOST",
  "DHIP_UNREACHABLE",
  "DHIP_BIND_REFUSED",
]);

function isAboutAll(error: unknown): boolean {
  return !(error instanceof DhipError) || error instanceof AuthError || ABOUT_ALL.has(error.code);
}

/** A device without the script answers 404 as well: two more questions, once. */
function isNoSuchChannel(error: unknown): error is DhipError {
  return error instanceof DhipError && error.method === "cgi" &&
    (error.deviceCode === 400 || error.deviceCode === 404);
}

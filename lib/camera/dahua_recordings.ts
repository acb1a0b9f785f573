/**
 * Recordings of a Dahua device: `mediaFileFind`.
 *
 * @module
 */

import type { JsonObject } from "../dhip/frame.ts";
import type { ServiceObject } from "../dhip/instances.ts";
import { DhipError } from "../errors.ts";
import type { CallOptions } from "../net/stream.ts";
import { amount, list, object } from "./_fields.ts";
import { conditionOf, recordingOf } from "./_recording_info.ts";
import { acquire, RELEASE_TIMEOUT } from "./_release.ts";
import type { DahuaLink } from "./link.ts";
import type {
  Recording,
  RecordingFilter,
  RecordingSearchOptions,
  RecordingsService,
} from "./recordings.ts";

/** A file in the device's own words, and the channel (from 1) that was asked for. */
interface Found {
  readonly info: JsonObject;
  readonly channel: number;
}

/** "No data" (dahua-rpc): always means that there is nothing. */
const NO_DATA = 285409284;
/** "Declined without a reason": many devices say it when nothing matches. */
const DECLINED = 268959743;
/** What `mediaFileFind` answers without a storage card (SD-2N-4G). */
const NO_STORAGE = 500;
/** Time that a device may take to look through its disks, in milliseconds. */
const SEARCH_TIMEOUT = 60_000;

/** {@linkcode RecordingsService} of a Dahua device. */
export class DahuaRecordings implements RecordingsService {
  readonly #link: DahuaLink;

  /** Searches over the given link. */
  constructor(link: DahuaLink) {
    this.#link = link;
  }

  /** See {@linkcode RecordingsService.find}. */
  async *find(
    filter: RecordingFilter,
    options: RecordingSearchOptions = {},
  ): AsyncGenerator<Recording, void, void> {
    for await (const { info, channel } of this.#search(filter, options)) {
      yield recordingOf(info, channel);
    }
  }

  /** The same in the device's own words, with its channel numbers (from 0). */
  async *infos(
    filter: RecordingFilter,
    options: RecordingSearchOptions = {},
  ): AsyncGenerator<JsonObject, void, void> {
    for await (const { info } of this.#search(filter, options)) yield info;
  }

  async *#search(
    filter: RecordingFilter,
    options: RecordingSearchOptions,
  ): AsyncGenerator<Found, void, void> {
    const { channels = [1], ...shared } = filter;
    const { offset = 0, limit = Infinity, pageSize = 100 } = options;
    requireRange("offset", offset, 0);
    requireRange("pageSize", pageSize, 1);
    if (limit !== Infinity) requireRange("limit", limit, 1);
    const conditions = channels.map((channel) => ({
      channel,
      condition: conditionOf(channel, shared),
    }));
    const left = { skip: offset, take: limit };
    for (const { channel, condition } of conditions) {
      for await (const info of this.#searchChannel(channel, condition, left, options)) {
        yield { info, channel };
        if (--left.take === 0) return;
      }
    }
  }

  /** One channel. What it leaves out is taken off `left.skip`. */
  async *#searchChannel(
    channel: number,
    condition: JsonObject,
    left: { skip: number },
    options: RecordingSearchOptions,
  ): AsyncGenerator<JsonObject, void, void> {
    const { signal, timeout, pageSize = 100, onCount } = options;
    const limits = { signal, timeout };
    const finder = await this.#finder(limits);
    try {
      const patient = { signal, timeout: timeout ?? SEARCH_TIMEOUT };
      const started = await this.#ask(finder, "findFile", { condition }, patient, true);
      if (started === undefined) return;
      const count = await this.#count(finder, patient);
      if (count !== null) onCount?.(count, channel);
      if (count !== null && count <= left.skip) {
        left.skip -= count;
        return;
      }
      const past = left.skip > 0 && await skipped(finder, left.skip, limits) ? left.skip : 0;
      left.skip -= past;
      const seen = new Set<string>();
      for (;;) {
        // Declining is a way to say "nothing", but not in the middle of what is known to be there.
        const mayDecline = seen.size === 0 || (count !== null && past + seen.size >= count);
        const params = { count: pageSize };
        const page = await this.#ask(finder, "findNextFile", params, limits, mayDecline);
        // Devices cap the page: a short one does not mean that there is no more.
        if (page === undefined || page.found === 0) return;
        const fresh = list(page.infos ?? page.items).map(object).filter((info) => {
          const size = seen.size;
          return seen.add(JSON.stringify(info)).size > size;
        });
        if (fresh.length === 0) return; // the end, or a device that begins again
        for (const info of fresh) {
          if (left.skip > 0) left.skip--;
          else yield info;
        }
      }
    } finally {
      await release(finder);
    }
  }

  async #finder(limits: CallOptions): Promise<ServiceObject> {
    const { host, clock } = this.#link;
    const { timeout } = limits;
    try {
      const making = this.#link.create("mediaFileFind", null, { timeout });
      return await acquire(making, release, { ...limits, what: "search recordings", host, clock });
    } catch (error) {
      throw this.#explained(error);
    }
  }

  /** Undefined when the answer means that there is nothing. */
  async #ask(
    finder: ServiceObject,
    method: string,
    params: JsonObject,
    limits: CallOptions,
    mayDecline: boolean,
  ): Promise<JsonObject | undefined> {
    try {
      const payload = await finder.call(method, params, limits);
      return payload === false ? undefined : object(payload);
    } catch (error) {
      if (error instanceof DhipError && saysNothing(error, mayDecline)) return undefined;
      throw this.#explained(error);
    }
  }

  /** Not every device counts. */
  async #count(finder: ServiceObject, limits: CallOptions): Promise<number | null> {
    try {
      const payload = object(await finder.call("getCount", null, limits));
      return amount(payload.count ?? payload.found);
    } catch (error) {
      if (isRefusal(error)) return null;
      throw error;
    }
  }

  #explained(error: unknown): unknown {
    if (!(error instanceof DhipError) || error.deviceCode !== NO_STORAGE) return error;
    return new DhipError("DHIP_NO_STORAGE", "The device has no storage that it could search", {
      host: this.#link.host,
      method: error.method,
      deviceCode: error.deviceCode,
      hint: "Look at its disks and cards: dhip storage TARGET",
      cause: error,
    });
  }
}

/** Asks the device to begin later; false when it cannot. */
async function skipped(
  finder: ServiceObject,
  offset: number,
  limits: CallOptions,
): Promise<boolean> {
  try {
    const params = { options: { offset } };
    return await finder.call("setQueryResultOptions", params, limits) !== false;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

/** Gives the finder back, also when its search was interrupted. Never fails, never waits for long. */
async function release(finder: ServiceObject): Promise<void> {
  const timeout = RELEASE_TIMEOUT;
  await finder.call("close", null, { timeout }).catch(() => {});
  await finder.destroy({ timeout });
}

/** The device understood the question and does not want to answer it. */
function isRefusal(error: unknown): boolean {
  return error instanceof DhipError && error.deviceCode !== undefined &&
    error.code !== "DHIP_SESSION_LOST";
}

function saysNothing({ deviceCode, code }: DhipError, mayDecline: boolean): boolean {
  if (deviceCode === NO_DATA) return true;
  const declined = deviceCode === undefined || deviceCode === DECLINED;
  return mayDecline && declined && code === "DHIP_DEVICE_REFUSED";
}

function requireRange(name: string, value: number, min: number): void {
  if (!Number.isSafeInteger(value) || value < min) {
    throw new RangeError(`${name} must be a whole number of at least ${min}`);
  }
}

/**
 * The log of a Dahua device: `log.startFind`, as the web interface uses it (dahua-rpc, DahuaBridge).
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import type { CallOptions } from "../net/stream.ts";
import { amount, list, object, text } from "./_fields.ts";
import { acquire, RELEASE_TIMEOUT } from "./_release.ts";
import { readDeviceTime, writeDeviceTime } from "./device_time.ts";
import type { DahuaLink } from "./link.ts";
import type { LogEntry, LogFilter, LogSearchOptions, LogsService } from "./logs.ts";

/** A search on the device: a number, or whatever else a firmware uses. */
type Token = unknown;

/** "No data" (dahua-rpc). */
const NO_DATA = 285409284;
/** Time that a device may take to look through its log, in milliseconds. */
const SEARCH_TIMEOUT = 60_000;

/** {@linkcode LogsService} of a Dahua device. */
export class DahuaLogs implements LogsService {
  readonly #link: DahuaLink;

  /** Searches over the given link. */
  constructor(link: DahuaLink) {
    this.#link = link;
  }

  /** See {@linkcode LogsService.find}. */
  async *find(
    filter: LogFilter,
    options: LogSearchOptions = {},
  ): AsyncGenerator<LogEntry, void, void> {
    const { signal, timeout, limit = Infinity, pageSize = 100, onCount } = options;
    if (!(Number.isSafeInteger(pageSize) && pageSize > 0)) throw new RangeError("Bad pageSize");
    if (!(limit > 0)) throw new RangeError("limit must be at least 1");
    const limits = { signal, timeout };
    const token = await this.#start(filter, { signal, timeout: timeout ?? SEARCH_TIMEOUT });
    if (token === undefined) return;
    try {
      const count = await this.#count(token, limits);
      if (count !== null) onCount?.(count);
      let before: string | undefined;
      for (let offset = 0; offset < Math.min(count ?? Infinity, limit);) {
        const page = await this.#page(token, offset, Math.min(pageSize, limit - offset), limits);
        const same = JSON.stringify(page);
        if (page.length === 0 || same === before) return; // the end, or a deaf device
        before = same;
        for (const item of page.slice(0, limit - offset)) yield logEntry(item);
        offset += page.length;
      }
    } finally {
      await this.#stop(token);
    }
  }

  async #start(filter: LogFilter, limits: CallOptions): Promise<Token | undefined> {
    const { from, to, types = [], order = "oldest" } = filter;
    const condition = {
      StartTime: writeDeviceTime(from),
      EndTime: writeDeviceTime(to),
      Types: types.length === 0 ? null : [...types],
      Translate: false, // translated types are for people and differ by language
      Order: order === "oldest" ? "Ascent" : "Descent",
    };
    const { host, clock } = this.#link;
    const { signal, timeout } = limits;
    const starting = this.#link.call("log.startFind", { condition }, { timeout }).then(tokenOf);
    try {
      const token = await acquire(starting, (late) => this.#stop(late), {
        signal,
        timeout,
        what: "search the log",
        host,
        clock,
      });
      if (token !== null) return token;
    } catch (error) {
      if (error instanceof DhipError && error.deviceCode === NO_DATA) return undefined;
      throw error;
    }
    throw new DhipError("DHIP_BAD_REPLY", "log.startFind returned no token", {
      host,
      method: "log.startFind",
    });
  }

  /** Not every device counts. */
  async #count(token: Token, limits: CallOptions): Promise<number | null> {
    try {
      return amount(object(await this.#link.call("log.getCount", { token }, limits)).count);
    } catch (error) {
      if (error instanceof DhipError && error.deviceCode !== undefined) return null;
      throw error;
    }
  }

  async #page(
    token: Token,
    offset: number,
    count: number,
    limits: CallOptions,
  ): Promise<readonly unknown[]> {
    try {
      const params = { token, offset, count };
      return list(object(await this.#link.call("log.doSeekFind", params, limits)).items);
    } catch (error) {
      if (error instanceof DhipError && error.deviceCode === NO_DATA) return [];
      throw error;
    }
  }

  /** Gives the search back, also when it was interrupted. Never fails, never waits for long. */
  async #stop(token: Token): Promise<void> {
    if (token === undefined || token === null) return;
    const timeout = RELEASE_TIMEOUT;
    await this.#link.call("log.stopFind", { token }, { timeout }).catch(() => {});
  }
}

/** Undefined when the device says that there is nothing, null when its answer has no token. */
function tokenOf(payload: unknown): Token | null | undefined {
  if (payload === false) return undefined;
  const { token } = object(payload);
  return typeof token === "number" || typeof token === "string" ? token : null;
}

/** An entry, read tolerantly: its fields differ by type and by firmware. */
function logEntry(item: unknown): LogEntry {
  const fields = object(item);
  const type = text(fields.Type);
  const channel = amount(fields.Channel ?? list(fields.Channels)[0]);
  const detail = fields.Detail ?? fields.Data ?? fields.Context;
  const more = object(detail);
  return {
    time: readDeviceTime(fields.Time),
    type,
    code: text(fields.Code) ?? text(list(fields.Codes)[0]) ?? eventOf(type)[0] ?? null,
    action: eventOf(type)[1] ?? actionOf(more.Action),
    channel: channel === null ? null : Math.max(1, channel),
    user: text(fields.User),
    address: text(fields.Address) ?? text(fields.IP) ?? text(more.Address) ?? text(more.IP),
    detail: detailOf(detail),
    fields: item,
  };
}

/** Code and action of `Event.VideoMotion.Start`. */
function eventOf(type: string | null): [code?: string, action?: LogEntry["action"]] {
  const match = /^Event\.([^.]+)(?:\.(Start|Stop|Pulse))?$/i.exec(type ?? "");
  if (match === null) return [];
  const [, code, word] = match;
  return [code!, actionOf(word)];
}

function actionOf(word: unknown): LogEntry["action"] {
  const wanted = text(word)?.toLowerCase();
  return (["Start", "Stop", "Pulse"] as const).find((one) => one.toLowerCase() === wanted) ?? null;
}

function detailOf(value: unknown): string | null {
  if (typeof value === "object" && value !== null) return JSON.stringify(value);
  return text(value) ?? (typeof value === "number" ? String(value) : null);
}

/**
 * Events of a Dahua device.
 *
 * @module
 */

import type { CallOptions } from "../net/stream.ts";
import { list, object, text } from "./_fields.ts";
import type { ClockService } from "./clock.ts";
import type { EventsService, EventStream, WatchOptions } from "./events.ts";
import { DahuaAttach } from "./events/dahua_attach.ts";
import { EventFilter } from "./events/filter.ts";
import { eventLog, type LogOfEvents } from "./events/log_events.ts";
import { DeviceEventStream } from "./events/stream.ts";
import type { DahuaLink } from "./link.ts";

/** What events take from other services of the same device. */
export interface EventSources {
  /** Tells the zone of the device's clock. */
  readonly clock?: Pick<ClockService, "read"> | undefined;
  /** Fills gaps; needs the clock too. */
  readonly logs?: LogOfEvents | undefined;
}

/** {@linkcode EventsService} of a Dahua device. */
export class DahuaEvents implements EventsService {
  readonly #link: DahuaLink;
  readonly #sources: EventSources;

  /** Listens over the given link. */
  constructor(link: DahuaLink, sources: EventSources = {}) {
    this.#link = link;
    this.#sources = sources;
  }

  /** See {@linkcode EventsService.watch}. */
  watch(options: WatchOptions = {}): EventStream {
    const { via = "auto", heartbeat = 5_000 } = options;
    if (!(heartbeat >= 1_000 && heartbeat <= 60_000)) {
      throw new RangeError("The time between heartbeats is 1 to 60 seconds");
    }
    const filter = new EventFilter(options);
    const attach = new DahuaAttach(this.#link, {
      via,
      codes: filter.codes,
      heartbeat: Math.round(heartbeat / 1000),
    });
    const { clock, logs } = this.#sources;
    return new DeviceEventStream(options, {
      attach: (call) => attach.attach(call),
      clock: this.#link.clock,
      wall: () => Date.now(),
      facts: async (call) => {
        const [titles, zone] = await Promise.all([
          this.#titles(call).catch((error) => {
            if (filter.titles.length > 0) throw error; // without them nothing would ever fit
            return [];
          }),
          this.#zone(call).catch(() => null),
        ]);
        return { titles, zone };
      },
      log: logs && clock && eventLog(logs, clock),
    });
  }

  /** Offset of the device's clock from UTC in seconds. Nobody logs in for it. */
  async #zone(options: CallOptions): Promise<number | null> {
    const { clock } = this.#sources;
    if (clock === undefined || this.#link.current === undefined) return null;
    const { zone, zoneFrom } = (await clock.read(options)).drift;
    const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(zone) ?? [];
    if (zoneFrom !== "device" || sign === undefined) return null;
    return (Number(hours) * 3600 + Number(minutes) * 60) * (sign === "-" ? -1 : 1) + 0;
  }

  /** Titles of the channels, over whatever is open already. */
  async #titles(options: CallOptions): Promise<(string | null)[]> {
    if (this.#link.current === undefined) {
      const query = [["action", "getConfig"], ["name", "ChannelTitle"]] as const;
      return titlesOf(await this.#link.cgi.text("configManager", query, options));
    }
    const name = "ChannelTitle";
    const payload = await this.#link.call("configManager.getConfig", { name }, options);
    return list(object(payload).table).map((entry) => text(object(entry).Name));
  }
}

/** The titles in lines like `table.ChannelTitle[0].Name=Door`. */
function titlesOf(lines: string): (string | null)[] {
  const titles: (string | null)[] = [];
  for (const [, index, name] of lines.matchAll(/^table\.ChannelTitle\[(\d{1,4})\]\.Name=(.*)$/gm)) {
    titles[Number(index)] = text(name!.trim());
  }
  return Array.from(titles, (title) => title ?? null);
}

/**
 * `RecordFinder`: who opened the door of a door station. Names are general knowledge of the HTTP API
 * (unverified).
 *
 * @module
 */

import { ok, refuse } from "../answer.ts";
import { timeOf } from "../device_clock.ts";
import { type DoorRecord, doorRecords } from "../doors.ts";
import type { ServiceObject } from "../objects.ts";
import type { Service } from "../service.ts";

interface Search {
  readonly found: readonly DoorRecord[];
  next: number;
}

const searches = new WeakMap<ServiceObject, Search>();

/** The service. */
export const recordFinderService: Service = {
  name: "RecordFinder",
  factory: "create",
  needsObject: true,
  without: ({ deviceClass }) =>
    deviceClass === "VTO" ? [] : ["startFind", "getQuerySize", "doFind", "stopFind"],
  methods: {
    startFind: ({ state, fields, instance }) => {
      const { CreateTime } = Object(fields.condition) as { CreateTime?: unknown };
      const limits = Array.isArray(CreateTime) ? CreateTime.slice(-2).map(timeOf) : [0, Infinity];
      const [from, to] = limits;
      if (from === undefined || to === undefined) return refuse("params");
      const found = doorRecords(state).filter(({ CreateTime: time }) => {
        const local = state.calendar.localOf(time * 1000);
        return local >= from && local <= to;
      });
      searches.set(instance!, { found, next: 0 });
      return ok();
    },
    getQuerySize: ({ instance }) => {
      const search = searches.get(instance!);
      return search === undefined ? refuse("unknown") : ok({ count: search.found.length });
    },
    doFind: ({ fields, instance }) => {
      const { count } = fields;
      const search = searches.get(instance!);
      if (search === undefined) return refuse("unknown");
      if (typeof count !== "number" || !(count >= 1)) return refuse("params");
      const records = search.found.slice(search.next, search.next += Math.min(count, 1024));
      return ok({ found: records.length, records });
    },
    stopFind: ({ instance }) => {
      searches.delete(instance!);
      return ok();
    },
  },
};

/**
 * `mediaFileFind`: objects that search the recordings.
 *
 * @module
 */

import { type Answer, ok, refuse } from "../answer.ts";
import { close, countOf, describe, full, nextPage, search, seek } from "../recordings/search.ts";
import type { ServiceObject } from "../objects.ts";
import type { Call, Handler, Service } from "../service.ts";

/** The service. */
export const mediaFileFindService: Service = {
  name: "mediaFileFind",
  factory: "create",
  needsObject: true,
  obstacle: (state, method) =>
    !state.options.sdCard
      ? "noStorage"
      : method === "factory.create" && full(state)
      ? "unknown"
      : undefined,
  methods: {
    findFile: on(({ state, fields }, object) => {
      const found = search(state, object, fields.condition);
      if (found === "params") return refuse("params");
      if (found > 0 || state.options.quirks.findNothing === "found") return ok();
      return state.options.quirks.findNothing === "false" ? { result: false } : refuse("unknown");
    }),

    getCount: on((_call, object) => {
      const count = countOf(object);
      return count === undefined ? refuse("unknown") : ok({ count });
    }),

    setQueryResultOptions: on(({ fields }, object) => {
      const { offset } = Object(fields.options) as { offset?: unknown };
      if (typeof offset !== "number" || !Number.isInteger(offset) || offset < 0) {
        return refuse("params");
      }
      return seek(object, offset) ? ok() : refuse("unknown");
    }),

    findNextFile: on(({ state, fields }, object) => {
      const { count } = fields;
      if (typeof count !== "number" || !Number.isInteger(count) || count < 1) {
        return refuse("params");
      }
      const page = nextPage(state, object, count);
      if (page === undefined) return refuse("unknown");
      const infos = page.map((recording) => describe(recording));
      return ok({ found: page.length, infos: infos.length === 0 ? null : infos });
    }),

    close: on((_call, object) => {
      close(object);
      return ok();
    }),
  },
};

function on(handler: (call: Call, object: ServiceObject) => Answer): Handler {
  return (call) => call.instance === undefined ? refuse("object") : handler(call, call.instance);
}

/**
 * `eventManager`: attach, detach, what is under way. Works with and without an object.
 *
 * @module
 */

import { ok, refuse } from "../answer.ts";
import type { Service } from "../service.ts";

/** The service. */
export const eventManagerService: Service = {
  name: "eventManager",
  factory: "instance",
  methods: {
    attach: ({ state, fields, session, target, id, nested }) => {
      const { codes, proc } = fields;
      if (!Array.isArray(codes) || codes.length === 0 || codes.length > 256) {
        return refuse("params");
      }
      if (!codes.every((code) => typeof code === "string")) return refuse("params");
      if (nested) return refuse("unknown"); // pushes would carry an id nobody waits for
      const subscription = state.events.attach({
        requestId: id,
        session,
        target,
        codes: new Set(codes),
        proc: typeof proc === "number" ? proc : undefined,
      });
      return subscription === undefined ? refuse("unknown") : ok({ SID: subscription.sid });
    },

    detach: ({ state, fields, session }) => {
      const { SID, proc } = fields;
      const sid = typeof SID === "number" ? SID : undefined;
      const callback = typeof proc === "number" ? proc : undefined;
      if (sid === undefined && callback === undefined) return refuse("params");
      return state.events.detach(session, sid, callback) ? ok() : refuse("unknown");
    },

    getEventIndexes: ({ state, fields }) =>
      typeof fields.code === "string"
        ? ok({ indexes: state.events.underWay(fields.code) })
        : refuse("params"),
  },
};

/**
 * `eventManager`: attach, detach, what is under way. Works with and without an object.
 *
 * @module
 */

import { ok, refuse } from "../answer.ts";
import { codesOf, hasCode } from "../events.ts";
import type { Service } from "../service.ts";

/** The service. */
export const eventManagerService: Service = {
  name: "eventManager",
  factory: "instance",
  methods: {
    attach: ({ state, fields, session, target, id, nested }) => {
      const codes = codesOf(fields.codes);
      if (codes === undefined) return refuse("params");
      if (nested) return refuse("unknown"); // pushes would carry an id nobody waits for
      const proc = typeof fields.proc === "number" ? fields.proc : undefined;
      const subscription = state.events.attach({
        interest: "events",
        session,
        owner: target,
        proc,
        wants: ({ code }) => hasCode(codes, code),
        tell: (sid, { code, action, index, data }) => {
          const event = { Action: action, Code: code, Data: data, Index: index };
          return target.push(id, session.key, {
            ...(proc === undefined ? {} : { callback: proc }),
            id,
            method: "client.notifyEventStream",
            params: { SID: sid, eventList: [event] },
            session: session.key,
          });
        },
      });
      return subscription === undefined ? refuse("unknown") : ok({ SID: subscription.sid });
    },

    detach: ({ state, fields, session }) => {
      const { SID, proc } = fields;
      const sid = typeof SID === "number" ? SID : undefined;
      const callback = typeof proc === "number" ? proc : undefined;
      if (sid === undefined && callback === undefined) return refuse("params");
      return state.events.detach("events", session, sid, callback) ? ok() : refuse("unknown");
    },

    getEventIndexes: ({ state, fields }) =>
      typeof fields.code === "string"
        ? ok({ indexes: state.events.underWay(fields.code) })
        : refuse("params"),
  },
};

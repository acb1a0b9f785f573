/**
 * `eventManager.cgi`: events as a stream without end, and what is under way.
 *
 * @module
 */

import { EVENT_CODES } from "../../event_codes.ts";
import { hasCode } from "../../events.ts";
import {
  type CgiAnswer,
  type CgiCall,
  type CgiScript,
  fault,
  field,
  lines,
} from "../cgi_script.ts";
import { EventParts, STREAM_TYPE } from "../event_parts.ts";

/** The script. */
export const eventManagerCgi: CgiScript = {
  name: "eventManager",
  actions: {
    attach,

    getEventIndexes(call) {
      const code = field(call, "code");
      if (code === undefined || code === "") return fault(400, "Bad Request!");
      const channels = call.state.events.underWay(code);
      if (channels.length === 0) return fault(200, "No Events");
      return lines(channels.map((channel, index) => [`channels[${index}]`, channel]));
    },

    // The keys are (unverified): no source shows a reply.
    getCaps: () => lines(EVENT_CODES.map((code, index) => [`caps.Codes[${index}]`, code])),
  },
};

function attach(call: CgiCall): CgiAnswer {
  const codes = listOf(field(call, "codes"));
  const heartbeat = heartbeatOf(call);
  if (codes === undefined || heartbeat === "wrong") return fault(400, "Bad Request!");
  const { state } = call;
  return {
    type: STREAM_TYPE,
    body: "",
    live: (outlet) => {
      const parts = new EventParts(outlet, state, heartbeat);
      state.events.attach({
        interest: "events",
        session: undefined,
        owner: outlet,
        proc: undefined,
        wants: ({ code }) => hasCode(codes, code),
        tell: (_sid, happening) => parts.event(happening),
      });
      return () => {
        state.events.forget(outlet);
        parts.close();
      };
    },
  };
}

/** Seconds between heartbeats, 1-60; undefined when the client wants none. */
export function heartbeatOf(call: CgiCall): number | undefined | "wrong" {
  const text = field(call, "heartbeat");
  if (text === undefined) return undefined;
  const seconds = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  return seconds >= 1 && seconds <= 60 ? seconds : "wrong";
}

/** `[A,B]`; undefined when it is of another form. */
export function listOf(text: string | undefined): ReadonlySet<string> | undefined {
  const inside = /^\[([\w.-]+(?:,[\w.-]+)*)\]$/.exec(text ?? "")?.[1];
  return inside === undefined ? undefined : new Set(inside.split(","));
}

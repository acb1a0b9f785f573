/**
 * `log`: what happened at the device. Names of events are those that DahuaBridge asked a recorder
 * for; the others, and what an item says besides its time, are this simulator's choice.
 *
 * @module
 */

import type { JsonObject } from "../../dhip/frame.ts";
import { type Answer, ok, refuse } from "../answer.ts";
import { timeOf, timeText } from "../device_clock.ts";
import type { LogEntry } from "../log_book.ts";
import { pastOf } from "../log_past.ts";
import type { ServiceObject } from "../objects.ts";
import type { Call, Handler, Service } from "../service.ts";
import type { DeviceState } from "../state.ts";

/** Searches open at once. */
const MOST = 8;

/** Most items of one answer. */
const PAGE = 1024;

interface Search {
  readonly found: readonly LogEntry[];
  readonly translate: boolean;
  next: number;
}

const searches = new WeakMap<ServiceObject, Search>();

/** The service. */
export const logService: Service = {
  name: "log",
  adminOnly: ["clear"],
  methods: {
    startFind,

    getCount: on((_call, { found }) => ok({ count: found.length })),

    doSeekFind: on(({ state, fields }, search) => {
      const { offset, count } = fields;
      return whole(offset, 0) && whole(count, 1)
        ? page(state, search, offset, count)
        : refuse("params");
    }),

    doFind: on(({ state, fields }, search) => {
      const { count } = fields;
      if (!whole(count, 1)) return refuse("params");
      const { next } = search;
      search.next += Math.min(count, PAGE);
      return page(state, search, next, count);
    }),

    stopFind: ({ state, session, fields }) => {
      const token = tokenOf(state, session, fields);
      if (token === undefined) return refuse("unknown");
      state.objects.destroy(session, token.id);
      return ok();
    },

    clear: ({ state }) => {
      state.log.clear();
      pastOf(state).length = 0;
      state.note("Log.Clear");
      return ok();
    },
  },
};

function startFind({ state, session, fields }: Call): Answer {
  const condition = Object(fields.condition) as JsonObject;
  const { StartTime, EndTime, Types, Translate, Order = "Ascent" } = condition;
  const [from, to] = [timeOf(StartTime), timeOf(EndTime)];
  const types = Types ?? ["All"];
  if (from === undefined || to === undefined || to < from) return refuse("params");
  if (!Array.isArray(types) || !types.every((type) => typeof type === "string")) {
    return refuse("params");
  }
  if (Order !== "Ascent" && Order !== "Descent") return refuse("params");
  state.sessions.list(); // drops those that have expired, and their searches
  if (state.objects.of("log").length >= MOST) return refuse("unknown");
  const wanted = ({ type, time }: LogEntry) => {
    const local = state.calendar.localOf(time);
    return local >= from && local <= to &&
      types.some((name) => name === "All" || type === name || type.startsWith(`${name}.`));
  };
  const found = [...pastOf(state), ...state.log.entries()].filter(wanted)
    .sort((a, b) => a.time - b.time);
  if (Order === "Descent") found.reverse();
  const token = state.objects.create(session, "log");
  const object = token === undefined ? undefined : state.objects.find(session, "log", token);
  if (object === undefined) return refuse("unknown");
  searches.set(object, { found, translate: Translate === true, next: 0 });
  return ok({ token });
}

function on(handler: (call: Call, search: Search) => Answer): Handler {
  return (call) => {
    const token = tokenOf(call.state, call.session, call.fields);
    const search = token === undefined ? undefined : searches.get(token);
    return search === undefined ? refuse("unknown") : handler(call, search);
  };
}

function tokenOf(state: DeviceState, session: object, { token }: JsonObject) {
  return typeof token === "number" ? state.objects.find(session, "log", token) : undefined;
}

function page(state: DeviceState, search: Search, offset: number, count: number): Answer {
  const items = search.found.slice(offset, offset + Math.min(count, PAGE))
    .map((entry) => describe(state, entry, search.translate));
  return ok({ found: items.length, items });
}

/** Channels count from 1 here (seen by DahuaBridge). */
function describe(state: DeviceState, entry: LogEntry, translate: boolean): object {
  const { number, time, type, user, channel, detail } = entry;
  const [group, code] = type.split(".");
  return {
    ...(channel === undefined ? {} : { Channel: channel + 1 }),
    ...(group === "Event" ? { Code: code } : {}),
    Detail: detail,
    Level: 0,
    RecNo: number,
    Time: timeText(state.calendar.localOf(time)),
    Type: translate ? words(type) : type,
    User: user,
  };
}

/** `Event.VideoMotion.Start` as a person reads it. */
function words(type: string): string {
  return type.replaceAll(".", " ").replace(/([a-z])(?=[A-Z])/g, "$1 ");
}

function whole(value: unknown, least: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= least;
}

/**
 * `SmdDataFinder`: what smart motion detection saw, by the recordings it set off. Names and shapes
 * as DahuaBridge uses them on a recorder.
 *
 * @module
 */

import type { JsonObject } from "../../dhip/frame.ts";
import { type Answer, ok, refuse } from "../answer.ts";
import { timeOf, timeText } from "../device_clock.ts";
import type { ServiceObject } from "../objects.ts";
import type { Call, Service } from "../service.ts";

/** Searches open at once. */
const MOST = 8;

/** Code of the event by the type that is asked for. */
const CODES: Readonly<Record<string, string>> = {
  smdTypeHuman: "SmartMotionHuman",
  smdTypeVehicle: "SmartMotionVehicle",
};

const searches = new WeakMap<ServiceObject, readonly object[]>();

/** The service. */
export const smdDataFinderService: Service = {
  name: "SmdDataFinder",
  obstacle: (state, method) =>
    state.options.sdCard || method === "listMethod" ? undefined : "noStorage",
  methods: {
    startFind,

    doFind: (call) => {
      const { Offset = 0, Count = 0 } = call.fields;
      const found = searchOf(call);
      if (found === undefined) return refuse("unknown");
      if (!whole(Offset) || !whole(Count)) return refuse("params");
      return ok({ SmdInfo: found.slice(Offset, Offset + Count) });
    },

    stopFind: (call) => {
      if (searchOf(call) === undefined) return refuse("unknown");
      call.state.objects.destroy(call.session, Number(call.fields.Token));
      return ok();
    },
  },
};

function startFind({ state, session, fields }: Call): Answer {
  const { StartTime, EndTime, Channels, SmdType, Order } = Object(fields.Condition) as JsonObject;
  const [from, to] = [timeOf(StartTime), timeOf(EndTime)];
  if (from === undefined || to === undefined || to <= from) return refuse("params");
  const channels = Array.isArray(Channels) ? Channels : [...Array(state.options.channels).keys()];
  const types = Array.isArray(SmdType) ? SmdType.map(String) : Object.keys(CODES);
  if (!types.every((type) => Object.hasOwn(CODES, type))) return refuse("params");
  state.sessions.list(); // drops those that have expired, and their searches
  if (state.objects.of("SmdDataFinder").length >= MOST) return refuse("unknown");
  const found = channels.flatMap((channel) =>
    state.disk.between(Number(channel), from, to)
      .filter(({ type, stream }) => type === "dav" && stream === "Main")
      .flatMap(({ start, end, events }) =>
        types.filter((type) => events.includes(CODES[type]!)).map((Type) => ({
          Channel: channel,
          EndTime: timeText(end),
          StartTime: timeText(start),
          Type,
        }))
      )
  ).sort((a, b) => a.StartTime < b.StartTime ? -1 : 1);
  if (Order === "Descent") found.reverse();
  const Token = state.objects.create(session, "SmdDataFinder");
  const object = Token === undefined
    ? undefined
    : state.objects.find(session, "SmdDataFinder", Token);
  if (object === undefined) return refuse("unknown");
  searches.set(object, found);
  return ok({ Count: found.length, Token });
}

function searchOf({ state, session, fields }: Call): readonly object[] | undefined {
  const object = typeof fields.Token === "number"
    ? state.objects.find(session, "SmdDataFinder", fields.Token)
    : undefined;
  return object === undefined ? undefined : searches.get(object);
}

function whole(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}

/**
 * `mediaFileFind.cgi`: searching the recordings. It has no sessions; a search that nobody uses for
 * a minute is forgotten.
 *
 * @module
 */

import type { ServiceObject } from "../../objects.ts";
import { close, describe, full, nextPage, ofCgi, search } from "../../recordings/search.ts";
import {
  type CgiAnswer,
  type CgiCall,
  type CgiHandler,
  type CgiScript,
  fault,
  field,
  lines,
  OK,
} from "../cgi_script.ts";
import { leavesOf } from "../table_text.ts";
import { channelIn, listIn, timeIn } from "./fields.ts";

const NAME = "mediaFileFind";
const BAD = fault(400, "Bad Request!");

const closing = on((_call, object) => {
  close(object);
  return OK;
});

const destroying = on(({ state }, object) => {
  close(object);
  state.objects.destroy(state.cgi, object.id);
  return OK;
});

/** The script. */
export const mediaFileFindCgi: CgiScript = {
  name: NAME,
  actions: {
    "factory.create": ({ state }) => {
      if (!state.options.sdCard || full(state)) return BAD;
      const id = state.objects.create(state.cgi, NAME);
      if (id !== undefined) ofCgi(state, id);
      return id === undefined ? BAD : lines([["result", id]]);
    },

    findFile: on((call, object) => {
      const condition = {
        Channel: channelIn(call, "condition.Channel"),
        StartTime: timeIn(call, "condition.StartTime"),
        EndTime: timeIn(call, "condition.EndTime"),
        Types: listIn(call, "condition.Types"),
        // Firmwares differ in the spelling; both were seen to work.
        Flags: listIn(call, "condition.Flags") ?? listIn(call, "condition.Flag"),
        Events: listIn(call, "condition.Events"),
        Dirs: listIn(call, "condition.Dirs"),
        VideoStream: field(call, "condition.VideoStream"),
        Order: field(call, "condition.Order"),
        Redundant: field(call, "condition.Redundant"),
      };
      const found = search(call.state, object, condition);
      if (found === "params") return BAD;
      return found > 0 || call.state.options.quirks.findNothing === "found" ? OK : BAD;
    }),

    findNextFile: on((call, object) => {
      const count = Number(field(call, "count") ?? "100");
      if (!Number.isInteger(count) || count < 1) return BAD;
      const page = nextPage(call.state, object, count);
      if (page === undefined) return BAD;
      const { cgiChannelBase } = call.state.options.quirks;
      const items = page.map((recording) => describe(recording, cgiChannelBase));
      const leaves = [...leavesOf("items", items)].filter(([, value]) => value !== null);
      return lines([["found", page.length], ...leaves]);
    }),

    close: closing,
    destroy: destroying,
    // python-amcrest's names.
    "factory.close": closing,
    "factory.destroy": destroying,
  },
};

function on(handler: (call: CgiCall, object: ServiceObject) => CgiAnswer): CgiHandler {
  return (call) => {
    const { state } = call;
    const object = ofCgi(state, Number(field(call, "object")));
    return object === undefined || !state.options.sdCard ? BAD : handler(call, object);
  };
}

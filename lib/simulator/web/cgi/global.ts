/**
 * `global.cgi`: the clock.
 *
 * @module
 */

import { type CgiScript, fault, lines, OK } from "../cgi_script.ts";
import { timeIn } from "./fields.ts";

/** The script. */
export const globalCgi: CgiScript = {
  name: "global",
  adminOnly: ["setCurrentTime"],
  actions: {
    getCurrentTime: ({ state }) => lines([["result", state.calendar.text()]]),

    setCurrentTime(call) {
      const time = timeIn(call, "time");
      return time !== undefined && call.state.calendar.set(time) ? OK : fault(400, "Bad Request!");
    },
  },
};

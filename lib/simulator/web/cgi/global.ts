/**
 * `global.cgi`: the clock.
 *
 * @module
 */

import { type CgiScript, fault, field, lines, OK } from "../cgi_script.ts";

/** The script. */
export const globalCgi: CgiScript = {
  name: "global",
  adminOnly: ["setCurrentTime"],
  actions: {
    getCurrentTime: ({ state }) => lines([["result", state.calendar.text()]]),

    setCurrentTime(call) {
      // 2026-1-2 3:4:5 is as good as 2026-01-02 03:04:05.
      const time = field(call, "time")?.replace(/\b\d\b/g, "0$&");
      return time !== undefined && call.state.calendar.set(time) ? OK : fault(400, "Bad Request!");
    },
  },
};

/**
 * `recordManager.cgi`: whether a channel records.
 *
 * @module
 */

import { records } from "../../storage.ts";
import { type CgiScript, fault, lines } from "../cgi_script.ts";
import { channelIn } from "./fields.ts";

/** The script. */
export const recordManagerCgi: CgiScript = {
  name: "recordManager",
  actions: {
    getState: (call) => {
      const channel = channelIn(call);
      return channel === undefined
        ? fault(400, "Bad Request!")
        : lines([["state", records(call.state, channel)]]);
    },
  },
};

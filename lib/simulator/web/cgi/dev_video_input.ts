/**
 * `devVideoInput.cgi`: the lens of a channel.
 *
 * @module
 */

import { adjustLens, lensCaps, lensStatus } from "../../lens.ts";
import {
  type CgiAnswer,
  type CgiCall,
  type CgiScript,
  fault,
  field,
  lines,
  OK,
} from "../cgi_script.ts";
import { leavesOf } from "../table_text.ts";
import { channelIn } from "./fields.ts";

const BAD = fault(400, "Bad Request!");

/** The script. */
export const devVideoInputCgi: CgiScript = {
  name: "devVideoInput",
  adminOnly: ["adjustFocus", "autoFocus"],
  actions: {
    getCollect: ({ state }) => lines([["result", state.options.channels]]),
    getCaps: on(() => lines(leavesOf("caps", lensCaps()))),
    getFocusStatus: on(({ state }, channel) =>
      lines(leavesOf("status", lensStatus(state, channel)))
    ),
    adjustFocus: on((call, channel) => {
      const [focus = "-1", zoom = "-1"] = ["focus", "zoom"].map((name) => field(call, name));
      return adjustLens(call.state, channel, focus, zoom) ? OK : BAD;
    }),
    autoFocus: on(({ state }, channel) => adjustLens(state, channel, 0.5, -1) ? OK : BAD),
  },
};

function on(handler: (call: CgiCall, channel: number) => CgiAnswer) {
  return (call: CgiCall): CgiAnswer => {
    const channel = channelIn(call);
    return channel === undefined ? BAD : handler(call, channel);
  };
}

/**
 * `devVideoInput`: the lens of a channel.
 *
 * @module
 */

import { type Answer, ok, refuse } from "../answer.ts";
import { adjustLens, lensCaps, lensStatus } from "../lens.ts";
import { type Call, channelOf, type Handler, type Service } from "../service.ts";

/** The service. */
export const devVideoInputService: Service = {
  name: "devVideoInput",
  factory: "instance",
  needsObject: true,
  adminOnly: ["adjustFocus", "autoFocus"],
  methods: {
    "factory.getCollect": ({ state }) => ({ result: state.options.channels }),
    getCaps: on(() => ok({ caps: lensCaps() })),
    getFocusStatus: on(({ state }, channel) => ok({ status: lensStatus(state, channel) })),
    adjustFocus: on(({ state, fields }, channel) =>
      adjustLens(state, channel, fields.focus ?? -1, fields.zoom ?? -1) ? ok() : refuse("params")
    ),
    autoFocus: on(({ state }, channel) =>
      adjustLens(state, channel, 0.5, -1) ? ok() : refuse("params")
    ),
  },
};

function on(handler: (call: Call, channel: number) => Answer): Handler {
  return (call) => {
    const channel = call.instance?.channel ?? channelOf(call);
    return channel === undefined ? refuse("unknown") : handler(call, channel);
  };
}

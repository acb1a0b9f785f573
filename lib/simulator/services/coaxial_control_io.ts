/**
 * `CoaxialControlIO`: white light and siren.
 *
 * @module
 */

import { type Answer, ok, refuse } from "../answer.ts";
import { deterrentCaps, deterrentStatus, switchDeterrents } from "../deterrents.ts";
import { type Call, channelOf, type Handler, type Service } from "../service.ts";

/** The service. */
export const coaxialControlIoService: Service = {
  name: "CoaxialControlIO",
  adminOnly: ["control"],
  methods: {
    getCaps: on(() => ok({ caps: deterrentCaps() })),
    getStatus: on(({ state }, channel) => ok({ status: deterrentStatus(state, channel) })),
    control: on(({ state, fields }, channel) =>
      switchDeterrents(state, channel, fields.info) ? ok() : refuse("params")
    ),
  },
};

function on(handler: (call: Call, channel: number) => Answer): Handler {
  return (call) => {
    const channel = channelOf(call);
    return channel === undefined ? refuse("unknown") : handler(call, channel);
  };
}

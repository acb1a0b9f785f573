/**
 * `CoaxialControlIO`: white light and siren.
 *
 * @module
 */

import { type Answer, ok, refuse } from "../answer.ts";
import {
  deterrentCaps,
  type Deterrents,
  deterrentStatus,
  switchDeterrents,
} from "../deterrents.ts";
import { type Call, channelOf, type Handler, type Service } from "../service.ts";

/** The service. */
export const coaxialControlIoService: Service = {
  name: "CoaxialControlIO",
  adminOnly: ["control"],
  methods: {
    getCaps: on(() => ok({ caps: deterrentCaps() })),
    getStatus: on((_call, own) => ok({ status: deterrentStatus(own) })),
    control: on(({ fields }, own) => switchDeterrents(own, fields.info) ? ok() : refuse("params")),
  },
};

function on(handler: (call: Call, own: Deterrents) => Answer): Handler {
  return (call) => {
    const own = call.state.deterrents[channelOf(call) ?? -1];
    return own === undefined ? refuse("unknown") : handler(call, own);
  };
}

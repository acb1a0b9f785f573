/**
 * `ptz`: instances and a camera at rest. Movement comes with the PTZ work.
 *
 * @module
 */

import { ok, refuse } from "../answer.ts";
import { channelOf, type Service } from "../service.ts";

/** The service. */
export const ptzService: Service = {
  name: "ptz",
  factory: "instance",
  needsObject: true,
  methods: {
    getStatus: (call) => {
      if (channelOf(call) === undefined) return refuse("unknown");
      // The SD-2N-4G tells raw units under one name, stock cameras degrees under another (sic).
      return call.state.options.objects === "channel"
        ? ok({ status: { Location: [0, 0, 0], MoveStatus: "Idle" } })
        : ok({ status: { MoveStatus: "Idle", Postion: [0, 0, 1], ZoomStatus: "Idle" } });
    },
  },
};

/**
 * `LogicDeviceManager`: the cameras behind a recorder. Shapes as public clients read them
 * (unverified: the reference is silent).
 *
 * @module
 */

import { ok, refuse } from "../answer.ts";
import { cameraStates, describeCameras } from "../remotes.ts";
import type { Service } from "../service.ts";

/** The service. */
export const logicDeviceManagerService: Service = {
  name: "LogicDeviceManager",
  factory: "instance",
  without: ({ deviceClass }) => deviceClass === "NVR" ? [] : ["getCameraAll", "getCameraState"],
  methods: {
    getCameraAll: ({ state }) => ok({ camera: describeCameras(state.remotes) }),

    getCameraState: ({ state, fields }) => {
      const { uniqueChannels = [-1] } = fields;
      if (!Array.isArray(uniqueChannels)) return refuse("params");
      const states = cameraStates(state.remotes, uniqueChannels);
      return states === undefined ? refuse("unknown") : ok({ states });
    },
  },
};

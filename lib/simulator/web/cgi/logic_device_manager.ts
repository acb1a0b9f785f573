/**
 * `LogicDeviceManager.cgi`: the cameras behind a recorder.
 *
 * @module
 */

import { cameraStates, describeCameras } from "../../remotes.ts";
import { type CgiScript, fault, lines } from "../cgi_script.ts";
import { leavesOf } from "../table_text.ts";
import { listIn } from "./fields.ts";

const BAD = fault(400, "Bad Request!");

/** The script. */
export const logicDeviceManagerCgi: CgiScript = {
  name: "LogicDeviceManager",
  actions: {
    getCameraAll: ({ state }) =>
      state.remotes.length === 0 ? BAD : lines(leavesOf("camera", describeCameras(state.remotes))),
    getCameraState: (call) => {
      const wanted = (listIn(call, "uniqueChannels") ?? ["-1"]).map(Number);
      const states = cameraStates(call.state.remotes, wanted);
      return states === undefined || states.length === 0 ? BAD : lines(leavesOf("states", states));
    },
  },
};

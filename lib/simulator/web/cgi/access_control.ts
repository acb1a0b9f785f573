/**
 * `accessControl.cgi`: the door of a door station.
 *
 * @module
 */

import { doorStatus, openDoor } from "../../doors.ts";
import {
  type CgiAnswer,
  type CgiCall,
  type CgiScript,
  fault,
  field,
  lines,
  OK,
} from "../cgi_script.ts";

const BAD = fault(400, "Bad Request!");

/** The script. */
export const accessControlCgi: CgiScript = {
  name: "accessControl",
  adminOnly: ["openDoor"],
  actions: {
    openDoor: atDoor((call) => {
      if (field(call, "Type") !== "Remote") return BAD;
      openDoor(call.state, field(call, "UserID"));
      return OK;
    }),
    getDoorStatus: atDoor(({ state }) => lines([["Info.status", doorStatus(state)]])),
  },
};

/** Only door stations have a door, and that is number 1. */
function atDoor(handler: (call: CgiCall) => CgiAnswer) {
  return (call: CgiCall): CgiAnswer =>
    call.state.options.deviceClass === "VTO" && (field(call, "channel") ?? "1") === "1"
      ? handler(call)
      : BAD;
}

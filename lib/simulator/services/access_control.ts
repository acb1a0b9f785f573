/**
 * `accessControl`: the door of a door station.
 *
 * @module
 */

import { ok, refuse } from "../answer.ts";
import { doorStatus, openDoor } from "../doors.ts";
import type { Service } from "../service.ts";

/** The service. */
export const accessControlService: Service = {
  name: "accessControl",
  factory: "instance",
  needsObject: true,
  adminOnly: ["openDoor"],
  without: ({ deviceClass }) => deviceClass === "VTO" ? [] : ["openDoor", "getDoorStatus"],
  methods: {
    openDoor: ({ state, fields }) => {
      const { DoorIndex = 0, ShortNumber, UserID } = fields;
      if (DoorIndex !== 0) return refuse("params"); // there is one door
      openDoor(state, UserID ?? ShortNumber);
      return ok();
    },
    getDoorStatus: ({ state }) => ok({ Info: { status: doorStatus(state) } }),
  },
};

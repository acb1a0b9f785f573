/**
 * `upgrader`: an upload as a binary part of requests, with the parameters of python-dhip. The
 * bytes are hashed and dropped.
 *
 * @module
 */

import { ok, refuse } from "../answer.ts";
import type { Service } from "../service.ts";

/** The service. */
export const upgraderService: Service = {
  name: "upgrader",
  factory: "instance",
  adminOnly: ["prepare", "appendData", "execute"],
  methods: {
    getState: ({ state }) => ok({ state: { Progress: 0, State: state.upgrade.state } }),

    prepare: ({ state, fields }) => {
      if (fields.Type !== "System") return refuse("params");
      state.upgrade.prepare();
      return ok();
    },

    appendData: ({ state, fields, binary }) => {
      if (binary.length === 0 || fields.length !== binary.length) return refuse("params");
      return state.upgrade.append(binary) ? ok() : refuse("unknown");
    },

    execute: ({ state }) => state.upgrade.execute() ? ok() : refuse("unknown"),
  },
};

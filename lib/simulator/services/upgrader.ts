/**
 * `upgrader`: an upload as a binary part of requests, with the parameters of python-dhip, or the
 * web UI's check, start and cancel. The bytes are hashed and dropped; a firmware that was installed
 * is a version higher.
 *
 * @module
 */

import { type Answer, ok, refuse } from "../answer.ts";
import type { Call, Service } from "../service.ts";

const APPEND = ["prepare", "execute"];
const START = ["check", "start", "cancel"];

/** The service. */
export const upgraderService: Service = {
  name: "upgrader",
  factory: "instance",
  adminOnly: ["prepare", "appendData", "execute", "start", "cancel"],
  without: ({ quirks }) =>
    quirks.upgraderApi === "append" ? START : quirks.upgraderApi === "start" ? APPEND : [],
  methods: {
    getState: ({ state }) => {
      const { upgrade } = state;
      return ok({ state: { Progress: upgrade.progress, State: upgrade.state } });
    },

    prepare: ({ state, fields }) => {
      if (fields.Type !== "System") return refuse("params");
      return state.upgrade.prepare() ? ok() : refuse("unknown");
    },

    // Without `prepare` the first bytes begin the upload.
    appendData: ({ state, fields, binary }) => {
      if (binary.length === 0 || fields.length !== binary.length) return refuse("params");
      const { upgrade } = state;
      const alone = state.options.quirks.upgraderApi === "start";
      if (alone && upgrade.state === "Idle") upgrade.prepare();
      return upgrade.append(binary) ? ok() : refuse("unknown");
    },

    check: ({ state }) =>
      state.upgrade.received > 0 ? ok({ length: state.upgrade.received }) : refuse("unknown"),
    execute: install,
    start: install,
    cancel: ({ state }) => state.upgrade.cancel() ? ok() : refuse("unknown"),
  },
};

function install({ state }: Call): Answer {
  if (!state.upgrade.execute()) return refuse("unknown");
  state.note("System.Upgrade");
  return ok();
}

/**
 * `configManager`: reading and writing configuration tables. Works with and without an object.
 *
 * @module
 */

import { type Answer, ok, refuse } from "../answer.ts";
import type { ConfigTable } from "../config_tables.ts";
import type { Call, Service } from "../service.ts";

/** The service. */
export const configManagerService: Service = {
  name: "configManager",
  factory: "instance",
  adminOnly: [
    "setConfig",
    "deleteConfig",
    "setTemporaryConfig",
    "restoreTemporaryConfig",
    "restore",
    "restoreExcept",
  ],
  methods: {
    getConfig: (call) => {
      const { name } = call.fields;
      if (name === "All") return ok({ table: call.state.config.all() });
      return answerTable(call, typeof name === "string" ? call.state.config.get(name) : undefined);
    },

    getDefault: (call) => {
      const { name } = call.fields;
      return answerTable(
        call,
        typeof name === "string" ? call.state.config.factory(name) : undefined,
      );
    },

    setConfig: (call) => write(call, false),

    deleteConfig: ({ state, fields }) => {
      const { name } = fields;
      if (typeof name !== "string") return refuse("params");
      return state.config.remove(name) ? ok() : refuse("unknown");
    },

    setTemporaryConfig: (call) => write(call, true),

    restoreTemporaryConfig: ({ state, fields }) => {
      const { name } = fields;
      if (typeof name !== "string") return refuse("params");
      return state.config.giveBack(name) ? ok() : refuse("unknown");
    },

    getMemberNames: ({ state, fields }) => {
      const { name } = fields;
      if (name === undefined || name === "") return ok({ names: state.config.names() });
      const table = typeof name === "string" ? state.config.get(name) : undefined;
      if (table === undefined) return refuse("unknown");
      const members = Array.isArray(table) ? table[0] : table;
      return ok({ names: Object.keys(Object(members)) });
    },

    restore: ({ state, fields }) => {
      const { names } = fields;
      if (!Array.isArray(names)) return refuse("params");
      state.config.restore(names.filter((name) => typeof name === "string"));
      return ok();
    },

    restoreExcept: ({ state, fields }) => {
      const { names } = fields;
      if (!Array.isArray(names)) return refuse("params");
      const others = state.config.names().filter((name) => !names.includes(name));
      if (others.length > 0) state.config.restore(others); // an empty list would be all
      return ok();
    },
  },
};

function write({ state, fields }: Call, temporary: boolean): Answer {
  const { name, table } = fields;
  if (typeof name !== "string") return refuse("params");
  switch (state.config.write(name, table, { temporary, pretend: true })) {
    case "unknown":
    case "refused":
      return refuse("unknown");
    case "shape":
      return refuse("params");
  }
  const pretend = state.faults.strike("stale-config") !== undefined;
  const result = state.config.write(name, table, { temporary, pretend });
  return ok({ options: result === "reboot" ? ["NeedReboot"] : null });
}

function answerTable(call: Call, table: ConfigTable | undefined): Answer {
  if (typeof call.fields.name !== "string") return refuse("params");
  if (table !== undefined) return ok({ table });
  const { absentTable } = call.state.options.quirks;
  return absentTable === "empty" ? ok({ table: null }) : refuse(absentTable);
}

/**
 * `configManager`: reading and writing configuration tables. Works with and without an object.
 *
 * @module
 */

import { type Answer, ok, refuse } from "../answer.ts";
import type { ConfigTable } from "../config_tables.ts";
import type { Call, Service } from "../service.ts";

/** Most letters of a table's name in an attachment. */
const LONGEST_NAME = 128;

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
  without: ({ quirks }) => quirks.configPushes ? [] : ["attach", "detach"],
  methods: {
    attach,

    detach: ({ state, fields, session }) => {
      const { SID } = fields;
      if (typeof SID !== "number") return refuse("params");
      return state.events.detach("config", session, SID, undefined) ? ok() : refuse("unknown");
    },

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

/** Every change of the table, whoever makes it, is told with the whole table. */
function attach({ state, fields, session, target, id, nested }: Call): Answer {
  const { name } = fields;
  if (typeof name !== "string" || name === "" || name.length > LONGEST_NAME) {
    return refuse("params");
  }
  if (nested || state.config.get(name) === undefined) return refuse("unknown");
  const proc = typeof fields.proc === "number" ? fields.proc : undefined;
  const subscription = state.events.attach({
    interest: "config",
    session,
    owner: target,
    proc,
    wants: ({ code }) => code === name,
    tell: (sid) =>
      target.push(id, session.key, {
        ...(proc === undefined ? {} : { callback: proc }),
        id,
        method: "client.notifyConfigChange",
        params: { SID: sid, name, table: state.config.get(name) ?? null },
        session: session.key,
      }),
  });
  return subscription === undefined ? refuse("unknown") : ok({ SID: subscription.sid });
}

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

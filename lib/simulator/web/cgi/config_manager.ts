/**
 * `configManager.cgi`: configuration as text.
 *
 * @module
 */

import type { ConfigTable } from "../../config_tables.ts";
import {
  type CgiAnswer,
  type CgiCall,
  type CgiScript,
  fault,
  field,
  lines,
  OK,
} from "../cgi_script.ts";
import { listIn } from "./fields.ts";
import { leavesOf, stepsOf, withLeaf } from "../table_text.ts";

/** The script. */
export const configManagerCgi: CgiScript = {
  name: "configManager",
  adminOnly: ["setConfig", "restore", "restoreExcept"],
  actions: {
    getConfig,
    setConfig,
    restore: (call) => {
      const names = listIn(call, "names");
      if (names === undefined) return fault(400, "Bad Request!");
      call.state.config.restore(names);
      return OK;
    },
    restoreExcept: (call) => {
      const names = listIn(call, "names") ?? [];
      const others = call.state.config.names().filter((name) => !names.includes(name));
      if (others.length > 0) call.state.config.restore(others); // an empty list would be all
      return OK;
    },
  },
};

function getConfig(call: CgiCall): CgiAnswer {
  const { config, options } = call.state;
  const name = field(call, "name");
  if (name === undefined || name === "") return fault(400, "Bad Request!");
  const names = name === "All" ? config.names() : [name];
  const tables = names.map((each) => [each, config.stale(each)] as const);
  if (tables.some(([, table]) => table === undefined)) {
    const status = options.cgiMissingTable;
    return status === 200 ? { body: "" } : fault(status, "Bad Request!");
  }
  return lines(tables.flatMap(([each, table]) => [...leavesOf(`table.${each}`, table)]));
}

/** All lines of a request are taken together or not at all. */
function setConfig({ state, fields }: CgiCall): CgiAnswer {
  const tables = new Map<string, ConfigTable>();
  if (fields.length === 0) return fault(400, "Bad Request!");
  for (const [key, text] of fields) {
    const [name = "", ...steps] = stepsOf(key) ?? [];
    const table = tables.get(name) ?? state.config.get(name);
    const changed = table && withLeaf(table, steps, text);
    if (changed === undefined) return fault(200, "No such setting, or no such value!");
    tables.set(name, changed);
  }
  for (const [name, table] of tables) {
    const result = state.config.write(name, table, { pretend: true });
    if (result !== "done" && result !== "reboot") return fault(200, "Value is not supported!");
  }
  const pretend = state.faults.strike("stale-config") !== undefined;
  for (const [name, table] of tables) state.config.write(name, table, { pretend });
  return OK;
}

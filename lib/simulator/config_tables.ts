/**
 * Configuration as a camera leaves the factory with it: names, nesting and types of the tables are
 * those of real devices.
 *
 * @module
 */

import { alarmTables } from "./tables/alarm.ts";
import { deviceTables } from "./tables/device.ts";
import type { ConfigTable, TableFacts } from "./tables/facts.ts";
import { networkTables } from "./tables/network.ts";
import { videoTables } from "./tables/video.ts";

export type { ConfigTable, TableFacts };

/** All tables by name. */
export function factoryTables(facts: TableFacts): Map<string, ConfigTable> {
  const tables = {
    ...alarmTables(facts),
    ...deviceTables(facts),
    ...networkTables(facts),
    ...videoTables(facts),
  };
  return new Map(Object.entries(tables).sort(([a], [b]) => a < b ? -1 : 1));
}

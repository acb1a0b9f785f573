/**
 * Tables about the device itself.
 *
 * @module
 */

import type { ConfigTable, TableFacts, Tables } from "./facts.ts";

/** Bytes of one entry of the big table, about. */
const ENTRY = 256;

/** The tables. */
export function deviceTables(facts: TableFacts): Tables {
  return {
    AutoMaintain: { AutoRebootDay: 2, AutoRebootHour: 2, AutoRebootMinute: 0 },
    General: {
      LocalNo: 8,
      LockLoginEnable: true,
      LockLoginTimes: 5,
      LoginFailLockTime: 300,
      MachineName: facts.name,
      MaxOnlineTime: 3600,
    },
    InnerServer: { Telnet: { Enable: false }, SSH: { Enable: false } },
    Locales: {
      DSTEnable: false,
      DSTEnd: { Day: 0, Hour: 0, Minute: 0, Month: 11, Week: 1, Year: 2026 },
      DSTStart: { Day: 0, Hour: 0, Minute: 0, Month: 3, Week: 2, Year: 2026 },
      TimeFormat: "yyyy-MM-dd HH:mm:ss",
    },
    SSHD: { Enable: false, Port: 22 },
    Telnet: { Enable: false },
    ...(facts.bigTable === 0 ? {} : { AccessTimeSchedule: bigTable(facts.bigTable * 1024) }),
  };
}

/** A table of about this many bytes, with characters of one to four bytes. */
function bigTable(size: number): ConfigTable {
  return Array.from({ length: Math.ceil(size / ENTRY) }, (_, index) => ({
    Enable: index % 3 === 0,
    Name: `Plan ${index} – Çalışma 时间表 🕗`,
    TimeSchedule: Array.from({ length: 7 }, () => [`${index % 2} 08:00:00-18:00:00`]),
  }));
}

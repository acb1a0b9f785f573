/**
 * How the answer of `dhip info` looks.
 *
 * @module
 */

import type { SystemInfo } from "../camera/mod.ts";
import type { DhipError } from "../errors.ts";
import { envelopeOf, exitCodeOf } from "./failure.ts";
import type { View } from "./view.ts";

/** Looks of a {@linkcode SystemInfo}. */
export const infoView: View<SystemInfo> = {
  json: (info) => ({
    ...info,
    problems: info.problems.map(({ field, error }) => ({ field, error: envelopeOf(error) })),
  }),
  table(info, several) {
    const { model, serial, name, time, vendor, deviceClass, hardware } = info;
    const version = firmware(info.firmware);
    const uptime = spell(info.uptime?.last ?? null);
    if (several) {
      return {
        head: ["Model", "Serial", "Firmware", "Name", "Uptime", "Clock"],
        rows: [[model, serial, version, name, uptime, time]],
      };
    }
    const fields = {
      Model: model,
      Vendor: vendor,
      Class: deviceClass,
      Serial: serial,
      Firmware: version,
      Hardware: hardware,
      Name: name,
      Memory: memory(info.memory),
      CPU: info.cpu === null ? null : `${info.cpu} %`,
      Uptime: uptime,
      Clock: time,
      Restart: info.restartPending === null ? null : info.restartPending ? "pending" : "not needed",
      Market: info.marketArea,
    };
    return { record: true, head: Object.keys(fields), rows: [Object.values(fields)] };
  },
  csv(info) {
    const fields = {
      model: info.model,
      vendor: info.vendor,
      device_class: info.deviceClass,
      serial: info.serial,
      firmware_version: info.firmware?.version ?? null,
      firmware_build: info.firmware?.build ?? null,
      hardware: info.hardware,
      name: info.name,
      memory_total_bytes: info.memory?.total ?? null,
      memory_free_bytes: info.memory?.free ?? null,
      cpu_percent: info.cpu,
      uptime_seconds: info.uptime?.last ?? null,
      uptime_total_seconds: info.uptime?.total ?? null,
      time: info.time,
      restart_pending: info.restartPending,
      market_area: info.marketArea,
    };
    return { head: Object.keys(fields), rows: [Object.values(fields)] };
  },
};

/** A field that the device does not have is no failure; a link that broke on the way is. */
export function brokenLink({ problems }: SystemInfo): DhipError | undefined {
  return problems.map(({ error }) => error).find((error) => [3, 130].includes(exitCodeOf(error)));
}

function firmware(value: SystemInfo["firmware"]): string | null {
  if (value === null || value.version === null) return null;
  return value.build === null ? value.version : `${value.version} (${value.build})`;
}

function memory(value: SystemInfo["memory"]): string | null {
  const [free, total] = [value?.free ?? null, value?.total ?? null].map((bytes) =>
    bytes === null ? null : `${Math.round(bytes / 2 ** 20)} MiB`
  );
  if (!free || !total) return total ?? null;
  return `${free} free of ${total}`;
}

function spell(seconds: number | null): string | null {
  if (seconds === null) return null;
  const [d, h, m] = [seconds / 86_400, (seconds / 3600) % 24, (seconds / 60) % 60].map(Math.floor);
  return d! > 0 ? `${d} d ${h} h` : h! > 0 ? `${h} h ${m} min` : `${m} min`;
}

/**
 * System information over Dahua RPC.
 *
 * @module
 */

import { unwrap } from "../dhip/envelope.ts";
import type { Requester } from "../dhip/rpc.ts";
import { DhipError } from "../errors.ts";
import type { CallOptions } from "../net/stream.ts";
import { number, object, text } from "./_fields.ts";
import type { SystemInfo, SystemService } from "./system.ts";

/** One getter: the method, its parameters, and the fields of `SystemInfo` that it fills. */
const GETTERS = {
  system: ["magicBox.getSystemInfo", null],
  model: ["magicBox.getDeviceType", null],
  vendor: ["magicBox.getVendor", null],
  deviceClass: ["magicBox.getDeviceClass", null],
  serial: ["magicBox.getSerialNo", null],
  hardware: ["magicBox.getHardwareVersion", null],
  firmware: ["magicBox.getSoftwareVersion", null],
  name: ["magicBox.getMachineName", null],
  memory: ["magicBox.getMemoryInfo", null],
  cpu: ["magicBox.getCPUUsage", { index: 0 }],
  uptime: ["magicBox.getUpTime", null],
  time: ["global.getCurrentTime", null],
} as const;

type Field = keyof typeof GETTERS;

/** {@linkcode SystemService} of a Dahua device. */
export class DahuaSystem implements SystemService {
  readonly #rpc: Requester;

  /** Reads over the given session. */
  constructor(rpc: Requester) {
    this.#rpc = rpc;
  }

  /** See {@linkcode SystemService.info}. */
  async info(options: CallOptions = {}): Promise<SystemInfo> {
    const problems: { field: string; error: DhipError }[] = [];
    const read = async (field: Field): Promise<[Field, unknown]> => {
      const [method, params] = GETTERS[field];
      const reply = await this.#rpc.request(method, params, options).catch((error) => {
        // Slowness may be one getter's own; a lost link or session concerns all of them.
        if (error instanceof DhipError && isOneGettersOwn(error)) problems.push({ field, error });
        else throw error;
      });
      if (reply === undefined) return [field, null];
      try {
        return [field, unwrap(reply.envelope, method, this.#rpc.host)];
      } catch (error) {
        problems.push({ field, error: error as DhipError });
        return [field, null];
      }
    };
    const fields = Object.keys(GETTERS) as Field[];
    const answers = Object.fromEntries(await Promise.all(fields.map(read)));
    const info = systemInfo(answers as Record<Field, unknown>);
    // What one getter refused but another told is not missed.
    const missed = problems.filter(({ field }) =>
      field === "system" || info[field as Exclude<Field, "system">] === null
    );
    if (problems.length === fields.length) throw problems[0]!.error;
    return { ...info, problems: missed };
  }
}

function isOneGettersOwn(error: DhipError): boolean {
  return error.code === "DHIP_TIMEOUT" || error.code === "DHIP_BAD_JSON";
}

/** Maps the getters' payloads; spellings differ between firmwares, so each is read tolerantly. */
function systemInfo(answers: Record<Field, unknown>): Omit<SystemInfo, "problems"> {
  const system = object(answers.system);
  const version = object(object(answers.firmware).version);
  const memory = object(answers.memory);
  const uptime = object(object(answers.uptime).info ?? answers.uptime);
  return {
    name: text(object(answers.name).name),
    model: text(object(answers.model).type) ?? text(system.deviceType),
    vendor: text(object(answers.vendor).vendor) ?? text(object(answers.vendor).Vendor),
    deviceClass: text(object(answers.deviceClass).type),
    serial: text(object(answers.serial).sn) ?? text(system.serialNumber),
    hardware: text(object(answers.hardware).version) ?? text(system.hardwareVersion),
    firmware: orNull({
      version: text(version.Version) ?? text(object(answers.firmware).version),
      build: text(version.BuildDate),
    }),
    memory: orNull({ total: number(memory.total), free: number(memory.free) }),
    cpu: number(object(answers.cpu).usage),
    uptime: orNull({
      last: number(uptime.Last ?? uptime.last),
      total: number(uptime.Total ?? uptime.total),
    }),
    time: text(answers.time) ?? text(object(answers.time).time),
  };
}

/** A group of which nothing is known is null. */
function orNull<T extends object>(group: T): T | null {
  return Object.values(group).some((value) => value !== null) ? group : null;
}

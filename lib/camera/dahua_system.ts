/**
 * System information over Dahua RPC.
 *
 * @module
 */

import { unwrap } from "../dhip/envelope.ts";
import type { Requester } from "../dhip/rpc.ts";
import { DhipError } from "../errors.ts";
import type { CallOptions } from "../net/stream.ts";
import { flag, number, object, text } from "./_fields.ts";
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
  restartPending: ["magicBox.needReboot", null],
  marketArea: ["magicBox.getMarketArea", null],
} as const;

type Field = keyof typeof GETTERS;

/** What only some devices tell: that they don't is not worth a word. */
const RARE: readonly Field[] = ["restartPending", "marketArea"];

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
      const note = (error: DhipError) => {
        if (!RARE.includes(field)) problems.push({ field, error });
      };
      const reply = await this.#rpc.request(method, params, options).catch((error) => {
        // Slowness may be one getter's own; a lost link or session concerns all of them.
        if (error instanceof DhipError && isOneGettersOwn(error)) note(error);
        else throw error;
      });
      if (reply === undefined) return [field, null];
      try {
        return [field, unwrap(reply.envelope, method, this.#rpc.host)];
      } catch (error) {
        note(error as DhipError);
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
    if (problems.length === fields.length - RARE.length) throw problems[0]!.error;
    return { ...info, problems: missed };
  }

  /**
   * A property that the maker gave the model, for example `MaxExtraStream`: any JSON value, in the
   * device's own words (dahua-rpc).
   *
   * @throws {DhipError} the device's refusal, also when it has none of that name; `DHIP_BAD_REPLY`
   *   when it tells nothing
   */
  async productDefinition(name: string, options: CallOptions = {}): Promise<unknown> {
    const method = "magicBox.getProductDefinition";
    const { envelope } = await this.#rpc.request(method, { name }, options);
    const { definition } = object(unwrap(envelope, method, this.#rpc.host));
    if (definition !== undefined && definition !== null) return definition;
    throw new DhipError("DHIP_BAD_REPLY", `${method} told nothing of ${name}`, {
      host: this.#rpc.host,
      method,
    });
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
  const pending = object(answers.restartPending);
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
    restartPending: truth(pending.needReboot ?? pending.NeedReboot),
    marketArea: text(object(answers.marketArea).AbroadInfo),
  };
}

/** dahua-rpc's ports read a number; the vendor's pages true and false. */
function truth(value: unknown): boolean | null {
  const count = number(value);
  return flag(value) ?? (count === null ? null : count !== 0);
}

/** A group of which nothing is known is null. */
function orNull<T extends object>(group: T): T | null {
  return Object.values(group).some((value) => value !== null) ? group : null;
}

/**
 * Results in the shapes of python-dhip, for lines in its form.
 *
 * @module
 */

import { maskSecrets } from "../camera/config_secrets.ts";
import type { PtzStatus } from "../camera/mod.ts";

import type { Context, DeviceWork } from "./context.ts";
import { type Device, serviceOf } from "./devices.ts";
import { periodOf, type PeriodValues } from "./period.ts";
import type { View } from "./view.ts";

/** `info` of python-dhip: six getters, and the first that fails ends the command. */
export async function pythonInfo(
  device: Device,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const rpc = serviceOf(device, "rpc");
  const get = (method: string) => rpc.call(method, {}, { signal });
  return {
    systemInfo: await get("magicBox.getSystemInfo"),
    softwareVersion: field(await get("magicBox.getSoftwareVersion"), "version"),
    vendor: field(await get("magicBox.getVendor"), "vendor", "Vendor"),
    serial: field(await get("magicBox.getSerialNo"), "sn"),
    memory: await get("magicBox.getMemoryInfo"),
    time: field(await get("global.getCurrentTime"), "time"),
  };
}

/** `users` of python-dhip: the device's own records. Digests that some list in them are masked. */
export async function pythonUsers(
  device: Device,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const rpc = serviceOf(device, "rpc");
  const users = await rpc.call("userManager.getUserInfoAll", {}, { signal });
  const groups = await rpc.call("userManager.getGroupInfoAll", {}, { signal });
  return maskSecrets({
    users: Array.isArray(users) ? users : field(users, "users"),
    groups: Array.isArray(groups) ? groups : field(groups, "groups"),
  }) as Record<string, unknown>;
}

/** A text as Python's `repr` writes it: in double quotes when it holds an apostrophe only. */
export function pythonRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escapes: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };
  const body = [...text].map((character) => {
    if (character === "\\" || character === quote) return `\\${character}`;
    if (escapes[character] !== undefined) return escapes[character];
    // Python's idea of what can be printed; the plain space can.
    if (!/[\p{C}\p{Z}]/u.test(character) || character === " ") return character;
    const code = character.codePointAt(0)!;
    const hex = code.toString(16);
    if (code < 0x100) return `\\x${hex.padStart(2, "0")}`;
    return code < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
  }).join("");
  return quote + body + quote;
}

/** `ptz position` of python-dhip: pan and tilt in degrees, or all that the device sent. */
export function pythonPosition(
  { position, raw }: PtzStatus,
  degrees: boolean,
): readonly number[] {
  if (!degrees) return raw ?? [];
  return position === null ? [] : [position.pan, position.tilt];
}

/** `files` of python-dhip: a list of what the device says, in its own words. */
export function pythonFiles(
  { signal }: Context,
  options: PeriodValues & { readonly channel: readonly (number | string)[] },
): DeviceWork<unknown> {
  return async (device) => {
    const { infos } = serviceOf(device, "recordings");
    if (infos === undefined) throw new TypeError("python-dhip's form is for Dahua's protocol");
    const filter = await periodOf(device, options, signal);
    const channels = options.channel.map(Number);
    const found: unknown[] = [];
    const search = infos.call(device.recordings, { ...filter, channels }, { signal });
    for await (const info of search) found.push(info);
    return found;
  };
}

/** JSON in every format. */
export const pythonView: View<unknown> = {
  table: (result) => JSON.stringify(result, undefined, 2),
};

/** A list of texts as Python prints it. */
export function pythonList(items: readonly string[]): string {
  return `[${items.map((item) => `'${item}'`).join(", ")}]`;
}

function field(payload: unknown, ...names: string[]): unknown {
  if (typeof payload !== "object" || payload === null) return payload;
  const name = names.find((name) => name in payload);
  return name === undefined ? "" : (payload as Record<string, unknown>)[name];
}

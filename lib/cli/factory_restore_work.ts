/**
 * What `dhip factory-restore` does on one device.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import type { Context, DeviceWork } from "./context.ts";
import { serviceOf } from "./devices.ts";
import { shellQuote } from "./text.ts";
import { usageError } from "./usage.ts";
import type { View } from "./view.ts";

/** Options of `dhip factory-restore`. */
export interface FactoryRestoreOptions {
  readonly except: readonly string[];
  readonly only: readonly string[];
  readonly confirm: string | undefined;
}

/** What `dhip factory-restore` did or would do. */
export interface FactoryRestoreResult {
  /** True when the device was told. */
  readonly applied: boolean;
  /** Whether it was heard to do it; null when it was not told. */
  readonly confirmed: boolean | null;
  /** Tables that go back to the state of the factory. */
  readonly restores: readonly string[];
  /** Tables that stay. */
  readonly keeps: readonly string[];
  /** What `--confirm` has to be. */
  readonly confirmWith: readonly string[];
}

/** Words that stand for several tables. */
const GROUPS: Readonly<Record<string, RegExp>> = {
  network: /^(network|netglobal|wlan|pppoe|ddns|upnp|t2userver|dhcp|wireless)/i,
  users: /^user/i,
};

/** Shows, or does it when the confirmation is that of the device. */
export function factoryRestoreWork(
  { log, signal }: Context,
  options: FactoryRestoreOptions,
): DeviceWork<FactoryRestoreResult> {
  const except = tableWords("--except", options.except);
  const only = tableWords("--only", options.only);
  if (except.length > 0 && only.length > 0) {
    throw usageError("--except and --only do not go together");
  }
  return async (device, target) => {
    const power = serviceOf(device, "power");
    const info = await device.system.info({ signal });
    const ownName = target.device === undefined ? null : target.name;
    const confirmWith = [info.serial, info.name, ownName].filter((name) => name !== null);
    const names = await serviceOf(device, "config").names({ signal });
    const keeps = tablesOf(except, names);
    const restores = only.length > 0
      ? tablesOf(only, names)
      : names.filter((name) => !keeps.includes(name));
    if (except.some((word) => /^users$/i.test(word)) && tablesOf(["users"], names).length === 0) {
      log.notice(`${target.name}: accounts are no table of this device; it may keep them or not`);
    }
    const result = { restores, keeps, confirmWith };
    if (options.confirm === undefined) {
      const [first] = confirmWith;
      const how = first === undefined ? "" : `; to do it, add --confirm ${shellQuote(first)}`;
      log.notice(`${target.name}: nothing was changed${how}`);
      return { applied: false, confirmed: null, ...result };
    }
    if (!confirmWith.includes(options.confirm)) {
      throw new DhipError("DHIP_USAGE", "--confirm is not the name of this device", {
        host: device.host,
        hint: confirmWith.length === 0
          ? "The device tells neither a serial number nor a name; give it one in the config file."
          : `It is: ${confirmWith.join(" or ")}. Nothing was changed.`,
      });
    }
    const scope = only.length > 0 ? { only: restores } : { except: keeps };
    const { confirmed } = await power.restoreDefaults(scope, { signal });
    return { applied: true, confirmed, ...result };
  };
}

/** The words of an option. Of none at all would follow that everything is restored. */
function tableWords(option: string, texts: readonly string[]): string[] {
  const words = texts.flatMap((text) => text.split(","))
    .map((word) => word.trim()).filter((word) => word !== "");
  if (texts.length === 0 || words.length > 0) return words;
  throw usageError(`${option} names no table`, "Nothing was changed. Is a variable empty?");
}

/** The tables that are meant. */
function tablesOf(wanted: readonly string[], names: readonly string[]): string[] {
  const tables = wanted.flatMap((word) => {
    const group = GROUPS[word.toLowerCase()];
    if (group !== undefined) return names.filter((name) => group.test(name));
    const exact = names.find((name) => name.toLowerCase() === word.toLowerCase());
    if (exact !== undefined) return [exact];
    throw usageError(`The device has no table ${word}`, "dhip config names TARGET lists them.");
  });
  return [...new Set(tables)];
}

/** How it looks. */
export const restoreView: View<FactoryRestoreResult> = {
  table({ applied, restores, keeps }) {
    const what = applied ? "restored" : "would be restored";
    return {
      head: ["Table", "What"],
      rows: [...restores.map((name) => [name, what]), ...keeps.map((name) => [name, "stays"])],
    };
  },
  csv({ applied, restores, keeps }) {
    return {
      head: ["table", "restored", "applied"],
      rows: [
        ...restores.map((name) => [name, true, applied]),
        ...keeps.map((name) => [name, false, applied]),
      ],
    };
  },
};

/**
 * Storage of a Dahua device: `storage.getDeviceAllInfo`, `recordManager.getState` and the tables
 * `RecordMode` and `StorageGroup`.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import type { CallOptions } from "../net/stream.ts";
import { amount, flag, list, object, text } from "./_fields.ts";
import { channelPlace, channelRows } from "./_channel_table.ts";
import { DahuaChannels } from "./dahua_channels.ts";
import { DahuaConfig } from "./dahua_config.ts";
import type { DahuaLink } from "./link.ts";
import { type PlannedChange, plannedChange } from "./planned_change.ts";
import {
  type ChannelRecording,
  type Disk,
  type Partition,
  RECORDING_MODES,
  type RecordingMode,
  type StorageProblem,
  type StorageService,
  type StorageStatus,
} from "./storage.ts";

/** How devices without any disk or card refuse: 500 (SD-2N-4G), "declined", "no data". */
const NO_STORAGE = new Set([500, 268959743, 285409284]);
/** States of a disk that works. `Success` by the HTTP API; the others were seen in the wild. */
const WORKS = /^(success|normal|ok|run(ning)?|good|active|health(y)?|readwrite|initializing)$/i;

/** {@linkcode StorageService} of a Dahua device. */
export class DahuaStorage implements StorageService {
  readonly #link: DahuaLink;
  readonly #config: DahuaConfig;

  /** Reads over the given link. */
  constructor(link: DahuaLink) {
    this.#link = link;
    this.#config = new DahuaConfig(link);
  }

  /** See {@linkcode StorageService.status}. */
  async status(options: CallOptions = {}): Promise<StorageStatus> {
    const [disks, rows, empty, overwrites] = await Promise.all([
      this.#disks(options),
      this.channels(options),
      this.#emptySlots(options),
      this.#overwrites(options),
    ]);
    const channels = rows.filter(({ channel }) => !empty.has(channel));
    const known = channels.filter(({ recording }) => recording !== null);
    const recording = known.length === 0 ? null : known.some(({ recording }) => recording);
    const problems = [...diskProblems(disks, overwrites), ...channels.flatMap(channelProblem)];
    return { disks, channels, recording, overwrites, problems };
  }

  /** See {@linkcode StorageService.planRecording}. */
  async planRecording(
    channel: number,
    mode: RecordingMode,
    options: CallOptions = {},
  ): Promise<PlannedChange> {
    const name = "RecordMode";
    const table = await this.#config.get(name, options);
    const steps = table === undefined ? [] : channelPlace(name, table, channel).steps;
    const path = { table: name, steps: [...steps, "Mode"] };
    const value = RECORDING_MODES.indexOf(mode);
    return plannedChange(this.#config, await this.#config.plan([{ path, value }], options));
  }

  async #disks(options: CallOptions): Promise<Disk[]> {
    try {
      // dahua-rpc's Rust port uses an object, DahuaConsole none.
      const payload = await this.#link.instanceCall(
        "storage",
        {},
        "getDeviceAllInfo",
        null,
        options,
      );
      const bare = Array.isArray(payload) ? payload : undefined;
      const { info, list: names } = object(payload);
      return list(bare ?? info ?? names).map(diskOf);
    } catch (error) {
      if (error instanceof DhipError && NO_STORAGE.has(error.deviceCode ?? 0)) return [];
      throw error;
    }
  }

  /** See {@linkcode StorageService.channels}. */
  async channels(options: CallOptions = {}): Promise<ChannelRecording[]> {
    const rows = channelRows(await this.#table("RecordMode", options));
    const channels: ChannelRecording[] = [];
    for (const [wire, row] of rows.entries()) {
      const mode = modeOf(row);
      const recording = await this.#state(wire, options);
      channels.push({ channel: wire + 1, mode, recording });
    }
    return channels;
  }

  /** Channels of a recorder without a camera: tables have rows for them too. */
  async #emptySlots(options: CallOptions): Promise<ReadonlySet<number>> {
    try {
      const { channels } = await new DahuaChannels(this.#link).list(options);
      return new Set(channels.filter((one) => one.enabled === false).map((one) => one.channel));
    } catch (error) {
      if (error instanceof DhipError && error.deviceCode !== undefined) return new Set();
      throw error;
    }
  }

  async #state(channel: number, options: CallOptions): Promise<boolean | null> {
    try {
      const payload = await this.#link.call("recordManager.getState", { channel }, options);
      return isOn(typeof payload === "boolean" ? payload : object(payload).state);
    } catch (error) {
      if (error instanceof DhipError && error.deviceCode !== undefined) return null;
      throw error;
    }
  }

  /** `StorageGroup[].OverWrite` (HTTP API). */
  async #overwrites(options: CallOptions): Promise<boolean | null> {
    const groups = list(await this.#table("StorageGroup", options))
      .map((group) => flag(object(group).OverWrite))
      .filter((value) => value !== null);
    return groups.length === 0 ? null : groups.some((value) => value);
  }

  async #table(name: string, options: CallOptions): Promise<unknown> {
    try {
      return await this.#config.get(name, options);
    } catch (error) {
      if (error instanceof DhipError && error.deviceCode !== undefined) return undefined;
      throw error;
    }
  }
}

/** `Mode` of `RecordMode` counts as {@linkcode RECORDING_MODES} does (HTTP API). */
function modeOf(row: unknown): RecordingMode | null {
  return RECORDING_MODES[amount(object(row).Mode) ?? -1] ?? null;
}

function diskOf(value: unknown): Disk {
  const fields = object(value);
  const partitions = list(fields.Detail ?? fields.Partitions).map(partitionOf);
  return {
    name: text(fields.Name) ?? text(fields.Device) ?? partitions[0]?.path ?? null,
    state: text(fields.State) ?? text(fields.Status),
    type: text(fields.Module) ?? text(fields.Type) ?? partitions[0]?.type ?? null,
    totalBytes: bytesOf(fields, "Total") ?? sum(partitions.map(({ totalBytes }) => totalBytes)),
    usedBytes: bytesOf(fields, "Used") ?? sum(partitions.map(({ usedBytes }) => usedBytes)),
    partitions,
  };
}

function partitionOf(value: unknown): Partition {
  const fields = object(value);
  const free = bytesOf(fields, "Free");
  const total = bytesOf(fields, "Total");
  return {
    path: text(fields.Path) ?? text(fields.Name),
    type: text(fields.Type),
    totalBytes: total,
    usedBytes: bytesOf(fields, "Used") ?? (total === null || free === null ? null : total - free),
    failed: flag(fields.IsError),
  };
}

/** `TotalBytes`, or `TotalSpace` in MiB on some recorders. */
function bytesOf(fields: Record<string, unknown>, kind: string): number | null {
  const space = amount(fields[`${kind}Space`]);
  return amount(fields[`${kind}Bytes`]) ?? (space === null ? null : space * 2 ** 20);
}

function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}

function diskProblems(disks: readonly Disk[], overwrites: boolean | null): StorageProblem[] {
  if (disks.length === 0) {
    return [{ kind: "no-disk", subject: "storage", text: "there is no disk or card" }];
  }
  return disks.flatMap((disk, index): StorageProblem[] => {
    const { state, totalBytes, usedBytes, partitions } = disk;
    const subject = disk.name ?? `disk ${index + 1}`;
    const broken = partitions.filter(({ failed }) => failed);
    if (broken.length > 0) {
      const where = broken.map(({ path }) => path ?? "a partition").join(", ");
      return [{ kind: "disk-failed", subject, text: `the device reports an error on ${where}` }];
    }
    if (state !== null && !WORKS.test(state)) {
      return [{ kind: "disk-failed", subject, text: `its state is ${state}` }];
    }
    if (totalBytes === 0) {
      return [{ kind: "disk-failed", subject, text: "it has no space at all" }];
    }
    const full = totalBytes !== null && usedBytes !== null && usedBytes >= totalBytes;
    if (!full || overwrites === true) return [];
    const text = overwrites === null
      ? "no space is left, and the device does not tell whether it overwrites"
      : "no space is left, and the device does not overwrite";
    return [{ kind: "disk-full", subject, text }];
  });
}

function channelProblem({ channel, mode, recording }: ChannelRecording): StorageProblem[] {
  const subject = `channel ${channel}`;
  if (recording === false) {
    const why = mode === null ? "" : ` (mode ${mode})`;
    return [{ kind: "not-recording", subject, text: `it does not record${why}` }];
  }
  if (recording === null && mode === "off") {
    return [{ kind: "not-recording", subject, text: "recording is switched off" }];
  }
  return [];
}

/** True or false, 1 or 0, `On` or `Off`, or an object with such a value for each stream. */
function isOn(value: unknown): boolean | null {
  if (typeof value === "boolean") return value;
  if (typeof value === "number") return value !== 0;
  if (typeof value === "string") return /^(on|true|1|record(ing)?)$/i.test(value);
  const inner = Object.values(object(value)).map(isOn).filter((one) => one !== null);
  return inner.length === 0 ? null : inner.some((one) => one);
}

/**
 * The memory card or disk of a device, and whether its channels record.
 *
 * @module
 */

import type { DeviceState } from "./state.ts";

/** Names and sizes by kind of device: recorders have a disk. */
const CARD = { name: "/dev/mmc0", path: "/mnt/sd", bus: "SD", total: 512_000_000_000 };
const HARD_DISK = {
  name: "/dev/sda",
  path: "/mnt/dvr/sda0",
  bus: "SATA",
  total: 8_000_000_000_000,
};

/** Values of `Mode` in the table `RecordMode`. */
const MODES = { automatic: 0, manual: 1, off: 2 } as const;

/** All storage devices; none without a card. */
export function storageDevices(state: DeviceState): Record<string, unknown>[] {
  if (!state.options.sdCard) return [];
  const { name, path, bus, total } = state.options.deviceClass === "NVR" ? HARD_DISK : CARD;
  // A full card forgets the oldest; the device keeps some room for that.
  const used = Math.min(state.disk.used(), Math.floor(total * 0.98));
  return [{
    Bus: bus,
    Detail: [{
      IsError: false,
      Path: path,
      TotalBytes: total,
      Type: "ReadWrite",
      UsedBytes: used,
    }],
    Name: name,
    State: "Success",
  }];
}

/** True when a channel, 0-based, records. */
export function records(state: DeviceState, channel: number): boolean {
  const mode = (state.config.get("RecordMode") as { Mode?: unknown }[] | undefined)?.[channel];
  return state.options.sdCard && mode?.Mode !== MODES.off;
}

/** Lets channels, 0-based, record by hand, or not at all; false without a card. */
export function switchRecording(state: DeviceState, channels: number[], on: boolean): boolean {
  if (!state.options.sdCard) return false;
  const Mode = on ? MODES.manual : MODES.off;
  const table = (state.config.get("RecordMode") as object[]).map((entry, channel) =>
    channels.includes(channel) ? { ...entry, Mode } : entry
  );
  state.config.write("RecordMode", table);
  return true;
}

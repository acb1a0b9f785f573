/**
 * How the storage of a device looks.
 *
 * @module
 */

import type { ChannelRecording, StorageProblem, StorageStatus } from "../camera/mod.ts";
import { DhipError } from "../errors.ts";
import { sizeText } from "./amounts.ts";
import type { Cell, View } from "./view.ts";

/** Looks of a {@linkcode StorageStatus}. */
export const storageView: View<StorageStatus> = {
  table(status) {
    const { disks, channels } = status;
    const rows = [
      ...disks.map(({ name, state, type, usedBytes, totalBytes }): Cell[] => [
        name ?? "disk",
        state,
        type,
        sizeText(usedBytes),
        sizeText(totalBytes),
        share(usedBytes, totalBytes),
      ]),
      ...channels.map(({ channel, mode, recording }): Cell[] => [
        `channel ${channel}`,
        recording === null ? null : recording ? "recording" : "not recording",
        mode,
        null,
        null,
        null,
      ]),
    ];
    if (rows.length === 0) return "No disk or card.\n";
    return { head: ["Name", "State", "Kind", "Used", "Size", "Full"], rows };
  },
  csv({ disks, channels }) {
    return {
      head: ["what", "name", "state", "kind", "used_bytes", "total_bytes"],
      rows: [
        ...disks.map(({ name, state, type, usedBytes, totalBytes }): Cell[] => [
          "disk",
          name,
          state,
          type,
          usedBytes,
          totalBytes,
        ]),
        ...channels.map(({ channel, mode, recording }): Cell[] => [
          "channel",
          channel,
          recording,
          mode,
          null,
          null,
        ]),
      ],
    };
  },
};

/**
 * How a channel records.
 *
 * @throws {DhipError} `DHIP_NOT_SUPPORTED` when the device does not tell
 * @throws {RangeError} when there is no such channel
 */
export function recordingOf(
  channels: readonly ChannelRecording[],
  channel: number,
  host: string,
): ChannelRecording {
  const found = channels.find((one) => one.channel === channel);
  if (found !== undefined) return found;
  if (channels.length > 0) {
    throw new RangeError(`No channel ${channel}; the device has ${channels.length}`);
  }
  throw new DhipError("DHIP_NOT_SUPPORTED", "The device does not tell how it records", { host });
}

/** Looks of a {@linkcode ChannelRecording}. */
export const recordingView: View<ChannelRecording> = {
  table: ({ mode, recording }) => ({
    head: ["Mode", "Recording"],
    rows: [[mode, recording === null ? null : recording ? "yes" : "no"]],
    record: true,
  }),
};

/** The error of storage with problems. */
export function storageError(
  host: string,
  problems: readonly StorageProblem[],
): DhipError | undefined {
  if (problems.length === 0) return undefined;
  const texts = problems.map(({ subject, text }) => `${subject}: ${text}`);
  return new DhipError("DHIP_CHECK_FAILED", texts.join("; "), { host });
}

function share(used: number | null, total: number | null): string | null {
  return used === null || !total ? null : `${Math.round(used / total * 100)} %`;
}

/**
 * Where a device records to, and whether it does.
 *
 * @module
 */

import type { CallOptions } from "../net/stream.ts";
import type { PlannedChange } from "./planned_change.ts";

/** A part of a disk. What the device does not tell is null. */
export interface Partition {
  /** Where it is mounted, or its name. */
  readonly path: string | null;
  /** How it is used, for example `ReadWrite`. */
  readonly type: string | null;
  /** Size in bytes. */
  readonly totalBytes: number | null;
  /** Used bytes. */
  readonly usedBytes: number | null;
  /** True when the device says that it is broken. */
  readonly failed: boolean | null;
}

/** A disk or card. What the device does not tell is null. */
export interface Disk {
  /** Name, for example `/dev/sda`. */
  readonly name: string | null;
  /** State in the device's words, for example `Success`. */
  readonly state: string | null;
  /** Kind or model. */
  readonly type: string | null;
  /** Size in bytes, over all partitions. */
  readonly totalBytes: number | null;
  /** Used bytes. A recorder that overwrites uses nearly all of them for ever. */
  readonly usedBytes: number | null;
  /** Parts. */
  readonly partitions: readonly Partition[];
}

/** By the schedule, always, or never. */
export const RECORDING_MODES = ["auto", "manual", "off"] as const;
/** By the schedule, always, or never. */
export type RecordingMode = typeof RECORDING_MODES[number];

/** How a channel records. */
export interface ChannelRecording {
  /** Channel, from 1. */
  readonly channel: number;
  /** Mode. */
  readonly mode: RecordingMode | null;
  /** True while it records. */
  readonly recording: boolean | null;
}

/** Something that is wrong with the storage. */
export interface StorageProblem {
  /** What it is. */
  readonly kind: "no-disk" | "disk-failed" | "disk-full" | "not-recording";
  /** Disk or channel. */
  readonly subject: string;
  /** What the device says about it. */
  readonly text: string;
}

/** What there is about the storage. */
export interface StorageStatus {
  /** Disks and cards; none is a problem. */
  readonly disks: readonly Disk[];
  /** Channels with a camera; none when the device does not tell. */
  readonly channels: readonly ChannelRecording[];
  /** Whether any channel records; null when the device does not tell. */
  readonly recording: boolean | null;
  /** Whether the oldest recordings make room for new ones; null when the device does not tell. */
  readonly overwrites: boolean | null;
  /** What is wrong. */
  readonly problems: readonly StorageProblem[];
}

/** Looks at the storage. */
export interface StorageService {
  /**
   * Reads disks and the state of the recording.
   *
   * @throws {DhipError} `DHIP_METHOD_NOT_FOUND` when the device tells nothing about storage
   */
  status(options?: CallOptions): Promise<StorageStatus>;
  /** How the channels record; none when the device does not tell. */
  channels(options?: CallOptions): Promise<readonly ChannelRecording[]>;
  /**
   * Works out a change of how a channel records.
   *
   * @param channel 1 is the first
   * @throws {RangeError} for a channel that the device does not have
   * @throws {DhipError} `DHIP_NOT_SUPPORTED` when the device has no such setting
   */
  planRecording(
    channel: number,
    mode: RecordingMode,
    options?: CallOptions,
  ): Promise<PlannedChange>;
}

/**
 * A camera or recorder, whatever protocol it speaks.
 *
 * @module
 */

import type { ChannelsService } from "./channels.ts";
import type { ClockService } from "./clock.ts";
import type { DeterrentService } from "./deterrent.ts";
import type { ImageService } from "./image.ts";
import type { LensService } from "./lens.ts";
import type { LiveService } from "./live/live.ts";
import type { LogsService } from "./logs.ts";
import type { NetworkService } from "./network.ts";
import type { DownloadService } from "./download/download.ts";
import type { NativeLiveService } from "./live/native.ts";
import type { OverlayService } from "./overlay.ts";
import type { PowerService } from "./power.ts";
import type { RecordingsService } from "./recordings.ts";
import type { SnapshotService } from "./snapshot.ts";
import type { StorageService } from "./storage.ts";
import type { EventsService } from "./events.ts";
import type { SystemService } from "./system.ts";
import type { UpgradeService } from "./upgrade.ts";
import type { UsersService } from "./users.ts";
import type { PtzService } from "./ptz/ptz.ts";

/**
 * What a device can be asked for, by the name of the service. `config` and `rpc` (configuration
 * tables and raw calls) exist for some protocols only.
 */
export type Capability =
  | "system"
  | "channels"
  | "clock"
  | "deterrent"
  | "download"
  | "events"
  | "image"
  | "lens"
  | "live"
  | "logs"
  | "nativeLive"
  | "network"
  | "overlay"
  | "power"
  | "ptz"
  | "recordings"
  | "snapshot"
  | "storage"
  | "upgrade"
  | "users"
  | "config"
  | "rpc";

/**
 * The neutral interface. It carries no word of any protocol, so that commands written against it
 * work with every device that implements it.
 */
export interface Camera extends AsyncDisposable {
  /** `host:port`. */
  readonly host: string;
  /** What this device can be asked for through dhip. */
  readonly capabilities: ReadonlySet<Capability>;
  /** What the device is and how it fares. */
  readonly system: SystemService;
  /** Its pictures: names, sources and streams. */
  readonly channels?: ChannelsService;
  /** Still pictures. */
  readonly snapshot?: SnapshotService;
  /** Turning, tilting and zooming. */
  readonly ptz?: PtzService;
  /** What it draws over its pictures. */
  readonly overlay?: OverlayService;
  /** Its time, zone and time server. */
  readonly clock?: ClockService;
  /** Recorded files. */
  readonly download?: DownloadService;
  /** Live streams in the device's own container. */
  readonly nativeLive?: NativeLiveService;
  /** Accounts, groups and who is logged in. */
  readonly users?: UsersService;
  /** What it has recorded. */
  readonly recordings?: RecordingsService;
  /** Its log. */
  readonly logs?: LogsService;
  /** Live pictures and sound. */
  readonly live?: LiveService;
  /** Its disks, and whether it records. */
  readonly storage?: StorageService;
  /** Day and night, lights, privacy. */
  readonly image?: ImageService;
  /** Motors of its lens. */
  readonly lens?: LensService;
  /** Siren and warning light. */
  readonly deterrent?: DeterrentService;
  /** Restarting it, switching it off, and making it forget its settings. */
  readonly power?: PowerService;
  /** Its firmware. */
  readonly upgrade?: UpgradeService;
  /** How it is connected. */
  readonly network?: NetworkService;
  /** What the device tells of its own accord. */
  readonly events?: EventsService;
  /** Logs out and closes the connection. Bounded in time; closing twice is harmless. */
  close(): Promise<void>;
}

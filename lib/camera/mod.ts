/**
 * What a user does with a device.
 *
 * @module
 */

export type { Camera, Capability } from "./camera.ts";
export {
  type ChannelInfo,
  type ChannelList,
  type ChannelsService,
  type ChannelStream,
  findChannel,
} from "./channels.ts";
export { type BackupOptions, type ConfigBackup, makeBackup } from "./config_backup.ts";
export { parseBackup, tablesToRestore } from "./config_backup.ts";
export { type Difference, diffTables } from "./config_diff.ts";
export {
  assign,
  type Assignment,
  type ConfigPath,
  formatConfigPath,
  parseAssignment,
  parseConfigPath,
  type PathStep,
  valueAt,
} from "./config_path.ts";
export { MASK, maskSecrets } from "./config_secrets.ts";
export { type ConnectOptions, DahuaCamera } from "./dahua_camera.ts";
export { type ChannelSource, DahuaChannels } from "./dahua_channels.ts";
export {
  type ChangeOutcome,
  type ConfigPlan,
  DahuaConfig,
  planTables,
  type SetOutcome,
} from "./dahua_config.ts";
export type { EncryptOptions } from "./encrypt.ts";
export type { Transport, TransportOptions } from "./open_session.ts";
export type {
  ClockDrift,
  ClockOptions,
  ClockReading,
  ClockService,
  ClockSync,
  DeviceTimeZone,
  NtpChange,
  NtpSettings,
  SummerTime,
  SummerTimeRule,
} from "./clock.ts";
export { DahuaOverlay } from "./dahua_overlay.ts";
export {
  type ItemChange,
  type Overlay,
  OVERLAY_MAX,
  type OverlayChange,
  type OverlayCover,
  type OverlayItem,
  type OverlayRect,
  type OverlayService,
  type OverlayText,
} from "./overlay.ts";
export { type ClockLink, DahuaClock } from "./dahua_clock.ts";
export { type PlannedChange, plannedChange } from "./planned_change.ts";
export { DahuaUsers } from "./dahua_users.ts";
export { DahuaSystem } from "./dahua_system.ts";
export { DahuaPtz } from "./ptz/dahua_ptz.ts";
export type {
  NumberOrName,
  PatternService,
  PresetService,
  Remembered,
  ScanService,
  TourService,
} from "./ptz/memory.ts";
export type { PtzOptions, PtzSpeedOptions } from "./ptz/options.ts";
export {
  type Aim,
  type Arrival,
  type Direction,
  DIRECTIONS,
  LENS_MOTIONS,
  type LensMotion,
  type Motion,
  type Movement,
  type PicturePoint,
  type PtzCapabilities,
  type PtzPosition,
  type PtzRange,
  type PtzService,
  type PtzStatus,
  type SettleOptions,
  type Velocity,
} from "./ptz/ptz.ts";
export type { PtzScale } from "./ptz/report.ts";
export { type MultiCall, type MultiCallResult, RpcClient } from "./rpc_client.ts";
export type { ChannelBase, Snapshot, SnapshotOptions, SnapshotService } from "./snapshot.ts";
export type { SystemInfo, SystemService } from "./system.ts";
export type {
  ActiveUser,
  NewPassword,
  NewUser,
  PasswordChange,
  User,
  UserChange,
  UserGroup,
  UserProperties,
  UsersService,
} from "./users.ts";

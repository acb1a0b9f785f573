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
export type { ConfigChange, ConfigLink, ConfigStream, ConfigWatchOptions } from "./config_watch.ts";
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
export { DahuaDeterrent } from "./dahua_deterrent.ts";
export { DahuaImage } from "./dahua_image.ts";
export { DahuaLens } from "./dahua_lens.ts";
export type { LensAim, LensService, LensSettleOptions, LensState } from "./lens.ts";
export { DahuaLogs } from "./dahua_logs.ts";
export { DahuaLive } from "./live/dahua_live.ts";
export type { RtspAccess } from "./live/rtsp_access.ts";
export type { LiveOptions, LiveService, LiveStream } from "./live/live.ts";
export { mpegTs, type MpegTsOptions } from "./live/mpeg_ts.ts";
export { type LiveProbe, probeLive, type ProbeLiveOptions } from "./live/probe_live.ts";
export { recordLive, type RecordOptions } from "./live/record_live.ts";
export { DahuaNetwork } from "./dahua_network.ts";
export { DahuaPower } from "./dahua_power.ts";
export { DahuaRecordings } from "./dahua_recordings.ts";
export { DahuaStorage } from "./dahua_storage.ts";
export { DahuaUpgrade } from "./dahua_upgrade.ts";
export {
  type Deterrent,
  DETERRENTS,
  type DeterrentService,
  type DeterrentState,
} from "./deterrent.ts";
export {
  DAY_NIGHT_MODES,
  type DayNight,
  type DayNightMode,
  type ImageProfile,
  type ImageService,
  type Light,
  LIGHT_KINDS,
  LIGHT_MODES,
  type LightChange,
  type LightKind,
  type LightMode,
} from "./image.ts";
export type { LogEntry, LogFilter, LogSearchOptions, LogsService } from "./logs.ts";
export type {
  InterfaceOptions,
  NetworkInterface,
  NetworkService,
  NetworkStatus,
  WirelessNetwork,
} from "./network.ts";
export { DahuaEvents, type EventSources } from "./dahua_events.ts";
export type { EncryptOptions } from "./encrypt.ts";
export type { EventsService, EventStream, WatchOptions } from "./events.ts";
export { EVENT_CODES, type EventCodeInfo } from "./events/codes.ts";
export {
  type CameraEvent,
  EVENT_KINDS,
  type EventAction,
  type EventKind,
  type EventObject,
  type EventRecord,
  type EventTransport,
  type GapRecord,
  type ResyncRecord,
  type StateRecord,
  type StreamRecord,
  type StreamState,
} from "./events/event.ts";
export type { LogEntryOfEvent, LogOfEvents } from "./events/log_events.ts";
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
export type {
  Download,
  DownloadOptions,
  DownloadService,
  RemoteFile,
} from "./download/download.ts";
export { type Destination, type Fetched, fetchFile, type FetchOptions } from "./download/fetch.ts";
export { type ClipOptions, type ClipReport, type ClipServices, makeClip } from "./clip/clip.ts";
export type { Period } from "./clip/period.ts";
export type { NativeLive, NativeLiveOptions, NativeLiveService } from "./live/native.ts";
export { DahuaUsers } from "./dahua_users.ts";
export type {
  PowerOutcome,
  PowerService,
  RebootOptions,
  RebootOutcome,
  RestoreScope,
} from "./power.ts";
export {
  type Recording,
  RECORDING_FLAGS,
  RECORDING_STREAMS,
  RECORDING_TYPES,
  type RecordingFilter,
  type RecordingFlag,
  type RecordingSearchOptions,
  type RecordingsService,
  type RecordingStream,
  type RecordingType,
} from "./recordings.ts";
export {
  type ChannelRecording,
  type Disk,
  type Partition,
  RECORDING_MODES,
  type RecordingMode,
  type StorageProblem,
  type StorageService,
  type StorageStatus,
} from "./storage.ts";
export type { UpgradeService, UpgradeState, UploadOptions, UploadOutcome } from "./upgrade.ts";
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
export type {
  ChannelBase,
  PictureDecoder,
  Snapshot,
  SnapshotOptions,
  SnapshotService,
} from "./snapshot.ts";
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

/**
 * dhip: talk to Dahua-protocol cameras and recorders.
 *
 * ```ts
 * import { DahuaCamera } from "@dhip/dhip";
 * import { Simulator } from "@dhip/dhip/simulator";
 *
 * // A simulated camera; with a real one, only the target and the password differ.
 * await using simulator = await Simulator.start({ password: "secret" });
 * const [device] = simulator.devices;
 *
 * await using camera = await DahuaCamera.connect(`${device!.host}:${device!.dhipPort}`, {
 *   user: "admin",
 *   password: "secret",
 * });
 * const info = await camera.system.info();
 * console.log(`${info.model}, serial ${info.serial}, firmware ${info.firmware?.version}`);
 *
 * // Any method of the device, by name:
 * console.log(await camera.rpc.call("configManager.getConfig", { name: "General" }));
 * ```
 *
 * @module
 */

export {
  type ActiveUser,
  type Aim,
  type Arrival,
  assign,
  type Assignment,
  type BackupOptions,
  type Camera,
  type CameraEvent,
  type Capability,
  type ChangeOutcome,
  type ChannelBase,
  type ChannelInfo,
  type ChannelList,
  type ChannelSource,
  type ChannelsService,
  type ChannelStream,
  type ClipOptions,
  type ClipReport,
  type ClipServices,
  type ClockDrift,
  type ClockLink,
  type ClockOptions,
  type ClockReading,
  type ClockService,
  type ClockSync,
  type ConfigBackup,
  type ConfigChange,
  type ConfigLink,
  type ConfigPath,
  type ConfigPlan,
  type ConfigStream,
  type ConfigWatchOptions,
  type ConnectOptions,
  DahuaCamera,
  DahuaChannels,
  DahuaClock,
  DahuaConfig,
  DahuaEvents,
  DahuaOverlay,
  DahuaPtz,
  DahuaSystem,
  DahuaUsers,
  type Destination,
  type DeviceTimeZone,
  type Difference,
  diffTables,
  type Direction,
  DIRECTIONS,
  type Download,
  type DownloadOptions,
  type DownloadService,
  type EncryptOptions,
  EVENT_CODES,
  EVENT_KINDS,
  type EventAction,
  type EventCodeInfo,
  type EventKind,
  type EventObject,
  type EventRecord,
  type EventSources,
  type EventsService,
  type EventStream,
  type EventTransport,
  type Fetched,
  fetchFile,
  type FetchOptions,
  findChannel,
  formatConfigPath,
  type GapRecord,
  type ItemChange,
  LENS_MOTIONS,
  type LensMotion,
  type LogEntryOfEvent,
  type LogOfEvents,
  makeBackup,
  makeClip,
  MASK,
  maskSecrets,
  type Motion,
  type Movement,
  mpegTs,
  type MpegTsOptions,
  type MultiCall,
  type MultiCallResult,
  type NativeLive,
  type NativeLiveOptions,
  type NativeLiveService,
  type NewPassword,
  type NewUser,
  type NtpChange,
  type NtpSettings,
  type NumberOrName,
  type Overlay,
  OVERLAY_MAX,
  type OverlayChange,
  type OverlayCover,
  type OverlayItem,
  type OverlayRect,
  type OverlayService,
  type OverlayText,
  parseAssignment,
  parseBackup,
  parseConfigPath,
  type PasswordChange,
  type PathStep,
  type PatternService,
  type Period,
  type PictureDecoder,
  type PicturePoint,
  type PlannedChange,
  plannedChange,
  planTables,
  type PresetService,
  type PtzCapabilities,
  type PtzOptions,
  type PtzPosition,
  type PtzRange,
  type PtzScale,
  type PtzService,
  type PtzSpeedOptions,
  type PtzStatus,
  recordLive,
  type RecordOptions,
  type Remembered,
  type RemoteFile,
  type ResyncRecord,
  RpcClient,
  type RtspAccess,
  type ScanService,
  type SetOutcome,
  type SettleOptions,
  type Snapshot,
  type SnapshotOptions,
  type SnapshotService,
  type StateRecord,
  type StreamRecord,
  type StreamState,
  type SummerTime,
  type SummerTimeRule,
  type SystemInfo,
  type SystemService,
  tablesToRestore,
  type TourService,
  type Transport,
  type TransportOptions,
  type User,
  type UserChange,
  type UserGroup,
  type UserProperties,
  type UsersService,
  valueAt,
  type Velocity,
  type WatchOptions,
} from "./lib/camera/mod.ts";

export {
  type ChannelRecording,
  DahuaDeterrent,
  DahuaImage,
  DahuaLens,
  DahuaLive,
  DahuaLogs,
  DahuaNetwork,
  DahuaPower,
  DahuaRecordings,
  DahuaStorage,
  DahuaUpgrade,
  DAY_NIGHT_MODES,
  type DayNight,
  type DayNightMode,
  type Deterrent,
  DETERRENTS,
  type DeterrentService,
  type DeterrentState,
  type Disk,
  type ImageProfile,
  type ImageService,
  type InterfaceOptions,
  type LensAim,
  type LensService,
  type LensSettleOptions,
  type LensState,
  type Light,
  LIGHT_KINDS,
  LIGHT_MODES,
  type LightChange,
  type LightKind,
  type LightMode,
  type LiveOptions,
  type LiveProbe,
  type LiveService,
  type LiveStream,
  type LogEntry,
  type LogFilter,
  type LogSearchOptions,
  type LogsService,
  type NetworkInterface,
  type NetworkService,
  type NetworkStatus,
  type Partition,
  type PowerOutcome,
  type PowerService,
  probeLive,
  type ProbeLiveOptions,
  type RebootOptions,
  type RebootOutcome,
  type Recording,
  RECORDING_FLAGS,
  RECORDING_MODES,
  RECORDING_STREAMS,
  RECORDING_TYPES,
  type RecordingFilter,
  type RecordingFlag,
  type RecordingMode,
  type RecordingSearchOptions,
  type RecordingsService,
  type RecordingStream,
  type RecordingType,
  type RestoreScope,
  type StorageProblem,
  type StorageService,
  type StorageStatus,
  type UpgradeService,
  type UpgradeState,
  type UploadOptions,
  type UploadOutcome,
  type WirelessNetwork,
} from "./lib/camera/mod.ts";

export {
  type Bundle,
  type BundleOptions,
  type Check,
  diagnose,
  type Diagnosis,
  type DoctorOptions,
  type Finding,
  type FindingStatus,
  makeBundle,
  type Service,
} from "./lib/camera/doctor/mod.ts";

export { RpcSession } from "./lib/dhip/session.ts";
export { DHIP_PORT, type SessionOptions } from "./lib/dhip/session_options.ts";
export { type HttpSessionOptions, openHttpSession } from "./lib/dhip/http_session.ts";
export type { ChannelEvents, ChannelRequest, OpenChannel, RpcChannel } from "./lib/dhip/channel.ts";
export { type Addressing, Instances, type ServiceObject } from "./lib/dhip/instances.ts";
export { type Push, PushStream, type SubscribeOptions } from "./lib/dhip/push_stream.ts";
export type {
  IsComplete,
  Requester,
  RpcCallOptions,
  RpcReply,
  SessionRequester,
} from "./lib/dhip/rpc.ts";
export type { RpcRequest, SessionId } from "./lib/dhip/envelope.ts";
export type { FrameLimits, JsonObject } from "./lib/dhip/frame.ts";
export type { Credentials, LoginOptions } from "./lib/dhip/login.ts";

export { inspectJpeg, type JpegVerdict } from "./lib/media/jpeg.ts";
export {
  discover,
  discoverAll,
  type DiscoverOptions,
  type DiscoveryReport,
} from "./lib/dhip/discovery.ts";
export type { DiscoveredDevice } from "./lib/dhip/discovery_codec.ts";
export type { OwnNetwork } from "./lib/dhip/discovery_targets.ts";

export type { ByteStream, CallOptions, Dialer } from "./lib/net/stream.ts";
export { CONNECT_TIMEOUT, tcpDialer, type TcpDialerOptions } from "./lib/net/tcp.ts";
export { streamPair, type StreamPairOptions } from "./lib/net/memory.ts";
export {
  type Datagram,
  type DatagramAddress,
  type DatagramOptions,
  type Datagrams,
  type MulticastOptions,
  type OpenDatagrams,
  openDatagrams,
} from "./lib/net/udp.ts";
export { parseTarget, type Target } from "./lib/net/target.ts";
export { backoff, type BackoffOptions } from "./lib/net/backoff.ts";
export { type Clock, systemClock, type Timer } from "./lib/net/clock.ts";
export {
  type LoginAttempt,
  type LoginGuard,
  type LoginIdentity,
  MemoryLoginGuard,
} from "./lib/net/login_guard.ts";
export {
  type PeerCertificate,
  type TlsDialer,
  tlsDialer,
  type TlsOptions,
  TlsStream,
} from "./lib/net/tls.ts";
export { isSecure, type SecureDialer } from "./lib/net/secure_dialer.ts";
export type { TrustReason } from "./lib/net/certificate_trust.ts";
export { type CertificatePin, MemoryPinStore, type PinStore } from "./lib/net/pin_store.ts";

export {
  AuthError,
  type AuthErrorOptions,
  DhipError,
  type DhipErrorOptions,
  ERROR_CODES,
  type ErrorCode,
  type ErrorCodeInfo,
  FrameError,
  type FrameFault,
} from "./lib/errors.ts";

export {
  CLOUD_PORT,
  type CloudProfile,
  type DeviceCredentials,
  type DeviceOptions,
  type ExchangeSign,
  Forward,
  type ForwardEnd,
  type ForwardEvent,
  type ForwardOptions,
  type HandshakeOptions,
  type HandshakeStep,
  type HandshakeStepName,
  type MuxFailure,
  type MuxOptions,
  openPath,
  P2pTunnel,
  type PseudoTcpFailure,
  type TunnelEvent,
  type TunnelOptions,
  type TunnelPath,
  type TunnelStats,
} from "./lib/p2p/mod.ts";

export {
  type AudioMode,
  type Container,
  containerOf,
  type FileReason,
  FileSink,
  type FileSinkOptions,
  type RecordedFile,
  Recorder,
  type RecorderOptions,
  type RecordingGap,
  type RecordingProgress,
  type RecordingResult,
  type RecordingSink,
  StreamSink,
} from "./lib/media/recorder/mod.ts";
export type {
  AudioCodec,
  MediaCodec,
  MediaTrack,
  MediaUnit,
  VideoCodec,
} from "./lib/media/unit.ts";
export type { ProbedAudio, ProbedVideo } from "./lib/media/probe/unit_probe.ts";
export type { ProbeGap, StreamFigures } from "./lib/media/probe/stream_stats.ts";
export type { NalCodec } from "./lib/media/annexb.ts";
export { RTSP_PORT, RtspStream, type RtspStreamOptions } from "./lib/media/rtsp/rtsp_stream.ts";

/**
 * A fake camera that real programs can be pointed at: with state, with faults, without hardware.
 *
 * ```ts
 * import { Simulator } from "@dhip/dhip/simulator";
 *
 * await using simulator = await Simulator.start({ user: "admin", password: "admin54321", seed: 1 });
 * simulator.fault("late-reply", { method: "magicBox.getSerialNo", delay: 50, times: 1 });
 * simulator.event({ code: "VideoMotion", action: "Start", channel: 1 });
 * const { host, dhipPort } = simulator.devices[0]!;
 * if (host !== "127.0.0.1" || dhipPort === 0) throw new Error("unexpected");
 * ```
 *
 * @module
 */

export { type RestartOptions, SimulatedDevice } from "./device.ts";
export type { DiscoveryPorts, DiscoveryReply } from "./discovery.ts";
export type { EventAction, SimulatedEvent } from "./events.ts";
export {
  type FaultInfo,
  type FaultOptionInfo,
  type FaultOptions,
  FAULTS,
  type FaultSpec,
  type FaultValue,
  parseFault,
  type ResolvedFault,
} from "./faults.ts";
export type { LogBook, LogEntry, NewLogEntry } from "./log_book.ts";
export type { DeviceClass, DeviceOptions, LoginEncryption, SimulatedUser } from "./options.ts";
export type { RecordingChange, RecordingFlag, SimulatedRecording } from "./recordings/wanted.ts";
export type { LoadfileForm, MediaOptions, RtspAuth } from "./media/options.ts";
export type { SoundCodec } from "./media/program.ts";
export type { PictureSize, VideoCodec } from "./media/source.ts";
export type { CloudProfileLine, CloudStats } from "./p2p/cloud.ts";
export type { CloudOptions, P2pOptions } from "./p2p/options.ts";
export type { TunnelOptions } from "./p2p/device_tunnel.ts";
export type { PseudoTcpOptions } from "./p2p/pseudo_tcp_options.ts";
export type { P2pStats } from "./p2p/stats.ts";
export type { DeviceQuirks } from "./quirks.ts";
export type { HttpAuth, HttpQop, WebGeneration, WebOptions } from "./web/options.ts";
export { SIMULATED_SECRETS } from "./tables/secrets.ts";
export { SIMULATED_FILE } from "./services/file_manager.ts";
export {
  type ReadyLine,
  type RunningDevice,
  Simulator,
  type SimulatorOptions,
  type SimulatorStats,
} from "./simulator.ts";
export type {
  DeviceStats,
  DiscoveryStats,
  LoginService,
  PtzCommand,
  RtspStats,
  ServiceStats,
  UpgradeUpload,
} from "./stats.ts";
export type { FrontFault, NetworkFront } from "./front.ts";
export type { Clock, Timer } from "../net/clock.ts";
export type { ByteStream } from "../net/stream.ts";

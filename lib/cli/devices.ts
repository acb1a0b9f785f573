/**
 * What commands need of the library. Tests put fakes in its place.
 *
 * @module
 */

import type {
  Camera,
  Capability,
  ConnectOptions,
  DahuaConfig,
  DahuaPtz,
  DahuaRecordings,
  DahuaSystem,
  PtzService,
  RecordingsService,
  RpcClient,
  SystemService,
} from "../camera/mod.ts";
import type { Dialer } from "../net/stream.ts";
import type { Target } from "../net/target.ts";
import type { PeerCertificate } from "../net/tls.ts";
import type { P2pTunnel, TunnelOptions } from "../p2p/tunnel.ts";
import type { Simulator, SimulatorOptions } from "../simulator/mod.ts";
import { DhipError } from "../errors.ts";
import type { CliIo } from "./io.ts";
import type { State } from "./remembered.ts";

/** Raw calls of a device's own protocol. */
export type RpcAccess = Pick<
  RpcClient,
  "call" | "request" | "services" | "methods" | "multicall"
>;

/** Configuration tables. */
export type ConfigAccess = Pick<
  DahuaConfig,
  "get" | "all" | "names" | "members" | "defaults" | "plan" | "apply" | "watch"
>;

/** A head that turns; only Dahua's has codes and a status of its own. */
export type PtzAccess = PtzService & Partial<Pick<DahuaPtz, "runCode" | "rawStatus">>;

/** Recordings; with Dahua's protocol also in the device's own words. */
export type RecordingsAccess = RecordingsService & Partial<Pick<DahuaRecordings, "infos">>;

/** What a device is; with Dahua's protocol also what its maker defined. */
export type SystemAccess = SystemService & Partial<Pick<DahuaSystem, "productDefinition">>;

/** A connected device. Only some protocols have raw calls and configuration tables. */
export interface Device extends Camera {
  readonly rpc?: RpcAccess;
  readonly config?: ConfigAccess;
  readonly ptz?: PtzAccess;

  readonly recordings?: RecordingsAccess;
  readonly system: SystemAccess;
}

/** A running simulator, as far as the command line is concerned. */
export type RunningSimulator = Pick<Simulator, "ready"> & AsyncDisposable;

/** A tunnel to a device. */
export type Tunnel = Pick<P2pTunnel, "host" | "dial" | "ready" | "stats" | "close">;

/** A host and a port. */
export interface SocketAddress {
  readonly host: string;
  readonly port: number;
}

/** Limits of a look at a certificate. */
export interface CertificateOptions {
  readonly signal: AbortSignal;
  /** The way to a device that has no address. */
  readonly dialer?: Dialer | undefined;
  /** In milliseconds, for the connection and for the handshake. */
  readonly timeout?: number | undefined;
}

/** The library behind the commands. */
export interface Library {
  /** Connects and logs in. */
  connect(target: Target, options: ConnectOptions): Promise<Device>;
  /** A device that is contacted when it is first asked for something. */
  at(target: Target, options: ConnectOptions): Promise<Device>;
  /**
   * The certificate that a device shows. Nothing is pinned and nothing else is sent.
   *
   * @throws {DhipError} as a connection with TLS
   */
  certificate(address: SocketAddress, options: CertificateOptions): Promise<PeerCertificate>;
  /** A tunnel to a device, not yet opened. */
  tunnel(options: TunnelOptions): Promise<Tunnel>;
  /** Starts a simulator. */
  simulate(options: SimulatorOptions): Promise<RunningSimulator>;
  /** What is remembered between runs. `onProblem` hears of what cannot be read or kept. */
  state(io: Pick<CliIo, "env" | "now">, onProblem: (text: string) => void): Promise<State>;
}

/** The library itself, loaded when it is first needed. */
export const library: Library = {
  async connect(target, options) {
    const { DahuaCamera } = await import("../camera/mod.ts");
    return await DahuaCamera.connect(target, options);
  },
  async at(target, options) {
    const { DahuaCamera } = await import("../camera/mod.ts");
    return DahuaCamera.at(target, options);
  },
  async certificate({ host, port }, { signal, timeout, dialer: way }) {
    const { tcpDialer } = await import("../net/tcp.ts");
    const { tlsDialer } = await import("../net/tls.ts");
    const { MemoryPinStore } = await import("../net/pin_store.ts");
    // An empty store: what is judged is the certificate, not what was seen before.
    const dialer = tlsDialer(way ?? tcpDialer(host), {
      pins: new MemoryPinStore(),
      handshakeTimeout: timeout,
    });
    await using stream = await dialer.dial(port, { signal, timeout });
    return stream.certificate;
  },
  async tunnel(options) {
    const { P2pTunnel } = await import("../p2p/tunnel.ts");
    return new P2pTunnel(options);
  },
  async simulate(options) {
    const { Simulator } = await import("../simulator/mod.ts");
    return await Simulator.start(options);
  },
  async state(io, onProblem) {
    const { openState } = await import("./state/state.ts");
    return await openState(io, onProblem);
  },
};

/** Services that not every device has, and what a device without one lacks, for the error. */
const NAMES = {
  channels: "channels",
  clock: "clock",
  config: "configuration tables",
  deterrent: "siren or warning light",
  download: "recorded files",
  events: "events",
  image: "picture settings",
  lens: "motorised lens",
  live: "live pictures",
  logs: "log",
  nativeLive: "live streams over HTTP",
  network: "network information",
  overlay: "picture overlay",
  power: "restart",
  ptz: "pan, tilt and zoom",
  recordings: "recordings",
  rpc: "raw calls",
  snapshot: "snapshots",
  storage: "storage information",
  upgrade: "firmware upgrade",
  users: "accounts",
} as const satisfies Readonly<Record<Exclude<Capability, "system">, string>>;

type Optional = keyof typeof NAMES & keyof Device;

/**
 * A service of a device.
 *
 * @throws {DhipError} `DHIP_NOT_SUPPORTED` when its protocol does not have it
 */
export function serviceOf<K extends Optional>(device: Device, service: K): NonNullable<Device[K]> {
  const found = device[service];
  if (found !== undefined) return found as NonNullable<Device[K]>;
  throw new DhipError("DHIP_NOT_SUPPORTED", `This device's protocol has no ${NAMES[service]}`, {
    host: device.host,
  });
}

/**
 * A property that the maker gave the model.
 *
 * @throws {DhipError} `DHIP_NOT_SUPPORTED` when the device's protocol does not have them
 */
export async function definitionOf(
  { system, host }: Device,
  name: string,
  signal: AbortSignal,
): Promise<unknown> {
  if (system.productDefinition !== undefined) {
    return await system.productDefinition(name, { signal });
  }
  const message = "This device's protocol has no product definitions";
  throw new DhipError("DHIP_NOT_SUPPORTED", message, { host });
}

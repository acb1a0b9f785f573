/**
 * What commands need of the library. Tests put fakes in its place.
 *
 * @module
 */

import type { Camera, ConnectOptions, RpcClient } from "../camera/mod.ts";
import type { Target } from "../net/target.ts";
import type { Simulator, SimulatorOptions } from "../simulator/mod.ts";
import { DhipError } from "../errors.ts";

/** Raw calls of a device's own protocol. */
export type RpcAccess = Pick<
  RpcClient,
  "sessionId" | "call" | "request" | "services" | "methods" | "multicall"
>;

/** A connected device. Only some protocols have raw calls. */
export interface Device extends Camera {
  readonly rpc?: RpcAccess;
}

/** A running simulator, as far as the command line is concerned. */
export type RunningSimulator = Pick<Simulator, "ready"> & AsyncDisposable;

/** The library behind the commands. */
export interface Library {
  /** Connects and logs in. */
  connect(target: Target, options: ConnectOptions): Promise<Device>;
  /** Starts a simulator. */
  simulate(options: SimulatorOptions): Promise<RunningSimulator>;
}

/** The library itself, loaded when it is first needed. */
export const library: Library = {
  async connect(target, options) {
    const { DahuaCamera } = await import("../camera/mod.ts");
    return await DahuaCamera.connect(target, options);
  },
  async simulate(options) {
    const { Simulator } = await import("../simulator/mod.ts");
    return await Simulator.start(options);
  },
};

/**
 * The raw calls of a device.
 *
 * @throws {DhipError} `DHIP_NOT_SUPPORTED` when its protocol has none
 */
export function rpcOf(device: Device): RpcAccess {
  if (device.rpc !== undefined) return device.rpc;
  throw new DhipError("DHIP_NOT_SUPPORTED", "This device's protocol has no raw calls", {
    host: device.host,
  });
}

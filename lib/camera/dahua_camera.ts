/**
 * A Dahua-protocol camera or recorder.
 *
 * @module
 */

import { RpcSession, type SessionOptions } from "../dhip/session.ts";
import type { Dialer } from "../net/stream.ts";
import { parseTarget, type Target } from "../net/target.ts";
import { endpoint, tcpDialer } from "../net/tcp.ts";
import type { Camera, Capability } from "./camera.ts";
import { DahuaSystem } from "./dahua_system.ts";
import { RpcClient } from "./rpc_client.ts";

/** Options of {@linkcode DahuaCamera.connect}. */
export interface ConnectOptions extends SessionOptions {
  /** User; the target's own user goes first. Default `admin`. */
  readonly user?: string | undefined;
  /** Password; any text, the empty one too. */
  readonly password: string;
  /** How to reach the device's ports; direct TCP by default. */
  readonly dialer?: Dialer | undefined;
}

/**
 * A connected and logged-in Dahua device.
 *
 * ```ts
 * import { DahuaCamera } from "@dhip/dhip";
 * import { Simulator } from "@dhip/dhip/simulator";
 *
 * await using simulator = await Simulator.start({ password: "secret" });
 * const [device] = simulator.devices;
 *
 * await using camera = await DahuaCamera.connect(`${device!.host}:${device!.dhipPort}`, {
 *   password: "secret",
 * });
 * const info = await camera.system.info();
 * console.log(info.model, info.serial);
 * ```
 */
export class DahuaCamera implements Camera {
  /** What this device can be asked for through dhip. */
  readonly capabilities: ReadonlySet<Capability> = new Set<Capability>(["system", "rpc"]);
  /** What the device is and how it fares. */
  readonly system: DahuaSystem;
  /** Any method of the device. */
  readonly rpc: RpcClient;
  readonly #session: RpcSession;

  private constructor(session: RpcSession) {
    this.#session = session;
    this.system = new DahuaSystem(session);
    this.rpc = new RpcClient(session);
  }

  /**
   * Connects and logs in.
   *
   * @param target `host`, `host:port`, `[v6]:port` or `dhip://user@host:port`; the port is DHIP's
   * @throws {SyntaxError} when `target` cannot be read
   * @throws {DhipError} see `RpcSession.open`
   */
  static async connect(target: string | Target, options: ConnectOptions): Promise<DahuaCamera> {
    const parsed = typeof target === "string" ? parseTarget(target) : target;
    const { password, dialer = tcpDialer(parsed.host), ...session } = options;
    const user = parsed.user ?? options.user ?? "admin";
    const port = parsed.port ?? options.port;
    // Devices behind one forwarded address differ by port: each has an account of its own.
    const device = options.device ??
      (port === undefined ? parsed.host : endpoint(parsed.host, port));
    return new DahuaCamera(
      await RpcSession.open(dialer, { user, password }, { ...session, port, device }),
    );
  }

  /** `host:port`. */
  get host(): string {
    return this.#session.host;
  }

  /** Logs out and closes the connection. Bounded in time; closing twice is harmless. */
  close(): Promise<void> {
    return this.#session.close();
  }

  /** The same as {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * A Dahua-protocol camera or recorder.
 *
 * @module
 */

import type { DhipError } from "../errors.ts";
import type { Dialer } from "../net/stream.ts";
import { parseTarget, type Target } from "../net/target.ts";
import { directDialer, endpoint } from "../net/tcp.ts";
import type { Camera, Capability } from "./camera.ts";
import { DahuaChannels } from "./dahua_channels.ts";
import { DahuaClock } from "./dahua_clock.ts";
import { DahuaConfig } from "./dahua_config.ts";
import { DahuaDeterrent } from "./dahua_deterrent.ts";
import { DahuaImage } from "./dahua_image.ts";
import { DahuaLens } from "./dahua_lens.ts";
import { DahuaLive } from "./live/dahua_live.ts";
import { DahuaLogs } from "./dahua_logs.ts";
import { DahuaNetwork } from "./dahua_network.ts";
import { DahuaOverlay } from "./dahua_overlay.ts";
import { DahuaPower } from "./dahua_power.ts";
import { DahuaRecordings } from "./dahua_recordings.ts";
import { DahuaSnapshot } from "./dahua_snapshot.ts";
import { DahuaStorage } from "./dahua_storage.ts";
import { DahuaEvents } from "./dahua_events.ts";
import { DahuaSystem } from "./dahua_system.ts";
import { DahuaUpgrade } from "./dahua_upgrade.ts";
import { DahuaUsers } from "./dahua_users.ts";
import { DahuaDownload } from "./download/dahua_download.ts";
import type { DownloadService } from "./download/download.ts";
import { DahuaNativeLive } from "./live/dahua_native.ts";
import type { NativeLiveService } from "./live/native.ts";
import { DahuaLink } from "./link.ts";
import type { TransportOptions } from "./open_session.ts";
import { DahuaPtz } from "./ptz/dahua_ptz.ts";
import type { PtzScale } from "./ptz/report.ts";
import { RpcClient } from "./rpc_client.ts";
import type { SnapshotService } from "./snapshot.ts";

/** Options of {@linkcode DahuaCamera.connect}. */
export interface ConnectOptions extends TransportOptions, PtzScale {
  /** User; the target's own user goes first. Default `admin`. */
  readonly user?: string | undefined;
  /** Password; any text, the empty one too. */
  readonly password: string;
  /**
   * How to reach the device's ports; direct TCP by default. A `P2pTunnel` for a target that is named
   * by its serial number.
   */
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
  readonly capabilities: ReadonlySet<Capability> = new Set<Capability>([
    "system",
    "channels",
    "snapshot",
    "ptz",
    "overlay",
    "clock",
    "download",
    "nativeLive",
    "users",
    "recordings",
    "live",
    "logs",
    "storage",
    "image",
    "lens",
    "deterrent",
    "power",
    "upgrade",
    "network",
    "events",
    "config",
    "rpc",
  ]);
  /** What the device is and how it fares. */
  readonly system: DahuaSystem;
  /** Its pictures: names, sources and streams. */
  readonly channels: DahuaChannels;
  /** Still pictures. */
  readonly snapshot: SnapshotService;
  /** Turning, tilting and zooming. */
  readonly ptz: DahuaPtz;
  /** What it draws over its pictures. */
  readonly overlay: DahuaOverlay;
  /** Its time, zone and time server. */
  readonly clock: DahuaClock;
  /** Recorded files. */
  readonly download: DownloadService;
  /** Live streams in the device's own container. */
  readonly nativeLive: NativeLiveService;
  /** Accounts, groups and who is logged in. */
  readonly users: DahuaUsers;
  /** What it has recorded. */
  readonly recordings: DahuaRecordings;
  /** Its log. */
  readonly logs: DahuaLogs;
  /** Live pictures and sound. */
  readonly live: DahuaLive;
  /** Its disks, and whether it records. */
  readonly storage: DahuaStorage;
  /** Day and night, lights, privacy. */
  readonly image: DahuaImage;
  /** Motors of its lens. */
  readonly lens: DahuaLens;
  /** Siren and warning light. */
  readonly deterrent: DahuaDeterrent;
  /** Restarting it, switching it off, and making it forget its settings. */
  readonly power: DahuaPower;
  /** Its firmware. */
  readonly upgrade: DahuaUpgrade;
  /** How it is connected. */
  readonly network: DahuaNetwork;
  /** What the device tells of its own accord. */
  readonly events: DahuaEvents;
  /** Configuration tables. */
  readonly config: DahuaConfig;
  /** Any method of the device. */
  readonly rpc: RpcClient;
  readonly #link: DahuaLink;

  private constructor(link: DahuaLink, scale: PtzScale) {
    this.#link = link;
    this.system = new DahuaSystem(link);
    this.channels = new DahuaChannels(link);
    this.snapshot = new DahuaSnapshot(link);
    this.ptz = new DahuaPtz(link, scale);
    this.overlay = new DahuaOverlay(link);
    this.clock = new DahuaClock(link);
    this.download = new DahuaDownload(link);
    this.nativeLive = new DahuaNativeLive(link);
    this.users = new DahuaUsers(link);
    this.recordings = new DahuaRecordings(link);
    this.logs = new DahuaLogs(link);
    this.live = new DahuaLive(link, this.nativeLive);
    this.storage = new DahuaStorage(link);
    this.image = new DahuaImage(link);
    this.lens = new DahuaLens(link);
    this.deterrent = new DahuaDeterrent(link);
    this.power = new DahuaPower(link);
    this.upgrade = new DahuaUpgrade(link);
    this.network = new DahuaNetwork(link);
    this.events = new DahuaEvents(link, { clock: this.clock, logs: this.logs });
    this.config = new DahuaConfig(link, link);
    this.rpc = new RpcClient(link);
  }

  /**
   * Connects and logs in.
   *
   * A device that is named by its serial number is reached through a tunnel, which many cameras and
   * connections can share and which stays open when the camera is closed:
   *
   * ```ts
   * import { DahuaCamera, P2pTunnel } from "@dhip/dhip";
   * import { Simulator } from "@dhip/dhip/simulator";
   *
   * // A simulated cloud; of a real one you need its profile: host, port, username, key, dialect.
   * await using simulator = await Simulator.start({ password: "secret", p2pPort: 0 });
   * const profile = simulator.ready.cloud!;
   * const { serial } = simulator.devices[0]!;
   *
   * const credentials = { user: "admin", password: "secret" };
   * await using dialer = new P2pTunnel({ serial, profile, credentials });
   * await dialer.ready();
   * await using camera = await DahuaCamera.connect(`sn:${serial}`, { ...credentials, dialer });
   * console.log((await camera.system.info()).model, dialer.stats().path);
   * ```
   *
   * @param target `host`, `host:port`, `[v6]:port`, `sn:SERIAL`, `sn:SERIAL:port`, or one of them
   *   as `dhip://user@…`; the port is that of the transport in use
   * @throws {SyntaxError} when `target` cannot be read
   * @throws {TypeError} for a serial number without a dialer
   * @throws {DhipError} see `RpcSession.open` and `openHttpSession`
   */
  static async connect(target: string | Target, options: ConnectOptions): Promise<DahuaCamera> {
    const camera = DahuaCamera.at(target, options);
    try {
      await camera.#link.session({ signal: options.signal });
      return camera;
    } catch (error) {
      await camera.close(); // what the opening still brings has to be logged out
      throw error;
    }
  }

  /**
   * A camera that is contacted when it is first asked for something, and only in the way that this
   * needs: a snapshot over the web API takes no session.
   *
   * @param target see {@linkcode DahuaCamera.connect}
   * @throws {SyntaxError} when `target` cannot be read
   */
  static at(target: string | Target, options: ConnectOptions): DahuaCamera {
    const place = typeof target === "string" ? parseTarget(target) : target;
    const { host, port, user } = place;
    const { password, locationFullscale, tiltSpan, ...rest } = options;
    const { dialer = directDialer(place) } = options;
    // Not for what the link opens later: a camera in motion has to be stopped after an abort too.
    const transport = { ...rest, signal: undefined };
    const credentials = { user: user ?? options.user ?? "admin", password };
    // Devices behind one forwarded address differ by port: each has an account of its own.
    const device = options.device ?? (port === undefined ? host : endpoint(host, port));
    const link = new DahuaLink(dialer, port, credentials, { ...transport, device });
    return new DahuaCamera(link, { locationFullscale, tiltSpan });
  }

  /** `host:port`. */
  get host(): string {
    return this.#link.host;
  }

  /**
   * Resolves when the session that is open now is over: to the reason, or to undefined after
   * {@linkcode close}. The next call opens another one, unless its login was refused.
   */
  get closed(): Promise<DhipError | undefined> {
    return this.#link.current?.closed ?? Promise.resolve(undefined);
  }

  /**
   * Stops what {@linkcode ptz} has set in motion, logs out and closes the connection. Bounded in
   * time; closing twice is harmless.
   */
  async close(): Promise<void> {
    await this.ptz.release();
    await this.#link.close();
  }

  /** The same as {@linkcode close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * The simulator: several devices on real sockets, faults, a control port.
 *
 * @module
 */

import { systemClock } from "../net/clock.ts";
import type { ByteStream } from "../net/stream.ts";
import { endpoint } from "../net/tcp.ts";
import { openDatagrams } from "../net/udp.ts";
import { addressOf } from "./addresses.ts";
import { startControl } from "./control.ts";
import { type RestartOptions, SimulatedDevice } from "./device.ts";
import { type Discoverable, DiscoveryFront } from "./discovery_front.ts";
import type { SimulatedEvent } from "./events.ts";
import { type FaultOptions, type FaultSpec, parseFault } from "./faults.ts";
import type { DeviceOptions } from "./options.ts";
import { type CloudProfileLine, type CloudStats, P2pCloud } from "./p2p/cloud.ts";
import type { CloudOptions } from "./p2p/options.ts";
import { Random } from "./prng.ts";
import { whole } from "./range.ts";
import { type DeviceStats, sumStats } from "./stats.ts";
import { TcpFront } from "./tcp_front.ts";
import { TlsFront } from "./web/tls_front.ts";

/** Options of {@linkcode Simulator.start}; those of a device are meant for every device. */
export interface SimulatorOptions extends Omit<DeviceOptions, "index" | "host"> {
  /** Address of the first device; on 127.x.y.z the others follow it. Default 127.0.0.1. */
  readonly host?: string;
  /** DHIP port of every device, 0-65535; 0 = each takes a free one. Default 0. */
  readonly dhipPort?: number;
  /** HTTP port of every device, 0-65535; 0 = each takes a free one. Left out: no HTTP. */
  readonly httpPort?: number;
  /**
   * HTTPS port of every device, 0-65535; 0 = each takes a free one. The certificate is self-signed
   * and the same for all. Left out: no HTTPS.
   */
  readonly httpsPort?: number;
  /** RTSP port of every device, 0-65535; 0 = each takes a free one. Left out: no RTSP. */
  readonly rtspPort?: number;
  /**
   * UDP port on which all devices can be discovered, on their addresses and, where the host allows,
   * on the group 239.255.255.251; 0-65535, 0 = any free one. Left out: no discovery. A client that
   * asks the group expects 37810.
   */
  readonly discoveryPort?: number;
  /**
   * UDP port of a cloud through which every device is reached by its serial number, 0-65535; 0 =
   * any free one. Left out: no cloud.
   */
  readonly p2pPort?: number;
  /** How that cloud is. */
  readonly cloud?: CloudOptions;
  /** Port of the control interface, 0-65535; 0 = any free one. Left out: no control interface. */
  readonly controlPort?: number;
  /** Address of the control interface; must be loopback. Default 127.0.0.1. */
  readonly controlHost?: string;
  /** How many devices, 1-1000, or the options in which each differs. Default 1. */
  readonly devices?: number | readonly DeviceOptions[];
  /** Faults from the start: names, `name:option=value,…`, or `{ name, options }`. */
  readonly faults?: readonly FaultSpec[];
}

/** Where a device of a running simulator is found. */
export interface RunningDevice {
  /** Address it listens on. */
  readonly host: string;
  /** Its DHIP port. */
  readonly dhipPort: number;
  /** Its HTTP port, or null. */
  readonly httpPort: number | null;
  /** Its HTTPS port, or null. */
  readonly httpsPort: number | null;
  /** Its RTSP port, or null. */
  readonly rtspPort: number | null;
  /** Serial number. */
  readonly serial: string;
  /** Machine name. */
  readonly name: string;
}

/** What `dhip simulate` prints as one line of JSON. Never a password. */
export interface ReadyLine
  extends Pick<RunningDevice, "host" | "dhipPort" | "httpPort" | "httpsPort" | "rtspPort"> {
  /** UDP port of discovery, or null. */
  readonly discoveryPort: number | null;
  /** UDP port of the cloud, or null. */
  readonly p2pPort: number | null;
  /** What a client needs to know of the cloud, or null. */
  readonly cloud: CloudProfileLine | null;
  /** Port of the control interface, or null. */
  readonly controlPort: number | null;
  /** Name of the first account. */
  readonly user: string;
  /** All devices. */
  readonly devices: readonly RunningDevice[];
}

/** Sums over all devices, and each device by itself. */
export interface SimulatorStats extends DeviceStats {
  /** What the cloud has done, or null without one. */
  readonly cloud: CloudStats | null;
  /** Counters by device. */
  readonly devices: readonly DeviceStats[];
}

type Serve = (stream: ByteStream, address: string) => Promise<void>;

interface Place {
  readonly device: SimulatedDevice;
  readonly host: string;
  readonly dhip: TcpFront;
  readonly http: TcpFront | undefined;
  readonly https: TlsFront | undefined;
  readonly rtsp: TcpFront | undefined;
}

/**
 * A running simulator.
 *
 * ```ts
 * import { Simulator } from "@dhip/dhip/simulator";
 *
 * await using simulator = await Simulator.start({ devices: 2 });
 * const ports = simulator.devices.map((device) => device.dhipPort);
 * if (ports.length !== 2 || simulator.stats().connections !== 0) throw new Error("unexpected");
 * ```
 */
export class Simulator implements AsyncDisposable {
  readonly #places: readonly Place[];
  readonly #user: string;
  #discovery: DiscoveryFront | undefined;
  #cloud: P2pCloud | undefined;
  #control: { readonly url: URL; close(): Promise<void> } | undefined;

  private constructor(places: readonly Place[], user: string) {
    this.#places = places;
    this.#user = user;
  }

  /**
   * Starts the devices and, when asked for, the control interface.
   *
   * @throws {RangeError | TypeError} when an option or fault is not possible
   * @throws {DhipError} `DHIP_UNREACHABLE` when a port cannot be had
   */
  static async start(options: SimulatorOptions = {}): Promise<Simulator> {
    const {
      host = "127.0.0.1",
      dhipPort = 0,
      httpPort,
      httpsPort,
      rtspPort,
      discoveryPort,
      p2pPort,
      cloud,
      controlPort,
      controlHost = "127.0.0.1",
      devices = 1,
      faults = [],
      ...common
    } = options;
    const ports = {
      dhipPort,
      httpPort,
      httpsPort,
      rtspPort,
      discoveryPort,
      p2pPort,
      controlPort,
    };
    for (const [name, port] of Object.entries(ports)) {
      if (port !== undefined) whole(name, port, 0, 65_535);
    }
    const each: readonly DeviceOptions[] = typeof devices === "number"
      ? Array.from({ length: whole("devices", devices, 1, 1000) }, () => ({}))
      : devices;
    whole("devices", each.length, 1, 1000);
    const places = each.map((own, index): Place => {
      const address = own.host ?? addressOf(host, index);
      const all: DeviceOptions = { ...common, ...own, host: address, index: own.index ?? index };
      const device = new SimulatedDevice(all);
      const tcp = (port: number, serve: Serve) =>
        new TcpFront(address, portOf(host, port, index), device.clock, serve);
      return {
        device,
        host: address,
        dhip: tcp(dhipPort, (stream, from) => device.serve(stream, from)),
        http: httpPort === undefined
          ? undefined
          : tcp(httpPort, (stream, from) => device.serveHttp(stream, from)),
        https: httpsPort === undefined ? undefined : new TlsFront(
          address,
          portOf(host, httpsPort, index),
          (stream, from) => device.serveHttp(stream, from, true),
        ),
        rtsp: rtspPort === undefined
          ? undefined
          : tcp(rtspPort, (stream, from) => device.serveRtsp(stream, from)),
      };
    });
    for (const { device } of places) device.meet(places.map(({ host }) => host));
    const simulator = new Simulator(places, common.user ?? "admin");
    try {
      for (const fault of faults) {
        const { info, options, device } = parseFault(fault);
        simulator.fault(info.name, device === undefined ? options : { ...options, device });
      }
      for (const { device, dhip, http, https, rtsp } of places) {
        for (const front of [dhip, http, https, rtsp]) {
          if (front !== undefined) await device.join(front);
        }
        if (https !== undefined) device.redirectTo(https.port);
      }
      if (p2pPort !== undefined) {
        const { clock = systemClock, seed = 1 } = common;
        const random = new Random(seed, 0x50000);
        simulator.#cloud = new P2pCloud(host, clock, random, openDatagrams, cloud);
        await simulator.#cloud.open(p2pPort);
        for (const { device, dhip, http, https, rtsp } of places) {
          await device.behind(simulator.#cloud, {
            dhip: dhip.port,
            http: http?.port,
            https: https?.port,
            rtsp: rtsp?.port,
          });
        }
      }
      if (discoveryPort !== undefined) {
        const discovery = simulator.#discovery = new DiscoveryFront(places.map(discoverable));
        await discovery.open(discoveryPort);
      }
      if (controlPort !== undefined) {
        simulator.#control = startControl(simulator, controlHost, controlPort);
      }
    } catch (error) {
      await simulator.close();
      throw error;
    }
    return simulator;
  }

  /** Address of the first device. */
  get host(): string {
    return this.#places[0]!.host;
  }

  /** DHIP port of the first device. */
  get dhipPort(): number {
    return this.#places[0]!.dhip.port;
  }

  /** HTTP port of the first device; null when there is none. */
  get httpPort(): number | null {
    return this.#places[0]!.http?.port ?? null;
  }

  /** HTTPS port of the first device; null when there is none. */
  get httpsPort(): number | null {
    return this.#places[0]!.https?.port ?? null;
  }

  /** RTSP port of the first device; null when there is none. */
  get rtspPort(): number | null {
    return this.#places[0]!.rtsp?.port ?? null;
  }

  /** The devices as they are found on the network. */
  get devices(): readonly RunningDevice[] {
    return this.#places.map(({ device, host, dhip, http, https, rtsp }) => ({
      host,
      dhipPort: dhip.port,
      httpPort: http?.port ?? null,
      httpsPort: https?.port ?? null,
      rtspPort: rtsp?.port ?? null,
      serial: device.serial,
      name: device.name,
    }));
  }

  /** Address of the control interface, `http://127.0.0.1:PORT/`; undefined when there is none. */
  get control(): URL | undefined {
    return this.#control?.url;
  }

  /** What `dhip simulate` prints when it is ready. */
  get ready(): ReadyLine {
    return {
      host: this.host,
      dhipPort: this.dhipPort,
      httpPort: this.httpPort,
      httpsPort: this.httpsPort,
      rtspPort: this.rtspPort,
      discoveryPort: this.#discovery?.port ?? null,
      p2pPort: this.#cloud?.address.port ?? null,
      cloud: this.#cloud?.profile ?? null,
      controlPort: this.#control === undefined ? null : Number(this.#control.url.port),
      user: this.#user,
      devices: this.devices,
    };
  }

  /**
   * A device itself, for what only one of them shall do.
   *
   * @throws {RangeError} when there is none with this 0-based index
   */
  device(index: number): SimulatedDevice {
    return this.#places[whole("device", index, 0, this.#places.length - 1)]!.device;
  }

  /**
   * Lets an event happen at the device `event.device` (0-based, default 0).
   *
   * @returns the number of subscriptions that were told
   * @throws {TypeError | RangeError} when code, action, channel or device is not possible
   */
  event(event: SimulatedEvent): number {
    return this.device(event.device ?? 0).event(event);
  }

  /**
   * Activates a fault of {@linkcode FAULTS} on the device `options.device`, or on all.
   *
   * @throws {RangeError} naming what is known, when the fault or an option is not
   */
  fault(name: string, options: FaultOptions = {}): void {
    for (const device of this.#chosen(options.device)) device.fault(name, options);
  }

  /**
   * Ends a fault on one device or on all; false when it was active nowhere.
   *
   * @throws {RangeError} naming the known faults
   */
  clearFault(name: string, device?: number): boolean {
    return this.#chosen(device).map((each) => each.clearFault(name)).includes(true);
  }

  /**
   * Starts one device (0-based) or all anew; resolves when they answer again.
   *
   * @throws {RangeError} when an option is out of its range
   * @throws {DhipError} `DHIP_UNREACHABLE` when a port cannot be had again
   */
  async restart(options: RestartOptions & { readonly device?: number } = {}): Promise<void> {
    const { device, ...rest } = options;
    await Promise.all(this.#chosen(device).map((each) => each.restart(rest)));
  }

  /** The counters of all devices. */
  stats(): SimulatorStats {
    const devices = this.#places.map(({ device }) => device.stats());
    return { ...sumStats(devices), devices, cloud: this.#cloud?.stats() ?? null };
  }

  /** Ends everything: ports, connections, timers. */
  async close(): Promise<void> {
    await this.#control?.close();
    await this.#discovery?.close();
    await Promise.all(this.#places.map(({ device }) => device.close()));
    this.#cloud?.close();
  }

  /** As {@linkcode Simulator.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** For people: where the first device listens. */
  toString(): string {
    return `Simulator on ${endpoint(this.host, this.dhipPort)}`;
  }

  #chosen(device: number | undefined): SimulatedDevice[] {
    return device === undefined ? this.#places.map((place) => place.device) : [this.device(device)];
  }
}

function discoverable({ device, host, http, https }: Place): Discoverable {
  return {
    host,
    clock: device.clock,
    answer: (datagram) =>
      device.discover(datagram, {
        httpPort: http?.port ?? null,
        httpsPort: https?.port ?? null,
      }),
  };
}

/** On one address each device needs a port of its own. */
function portOf(host: string, port: number, index: number): number {
  if (port === 0 || addressOf(host, 1) !== host) return port;
  return whole("Port of the last device", port + index, 0, 65_535);
}

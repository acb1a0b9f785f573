/**
 * One simulated device: its memory, its methods, its connections and its power.
 *
 * @module
 */

import type { Clock, Timer } from "../net/clock.ts";
import type { ByteStream } from "../net/stream.ts";
import { type OpenDatagrams, openDatagrams } from "../net/udp.ts";
import { MethodTable } from "./catalogue.ts";
import { DhipConnection } from "./connection.ts";
import { answerProbe, type DiscoveryPorts, type DiscoveryReply } from "./discovery.ts";
import type { EventAction, SimulatedEvent } from "./events.ts";
import { EventSource } from "./event_source.ts";
import { faultInfo, type FaultOptions, resolveFault } from "./faults.ts";
import type { LogBook } from "./log_book.ts";
import { type DeviceOptions, resolveOptions } from "./options.ts";
import type { P2pCloud } from "./p2p/cloud.ts";
import { P2pFront } from "./p2p/device_front.ts";
import { LASTING_FAULTS } from "./p2p/faults.ts";
import { type DevicePorts, openPortOf } from "./p2p/ports.ts";
import { noP2pStats } from "./p2p/stats.ts";
import { Random } from "./prng.ts";
import { whole } from "./range.ts";
import { SERVICES } from "./services/registry.ts";
import { DeviceState } from "./state.ts";
import type { DeviceStats } from "./stats.ts";
import { FRONT_FAULTS, type NetworkFront } from "./front.ts";
import { RtspConnection } from "./media/rtsp/connection.ts";
import { RtspGate } from "./media/rtsp/gate.ts";
import { HttpConnection } from "./web/connection.ts";
import { WebSite } from "./web/site.ts";

const ACTIONS: readonly EventAction[] = ["Start", "Stop", "Pulse", "State"];

/** A connection of whatever protocol. */
interface Connection {
  run(): Promise<void>;
  mute(): void;
  close(): void;
}

/** How a device is started anew. */
export interface RestartOptions {
  /** Milliseconds that the device is away, 0-3600000. Default 0. */
  readonly downtime?: number;
}

/**
 * A device without sockets: whatever carries bytes can be served, on whatever clock.
 *
 * ```ts
 * import { streamPair } from "@dhip/dhip";
 * import { SimulatedDevice } from "@dhip/dhip/simulator";
 *
 * const device = new SimulatedDevice({ seed: 7 });
 * const [client, server] = streamPair();
 * const served = device.serve(server);
 * client.close();
 * await served;
 * if (device.stats().connections !== 1) throw new Error("unexpected");
 * await device.close();
 * ```
 */
export class SimulatedDevice implements AsyncDisposable {
  readonly #state: DeviceState;
  readonly #methods: MethodTable;
  readonly #site: WebSite;
  readonly #rtsp: RtspGate;
  readonly #source: EventSource;
  readonly #connections = new Map<Connection, Promise<void>>();
  readonly #fronts: NetworkFront[] = [];
  #p2p: P2pFront | undefined;
  #on = true;
  #closed = false;
  /** Counts changes of power: only the newest of overlapping restarts finishes. */
  #turn = 0;
  #pause: { timer: Timer; resolve: () => void } | undefined;
  #booting: Promise<void> = Promise.resolve();

  /**
   * Makes a device that is switched on and has no network yet.
   *
   * @throws {RangeError} when an option is out of its range
   */
  constructor(options: DeviceOptions = {}) {
    const resolved = resolveOptions(options);
    this.#state = new DeviceState(resolved, {
      restart: (downtime) => {
        // A device whose port was taken meanwhile stays away, as one that does not boot.
        this.restart({ downtime }).catch(() => {});
      },
      off: () => {
        this.#state.happen({ code: "ShutDown", action: "Pulse", index: 0 });
        this.#switchOff();
      },
    });
    this.#methods = new MethodTable(SERVICES, resolved);
    this.#site = new WebSite(this.#state, this.#methods);
    this.#rtsp = new RtspGate(this.#state);
    this.#source = new EventSource(this.#state);
    this.#source.start();
  }

  /** The device's source of time. */
  get clock(): Clock {
    return this.#state.clock;
  }

  /** Serial number. */
  get serial(): string {
    return this.#state.serial;
  }

  /** The device's log, to be read and to be written before a test begins. */
  get log(): LogBook {
    return this.#state.log;
  }

  /** Machine name as configured now. */
  get name(): string {
    return this.#state.config.machineName();
  }

  /**
   * Serves one DHIP connection until it ends; `address` is shown among the active users (default
   * 127.0.0.1). Never rejects. A device that is off or has too many connections closes it at once.
   */
  serve(stream: ByteStream, address = "127.0.0.1"): Promise<void> {
    const make = () => new DhipConnection(stream, this.#state, this.#methods, address);
    return this.#admit(stream, make);
  }

  /**
   * Serves one connection to the web server until it ends, as {@linkcode SimulatedDevice.serve}
   * does. `secure` says that it came over TLS.
   */
  serveHttp(stream: ByteStream, address = "127.0.0.1", secure = false): Promise<void> {
    const make = () => new HttpConnection(stream, this.#state, this.#site, { address, secure });
    return this.#admit(stream, make);
  }

  /** Serves one connection to the RTSP port until it ends, as {@linkcode SimulatedDevice.serve} does. */
  serveRtsp(stream: ByteStream, address = "127.0.0.1"): Promise<void> {
    const make = () => new RtspConnection(stream, this.#state, this.#rtsp, address);
    return this.#admit(stream, make);
  }

  /**
   * Puts the device behind a cloud: from now on it is reached by its serial number too.
   *
   * @internal
   * @throws {DhipError} `DHIP_UNREACHABLE` when it gets no UDP port
   */
  async behind(
    cloud: P2pCloud,
    ports: DevicePorts = {},
    open: OpenDatagrams = openDatagrams,
  ): Promise<void> {
    const { serial, clock, accounts, faults, options } = this.#state;
    const front = new P2pFront(
      {
        serial,
        address: options.host,
        clock,
        random: new Random(options.seed, options.index + 0x40000),
        accounts,
        faults,
        openPort: openPortOf(this, options.host, ports),
        openDatagrams: open,
      },
      cloud,
      options.p2p,
    );
    this.#p2p = front;
    await this.join(front);
  }

  /** Tells which addresses other devices on the network have: it sees conflicts. Default none. */
  meet(addresses: readonly string[]): void {
    this.#state.neighbours = addresses.filter((address) => address !== this.#state.options.host);
  }

  /** Tells the web server which port it redirects to. Default 443. */
  redirectTo(httpsPort: number): void {
    this.#state.httpsPort = httpsPort;
  }

  async #admit(stream: ByteStream, make: () => Connection): Promise<void> {
    const state = this.#state;
    if (!this.#on || this.#connections.size >= state.options.maxConnections) return stream.close();
    state.counters.connections++;
    const connection = make();
    if (state.faults.peek("half-open") !== undefined) connection.mute();
    const running = connection.run();
    this.#connections.set(connection, running);
    await running;
    this.#connections.delete(connection);
  }

  /** What the device says to a datagram on the discovery port; a device that is off says nothing. */
  discover(datagram: Uint8Array, ports: DiscoveryPorts): DiscoveryReply | undefined {
    return this.#on ? answerProbe(datagram, this.#state, ports) : undefined;
  }

  /** Puts a network service before the device; it follows the device's power from now on. */
  async join(front: NetworkFront): Promise<void> {
    this.#fronts.push(front);
    for (const fault of FRONT_FAULTS) {
      front.misbehave?.(fault, this.#state.faults.peek(fault) !== undefined);
    }
    if (this.#on) await front.up();
  }

  /**
   * Lets an event happen; the pushes are on their way when it returns.
   *
   * @returns the number of subscriptions that were told
   * @throws {TypeError | RangeError} when code, action or channel is not possible
   */
  event(event: SimulatedEvent): number {
    const { code, action = "Pulse", channel = 1 } = event;
    const state = this.#state;
    if (typeof code !== "string" || !/^[\w.-]{1,64}$/.test(code)) {
      throw new TypeError("An event needs a code of 1-64 letters, digits, points or dashes");
    }
    if (!ACTIONS.includes(action)) {
      throw new RangeError(`Event action must be one of ${ACTIONS.join(", ")}`);
    }
    whole("Event channel", channel, 1, state.options.channels);
    if (event.data !== undefined && (typeof event.data !== "object" || event.data === null)) {
      throw new TypeError("Event data must be an object or a list");
    }
    return state.happen({ code, action, index: channel - 1, data: event.data });
  }

  /**
   * Activates a fault of the table.
   *
   * @throws {RangeError} naming what is known, when the fault or an option is not
   */
  fault(name: string, options: FaultOptions = {}): void {
    const fault = resolveFault(name, options);
    const state = this.#state;
    state.faults.set(fault);
    const strike = state.faults.peek(name)!;
    this.#p2p?.refresh();
    switch (name) {
      case "half-open":
        for (const connection of this.#connections.keys()) connection.mute();
        state.faults.count(name);
        if (strike.text("scope") === "present") state.faults.clear(name);
        break;
      case "session-expiry":
        if (strike.number("after") > 0) break;
        state.sessions.clear();
        state.faults.count(name);
        state.faults.clear(name);
        break;
      case "locked-account":
        state.accounts.lockEveryone(strike.number("seconds"));
        state.faults.count(name);
        break;
      case "clock-jump":
        state.calendar.jump = strike.number("ms");
        state.faults.count(name);
        break;
      case "basic-only":
      case "not-initialised":
        state.faults.count(name);
        break;
      case "gbk-names":
        state.config.nameInChinese();
        break;
      case "stale-cgi":
        state.config.remember(true);
        state.faults.count(name);
        break;
      case "new-certificate":
      case "tls-too-old":
        for (const front of this.#fronts) front.misbehave?.(name, true);
        state.faults.count(name);
        break;
      case "nat-rebind":
        // Without a port left it keeps the one that it has.
        this.#p2p?.rebind().catch(() => {});
        state.faults.count(name);
        state.faults.clear(name);
        break;
      default:
        if (LASTING_FAULTS.includes(name)) state.faults.count(name);
    }
  }

  /**
   * Ends a fault; false when it was not active. Connections that went half-open stay so.
   *
   * @throws {RangeError} naming the known faults
   */
  clearFault(name: string): boolean {
    faultInfo(name);
    if (!this.#state.faults.clear(name)) return false;
    this.#p2p?.refresh();
    if (name === "locked-account") this.#state.accounts.unlockEveryone();
    if (name === "clock-jump") this.#state.calendar.jump = 0;
    if (name === "stale-cgi") this.#state.config.remember(false);
    if (name === "new-certificate" || name === "tls-too-old") {
      for (const front of this.#fronts) front.misbehave?.(name, false);
    }
    return true;
  }

  /** Names of the active faults. */
  faults(): string[] {
    return this.#state.faults.names();
  }

  /**
   * Starts the device anew: connections die, sessions are forgotten, the ports come back after the
   * downtime. Configuration, accounts and locks stay. Resolves when the device answers again.
   *
   * @throws {RangeError} when the downtime is out of its range
   * @throws {DhipError} `DHIP_UNREACHABLE` when a port cannot be had again
   */
  restart(options: RestartOptions = {}): Promise<void> {
    const downtime = whole("downtime", options.downtime ?? 0, 0, 3_600_000);
    if (this.#closed) return Promise.resolve();
    if (this.#on) this.#state.happen({ code: "Reboot", action: "Pulse", index: 0 });
    this.#switchOff();
    const booting = this.#boot(downtime, this.#turn);
    const before = this.#booting;
    this.#booting = booting.catch(() => {}).then(() => before);
    return booting;
  }

  /** The counters of this device. */
  stats(): DeviceStats {
    const p2p = this.#p2p?.stats() ?? noP2pStats();
    return { ...this.#state.stats(this.#connections.size), p2p };
  }

  /** Ends the device with all its connections and ports. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#switchOff();
    await this.#booting;
    await Promise.all(this.#fronts.map((front) => front.down()));
    await Promise.all(this.#connections.values());
  }

  /** As {@linkcode SimulatedDevice.close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #switchOff(): void {
    this.#on = false;
    this.#turn++;
    this.#source.stop();
    this.#pause?.timer.cancel();
    this.#pause?.resolve();
    this.#pause = undefined;
    for (const front of this.#fronts) front.down();
    for (const connection of this.#connections.keys()) connection.close();
    this.#state.powerCycle();
    this.#site.powerCycle();
    this.#rtsp.forget();
  }

  async #boot(downtime: number, turn: number): Promise<void> {
    await Promise.all(this.#fronts.map((front) => front.down()));
    if (downtime > 0 && turn === this.#turn) await this.#wait(downtime);
    if (turn !== this.#turn) return;
    this.#state.startedAt = this.#state.clock.now();
    this.#on = true;
    this.#source.start();
    for (const front of this.#fronts) {
      await front.up();
      if (turn !== this.#turn) return await front.down();
    }
  }

  #wait(delay: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#pause = undefined;
        resolve();
      };
      this.#pause = { timer: this.#state.clock.timer(done, delay), resolve };
    });
  }
}

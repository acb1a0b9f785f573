/**
 * Everything a device remembers. Services read and change it; it knows nothing of connections.
 *
 * @module
 */

import type { Clock } from "../net/clock.ts";
import { Accounts } from "./accounts.ts";
import { ConfigStore } from "./config_store.ts";
import type { Deterrents } from "./deterrents.ts";
import { DeviceClock } from "./device_clock.ts";
import { EventHub, type Happening, type Subscription } from "./events.ts";
import { FaultBoard } from "./fault_board.ts";
import { LogBook } from "./log_book.ts";
import { ObjectTable } from "./objects.ts";
import type { ResolvedOptions } from "./options.ts";
import { Random } from "./prng.ts";
import { Head } from "./ptz/head.ts";
import { Camera } from "./ptz/memory.ts";
import { type Remote, remotesOf } from "./remotes.ts";
import { SessionTable } from "./sessions.ts";
import { Disk } from "./recordings/disk.ts";
import { Counters, type DeviceStats, type PtzCommand } from "./stats.ts";
import { UpgradeReceiver } from "./upgrade.ts";
import { offsetOf, summerTime } from "./zones.ts";

/** PTZ commands that are kept. */
const MOST_PTZ = 10_000;

/** What a service may ask of the device's power supply. */
export interface Power {
  /** Starts the device anew; it is away for `downtime` ms. */
  restart(downtime: number): void;
  /** Switches the device off. */
  off(): void;
}

/** The memory of one device. */
export class DeviceState {
  /** How this device behaves. */
  readonly options: ResolvedOptions;
  /** Time of delays and expiries. */
  readonly clock: Clock;
  /** Randomness of the device. */
  readonly random: Random;
  /** Date and time. */
  readonly calendar: DeviceClock;
  /** Users and locks. */
  readonly accounts: Accounts;
  /** Open sessions. */
  readonly sessions: SessionTable;
  /** Objects of services. */
  readonly objects: ObjectTable;
  /** Configuration tables. */
  readonly config: ConfigStore;
  /** Event subscriptions. */
  readonly events = new EventHub();
  /** The log; it outlives a restart. */
  readonly log = new LogBook();
  /** Active faults. */
  readonly faults: FaultBoard;
  /** Counters. */
  readonly counters = new Counters();
  /** What moves, by channel. */
  readonly cameras: readonly Camera[];
  /** Cameras behind a recorder; none behind a camera. */
  readonly remotes: readonly Remote[];
  /** The memory card. */
  readonly disk: Disk;
  /** Owner of the objects that CGI makes: it has no sessions. */
  readonly cgi: object = {};
  /** Lights and sirens, by channel. */
  readonly deterrents: Deterrents[];
  /** Who is being served; undefined when the device acts by itself. */
  acting: string | undefined;
  /** Date and time by the calendar when the simulation began. */
  readonly bornAt: number;
  /** Value of the clock at that moment. */
  readonly bornClock: number;
  /** PTZ commands seen, the newest last. */
  readonly ptz: PtzCommand[] = [];
  /** Firmware uploads. */
  readonly upgrade: UpgradeReceiver;
  /** The power switch. */
  readonly power: Power;
  /** Serial number. */
  readonly serial: string;
  /** MAC address, `aa:bb:cc:dd:ee:ff`. */
  readonly mac: string;
  /** `Login to <hex>`; a device never changes it. */
  readonly realm: string;
  /** Randomness of the web server's challenges: they must not change the session numbers. */
  readonly webRandom: Random;
  /** Randomness of streams. */
  readonly mediaRandom: Random;
  /** Addresses of other devices on its network. */
  neighbours: readonly string[] = [];
  /** Port that the web server redirects to. */
  httpsPort = 443;
  /** Value of the clock at the last start of the device. */
  startedAt: number;

  /** Makes the state of a device that leaves the factory. */
  constructor(options: ResolvedOptions, power: Power) {
    this.options = options;
    this.power = power;
    this.clock = options.clock;
    this.startedAt = this.clock.now();
    this.upgrade = new UpgradeReceiver(
      this.clock,
      options.upgradeTime,
      () => power.restart(options.bootTime),
    );
    const random = this.random = new Random(options.seed, options.index);
    this.realm = `Login to ${random.hex(32).toLowerCase()}`;
    const number = String(options.index + 1).padStart(5, "0");
    const serial = `SIM${random.hex(7)}${number}`;
    this.serial = options.serial === "" ? serial : options.serial;
    this.mac = `02${random.hex(10).toLowerCase()}`.replace(/..(?=.)/g, "$&:");
    this.calendar = new DeviceClock(
      this.clock,
      options.time,
      options.utcOffset,
      options.clockAhead,
    );
    this.calendar.onSet = (before) => {
      const data = { BeforeModifyTime: before, ModifiedTime: this.calendar.text() };
      this.happen({ code: "TimeChange", action: "Pulse", index: 0, data });
    };
    this.bornAt = this.calendar.now();
    this.bornClock = this.clock.now();
    const first = { name: options.user, password: options.password };
    this.accounts = new Accounts(
      [first, ...options.users],
      this.clock,
      options.lockAfter,
      options.lockSeconds,
    );
    this.sessions = new SessionTable(
      this.clock,
      random,
      options.sessionSlots,
      options.keepAliveInterval + options.keepAliveGrace,
    );
    this.objects = new ObjectTable(random);
    this.sessions.onEnd((session) => {
      this.objects.forget(session);
      this.events.forget(session);
    });
    this.remotes = options.deviceClass === "NVR"
      ? remotesOf(options.seed, options.channels, options.offlineChannels)
      : [];
    this.config = new ConfigStore({
      channels: options.channels,
      name: options.name,
      host: options.host,
      mac: this.mac,
      remotes: this.remotes,
      utcOffset: options.utcOffset,
      streams: options,
      bigTable: options.bigTable,
    }, (name) => this.#configured(name));
    this.cameras = Array.from({ length: options.channels }, () => new Camera(new Head()));
    this.deterrents = this.cameras.map(() => ({ light: false, siren: false }));
    this.disk = new Disk(options, this.calendar);
    // Its own generator: a fault must not change the session numbers that follow it.
    this.faults = new FaultBoard(new Random(options.seed, options.index + 0x10000));
    this.webRandom = new Random(options.seed, options.index + 0x20000);
    this.mediaRandom = new Random(options.seed, options.index + 0x30000);
  }

  /** False while the device has no administrator password. */
  get initialised(): boolean {
    return this.options.initialised && this.faults.peek("not-initialised") === undefined;
  }

  /** Milliseconds since the last start. */
  get uptime(): number {
    return this.clock.now() - this.startedAt;
  }

  /** Writes into the log what is being done. */
  note(type: string, detail: object = {}): void {
    this.log.add({ time: this.calendar.now(), type, user: this.acting, detail });
  }

  /** Keeps a PTZ command for the counters. */
  notePtz(command: Omit<PtzCommand, "time">): void {
    this.ptz.push({ time: this.clock.now(), ...command });
    if (this.ptz.length > MOST_PTZ) this.ptz.shift();
  }

  /**
   * Lets an event happen: it is noted, logged, and told to whoever listens.
   *
   * @returns the number of subscriptions that were told
   */
  happen(event: Omit<Happening, "data"> & { readonly data?: object | undefined }): number {
    const { code, action, index } = event;
    const time = this.calendar.now();
    const data = event.data ?? { LocaleTime: this.calendar.text(), UTC: Math.floor(time / 1000) };
    const happening = { code, action, index, data };
    this.events.note(happening);
    const detail = { Action: action, Code: code, Data: data, Index: index };
    this.log.add({ time, type: `Event.${code}.${action}`, channel: index, detail });
    if (this.faults.strike("silent-events") !== undefined) return 0;
    return this.tell(happening, this.events.wanting(happening, "events", "pictures"));
  }

  /** Lets a refused login be an event, where the configuration wants that. */
  loginFailed(name: string, address: string): void {
    const alarm = this.config.get("LoginFailureAlarm") as { Enable?: unknown } | undefined;
    if (alarm?.Enable !== true) return;
    const data = { Address: address, Name: name, Type: "Web" };
    this.happen({ code: "LoginFailure", action: "Pulse", index: 0, data });
  }

  /** Tells listeners of an event and returns how many of them are still there. */
  tell(happening: Happening, listeners: readonly Subscription[]): number {
    let told = 0;
    for (const { sid, session, tell } of listeners) {
      // The subscriptions of an expired session are gone by now.
      if (session !== undefined && !this.sessions.alive(session)) continue;
      if (tell(sid, happening)) told++;
    }
    return told;
  }

  /** Forgets what a device forgets without power. Locks and configuration stay. */
  powerCycle(): void {
    this.sessions.clear();
    this.objects.forget(this.cgi);
    this.events.calm();
    this.upgrade.reset();
    this.config.powerCycle();
    for (const { head } of this.cameras) head.halt(this.clock.now());
    for (const own of this.deterrents) own.light = own.siren = false;
    this.startedAt = this.clock.now();
    this.note("System.Start");
  }

  /** Does what a table that was changed asks for. */
  #configured(name: string): void {
    this.note("Config.Save", { Name: name });
    const change = { code: name, action: "Pulse", index: 0, data: {} } as const;
    this.tell(change, this.events.wanting(change, "config"));
    if (name !== "NTP" && name !== "Locales") return;
    const { Enable, TimeZone } = Object(this.config.get("NTP")) as Record<string, unknown>;
    const offset = offsetOf(TimeZone) ?? this.options.utcOffset;
    this.calendar.move(offset, summerTime(this.config.get("Locales")));
    if (name === "NTP" && Enable === true) this.calendar.synchronise();
  }

  /** The counters now. */
  stats(openConnections: number): Omit<DeviceStats, "p2p"> {
    const { counters } = this;
    const sessionsOpen = this.sessions.list().length;
    return {
      connections: counters.connections,
      openConnections,
      ...counters.byService(),
      sessionsOpen,
      subscriptions: this.events.size,
      finders: this.objects.of("mediaFileFind").length,
      keepAlives: counters.keepAlives,
      pushes: counters.pushes,
      badFrames: counters.badFrames,
      calls: Object.fromEntries(counters.calls),
      httpStatus: Object.fromEntries(counters.httpStatus),
      bytesServed: Object.fromEntries(counters.bytesServed),
      rtsp: { ...counters.rtsp },
      droppedFrames: counters.droppedFrames,
      mails: counters.mails,
      discovery: {
        ...counters.discovery,
        otherMethods: Object.fromEntries(counters.discovery.otherMethods),
      },
      faults: this.faults.counts(),
      ptz: [...this.ptz],
      upgrades: this.upgrade.uploads(),
    };
  }
}

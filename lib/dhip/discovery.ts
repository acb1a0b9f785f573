/**
 * Finds devices on the network without a login.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import { type Clock, systemClock } from "../net/clock.ts";
import { sleep } from "../net/deadline.ts";
import { type DatagramOptions, type Datagrams, openDatagrams } from "../net/udp.ts";
import type { OpenDatagrams } from "../net/udp.ts";
import { DeviceBook } from "./_device_book.ts";
import {
  type DiscoveredDevice,
  DISCOVERY_GROUP,
  DISCOVERY_PORT,
  DISCOVERY_PROBES,
  LEGACY_DISCOVERY_PORT,
  LEGACY_DISCOVERY_PROBE,
  readDiscoveryAnswer,
  readLegacyDiscoveryAnswer,
} from "./discovery_codec.ts";
import { discoveryTargets, type OwnNetwork } from "./discovery_targets.ts";

/** Options of {@linkcode discover}. Times in milliseconds. */
export interface DiscoverOptions {
  /**
   * Hosts and IPv4 subnets of the caller's own to ask one by one, for example `192.168.1.108`,
   * `gate.example.org`, `10.1.2.0/24`; 4 096 addresses at most. Without any, the multicast group is
   * asked on every IPv4 interface.
   */
  readonly targets?: readonly string[] | undefined;
  /** Only these interfaces of this host, by name or IPv4 address. Default: all. */
  readonly interfaces?: readonly string[] | undefined;
  /** UDP port of devices. Default 37810. */
  readonly port?: number | undefined;
  /** Asks UDP port 5050 too, which old recorders answer. Default false. */
  readonly legacy?: boolean | undefined;
  /** How long to listen after the first round of probes. Default 3 000. */
  readonly timeout?: number | undefined;
  /** Rounds of probes, half a second apart; 1 to 10. Default 3: datagrams get lost. */
  readonly probes?: number | undefined;
  /** Most devices that are kept. Default 4 096. */
  readonly maxDevices?: number | undefined;
  /** Ends the search with `DHIP_INTERRUPTED`. */
  readonly signal?: AbortSignal | undefined;
  /** Injected time. */
  readonly clock?: Clock | undefined;
  /** Opens sockets; tests inject their own. */
  readonly open?: OpenDatagrams | undefined;
  /** IPv4 networks of this host; by default those of the system. */
  readonly networks?: readonly OwnNetwork[] | undefined;
}

/** What a search did and found. */
export interface DiscoveryReport {
  /** Each device once, in the order of first answers, with what all its answers told. */
  readonly devices: readonly DiscoveredDevice[];
  /** Names of the interfaces on which the multicast group was asked. */
  readonly interfaces: readonly string[];
  /** Number of hosts that were asked one by one. */
  readonly hosts: number;
  /** Answers that were no description of a device. */
  readonly unreadable: number;
  /** Answers of devices beyond `maxDevices`. */
  readonly dropped: number;
  /** Where a probe could not be sent; the first 16. */
  readonly problems: readonly DhipError[];
}

/** Real answers have 1 to 2 KiB; what is longer than this is cut, and then no JSON. */
const LONGEST_ANSWER = 8 * 1024;
const PROBE_INTERVAL = 500;
/** Probes that leave in one go, and the pause behind them: ARP tables and switches are small. */
const BURST = 64;
const BURST_PAUSE = 10;
const MOST_PROBLEMS = 16;
/** As python-dhip; one router may forward the group. */
const TTL = 2;

/**
 * Searches for devices. Yields each when it is first heard; the return value, or
 * {@linkcode discoverAll}, also has what later answers added. Nothing but searches is sent.
 *
 * @throws {DhipError} `DHIP_UNREACHABLE` when no probe could be sent, `DHIP_INTERRUPTED`
 * @throws {SyntaxError} for a target that cannot be read
 * @throws {RangeError} for subnets that are too large or not the caller's own, unknown interfaces,
 *   and options out of range
 */
export async function* discover(
  options: DiscoverOptions = {},
): AsyncGenerator<DiscoveredDevice, DiscoveryReport, void> {
  const search = new Search(options);
  let over = false;
  const run = search.run().finally(() => {
    over = true;
    search.wake();
  });
  run.catch(() => {}); // thrown below
  try {
    for (;;) {
      const device = search.fresh.shift();
      if (device !== undefined) yield device;
      else if (over) break;
      else await search.changed();
    }
    await run;
    return search.report();
  } finally {
    search.stop();
    await run.catch(() => {});
  }
}

/**
 * Searches for devices and resolves when the search is over.
 *
 * ```ts
 * import { discoverAll } from "@dhip/dhip";
 *
 * const { devices } = await discoverAll({ targets: ["127.0.0.1"], timeout: 100 });
 * for (const device of devices) console.log(device.ip, device.deviceType, device.serial);
 * ```
 *
 * @throws as {@linkcode discover} does
 */
export async function discoverAll(options: DiscoverOptions = {}): Promise<DiscoveryReport> {
  const search = discover(options);
  for (;;) {
    const { done, value } = await search.next();
    if (done) return value;
  }
}

/** One round of a socket: what it sends where. */
interface Sender {
  readonly socket: Datagrams;
  readonly to: readonly { readonly host: string; readonly port: number | undefined }[];
  readonly broadcast: boolean;
}

class Search {
  /** Devices that nobody has been told of yet. */
  readonly fresh: DiscoveredDevice[] = [];
  readonly #options: DiscoverOptions;
  readonly #clock: Clock;
  readonly #book: DeviceBook;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #senders: Sender[] = [];
  readonly #problems: DhipError[] = [];
  readonly #interfaces: string[] = [];
  #hosts = 0;
  #sent = 0;
  #unreadable = 0;
  #dropped = 0;
  #wake = Promise.withResolvers<void>();

  constructor(options: DiscoverOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#book = new DeviceBook(within("maxDevices", options.maxDevices ?? 4096, 1, 65_536));
    within("probes", options.probes ?? 3, 1, 10);
    within("timeout", options.timeout ?? 3000, 1, 3_600_000);
    const { signal } = options;
    this.#signal = signal === undefined
      ? this.#stop.signal
      : AbortSignal.any([signal, this.#stop.signal]);
  }

  /** Resolves when there is something new. */
  changed(): Promise<void> {
    return this.#wake.promise;
  }

  wake(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  /** Ends a search whose caller has seen enough. */
  stop(): void {
    this.#stop.abort();
  }

  report(): DiscoveryReport {
    return {
      devices: this.#book.list(),
      interfaces: this.#interfaces,
      hosts: this.#hosts,
      unreadable: this.#unreadable,
      dropped: this.#dropped,
      problems: this.#problems,
    };
  }

  async run(): Promise<void> {
    const listening: Promise<void>[] = [];
    try {
      await this.#openAll();
      for (const { socket } of this.#senders) listening.push(this.#listen(socket));
      await this.#probe(0);
      const [problem] = this.#problems;
      if (this.#sent === 0 && problem !== undefined) throw problem;
      await this.#wait();
    } finally {
      for (const { socket } of this.#senders) socket.close();
      await Promise.all(listening);
    }
  }

  /** The rest of the rounds, and the rest of the time. */
  async #wait(): Promise<void> {
    const { timeout = 3000, probes = 3 } = this.#options;
    const end = this.#clock.now() + timeout;
    const interval = Math.min(PROBE_INTERVAL, timeout / (probes + 1));
    for (let round = 1; round < probes; round++) {
      await sleep(interval, this.#signal, this.#clock);
      await this.#probe(round);
    }
    await sleep(Math.max(0, end - this.#clock.now()), this.#signal, this.#clock);
  }

  async #openAll(): Promise<void> {
    const { targets = [], interfaces } = this.#options;
    if (targets.length === 0) {
      for (const { name, address } of chosen(this.#networks(), interfaces)) {
        const multicast = { group: DISCOVERY_GROUP, ttl: TTL };
        const socket = await this.#open({ host: address, multicast });
        if (socket === undefined) continue;
        this.#interfaces.push(name);
        this.#senders.push({
          socket,
          to: [{ host: DISCOVERY_GROUP, port: undefined }],
          broadcast: true,
        });
      }
      return;
    }
    const needsNetworks = interfaces !== undefined || targets.some((text) => text.includes("/"));
    const networks = needsNetworks ? this.#networks() : [];
    const hosts = discoveryTargets(targets, networks);
    this.#hosts = hosts.length;
    const v6 = hosts.filter(({ host }) => host.includes(":"));
    const v4 = hosts.filter(({ host }) => !host.includes(":"));
    const own = interfaces === undefined
      ? [v4.every(({ host }) => isLoopback(host)) ? "127.0.0.1" : "0.0.0.0"]
      : chosen(networks, interfaces).map(({ address }) => address);
    const ways = [...own.map((host) => ({ host, to: v4 })), { host: "::", to: v6 }];
    for (const { host, to } of ways) {
      if (to.length === 0) continue;
      const socket = await this.#open({ host });
      if (socket === undefined) continue;
      const places = to.map(({ host, port }) => ({ host, port }));
      this.#senders.push({ socket, to: places, broadcast: false });
    }
  }

  #networks(): readonly OwnNetwork[] {
    return this.#options.networks ?? ownNetworks();
  }

  async #open(options: DatagramOptions): Promise<Datagrams | undefined> {
    const open = this.#options.open ?? openDatagrams;
    try {
      return await open({ ...options, maxSize: LONGEST_ANSWER });
    } catch (error) {
      this.#complain(error);
      return undefined;
    }
  }

  /** Sends to everybody; the rounds take turns with the spellings of the probe. */
  async #probe(round: number): Promise<void> {
    const { port = DISCOVERY_PORT, legacy = false } = this.#options;
    const probe = DISCOVERY_PROBES[round % DISCOVERY_PROBES.length]!;
    let burst = 0;
    for (const { socket, to, broadcast } of this.#senders) {
      for (const { host, port: own } of to) {
        if (++burst % BURST === 0) await sleep(BURST_PAUSE, this.#signal, this.#clock);
        await this.#send(socket, probe, host, own ?? port, round);
        if (!legacy) continue;
        const everybody = broadcast ? "255.255.255.255" : host;
        await this.#send(socket, LEGACY_DISCOVERY_PROBE, everybody, LEGACY_DISCOVERY_PORT, round);
      }
    }
  }

  async #send(
    socket: Datagrams,
    probe: Uint8Array,
    host: string,
    port: number,
    round: number,
  ): Promise<void> {
    if (this.#signal.aborted) return;
    try {
      await socket.send(probe, { host, port });
      this.#sent++;
    } catch (error) {
      // Later rounds fail where the first one found that nobody has the address: no news.
      if (round === 0) this.#complain(error);
    }
  }

  #complain(error: unknown): void {
    if (!(error instanceof DhipError)) throw error;
    if (this.#problems.length < MOST_PROBLEMS) this.#problems.push(error);
  }

  async #listen(socket: Datagrams): Promise<void> {
    try {
      for await (const { bytes, from } of socket) this.#hear(bytes, from.host);
    } catch (error) {
      this.#complain(error);
    }
  }

  #hear(bytes: Uint8Array, source: string): void {
    const answer = readDiscoveryAnswer(bytes, source) ??
      (this.#options.legacy ? readLegacyDiscoveryAnswer(bytes, source) : null);
    if (answer === null) {
      this.#unreadable++;
      return;
    }
    const entered = this.#book.enter(answer);
    if (entered === "full") this.#dropped++;
    if (entered !== "new") return;
    this.fresh.push(answer);
    this.wake();
  }
}

/** The IPv4 networks of this host. */
function ownNetworks(): OwnNetwork[] {
  try {
    return Deno.networkInterfaces().filter(({ family }) => family === "IPv4");
  } catch (cause) {
    throw new DhipError("DHIP_UNREACHABLE", "No permission to list this host's networks", {
      retryable: false,
      hint: "Run with --allow-sys=networkInterfaces.",
      cause,
    });
  }
}

function chosen(
  networks: readonly OwnNetwork[],
  wanted: readonly string[] | undefined,
): readonly OwnNetwork[] {
  if (wanted === undefined) return networks;
  return wanted.flatMap((text) => {
    const found = networks.filter(({ name, address }) => name === text || address === text);
    if (found.length > 0) return found;
    const known = networks.map(({ name, address }) => `${name} (${address})`).join(", ");
    throw new RangeError(`This host has no IPv4 interface ${text}; it has ${known || "none"}`);
  });
}

function isLoopback(host: string): boolean {
  return host === "localhost" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function within(name: string, value: number, min: number, max: number): number {
  if (value >= min && value <= max) return value;
  throw new RangeError(`${name} must be within ${min}..${max}`);
}

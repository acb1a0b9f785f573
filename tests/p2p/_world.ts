/**
 * A client and a device on virtual time, with a bad network between them: no promise, no timer, so
 * that thousands of lives fit into a minute. The device's transport is the simulator's, which shares
 * only the header codec with ours.
 */

import { Mux, type Realm } from "../../lib/p2p/mux.ts";
import type { MuxOptions } from "../../lib/p2p/mux_options.ts";
import { PseudoTcp } from "../../lib/simulator/p2p/pseudo_tcp.ts";
import type { PseudoTcpOptions } from "../../lib/simulator/p2p/pseudo_tcp_options.ts";
import { ImpairedLink, type Impairment } from "../../lib/simulator/p2p/impairment.ts";

/** What a client does with one connection. */
export interface Errand {
  /** `echo`: all that is sent comes back; `source`: the device sends `bytes` and closes. */
  readonly kind: "echo" | "source" | "refused" | "mute";
  readonly bytes: number;
  /** When it begins, in milliseconds. */
  readonly at: number;
  /** Most bytes that its reader takes at once, and the pause after each time, in milliseconds. */
  readonly chunk: number;
  readonly pause: number;
  /** After so many bytes it does not read for a while. */
  readonly stall: { readonly after: number; readonly time: number } | undefined;
  /** After so many bytes it has had enough, and closes the connection. */
  readonly leaveAfter?: number | undefined;
}

/** One world. */
export interface WorldOptions {
  readonly random: () => number;
  readonly toDevice: Impairment;
  readonly toClient: Impairment;
  readonly device: PseudoTcpOptions;
  readonly client: Omit<MuxOptions, "random">;
  readonly errands: readonly Errand[];
  /** The network is dead from `at` on, for `time` milliseconds. */
  readonly blackhole?: { readonly at: number; readonly time: number } | undefined;
  /** The device starts anew at this time, and knows nothing. */
  readonly restartAt?: number | undefined;
}

/** How a connection went. */
export interface Outcome {
  readonly errand: Errand;
  readonly end: string;
  /** Bytes that arrived at the client, all of them right. */
  readonly received: number;
  readonly endedAt: number;
}

const PORTS = { echo: 7, source: 19, refused: 1, mute: 2 };
/** Time after which a world that still has work is stuck. */
const END = 1_200_000;
/** Far more than any of these worlds needs: something goes round in circles. */
const MOST_STEPS = 200_000;

/** The byte at an offset of a connection, in either direction. */
function byteAt(realm: number, offset: number): number {
  return (realm ^ Math.imul(offset, 31) ^ offset >>> 8) & 0xff;
}

class Job {
  readonly errand: Errand;
  readonly realm: Realm;
  received = 0;
  written = 0;
  readAt = 0;
  endedAt = -1;
  hasStalled = false;

  constructor(errand: Errand, realm: Realm) {
    this.errand = errand;
    this.realm = realm;
  }
}

/** A device with three ports, written as simply as can be. */
class Device {
  readonly tcp: PseudoTcp;
  /** Bytes still to send, by realm, and how many went out. */
  readonly #sources = new Map<number, { left: number; sent: number }>();
  readonly #echoes = new Map<number, { waiting: Uint8Array[]; seen: number }>();
  readonly #sizes: Map<number, number>;
  readonly #wrong: (what: string) => void;
  #head = new Uint8Array(0);

  constructor(
    emit: (datagram: Uint8Array) => void,
    options: PseudoTcpOptions,
    sizes: Map<number, number>,
    wrong: (what: string) => void,
  ) {
    this.#sizes = sizes;
    this.#wrong = wrong;
    this.tcp = new PseudoTcp({ emit, deliver: (bytes) => this.#deliver(bytes) }, options);
  }

  now = 0;

  /** Sends what there is room for. */
  work(now: number): void {
    this.now = now;
    for (const [realm, source] of this.#sources) {
      while (source.left > 0 && this.tcp.room > 2_600) {
        const size = Math.min(1_280, source.left);
        const payload = new Uint8Array(size);
        for (let i = 0; i < size; i++) payload[i] = byteAt(realm, source.sent + i);
        this.tcp.send(message(0x10, realm, size), payload, now);
        source.sent += size;
        source.left -= size;
      }
      if (source.left > 0) continue;
      this.#sources.delete(realm);
      this.tcp.send(message(0x12, realm, 0), new TextEncoder().encode("DISC"), now);
    }
    for (const [realm, echo] of this.#echoes) {
      while (echo.waiting.length > 0 && this.tcp.room > 2_600) {
        const payload = echo.waiting.shift()!;
        this.tcp.send(message(0x10, realm, payload.length), payload, now);
        this.tcp.consume(payload.length, now);
      }
    }
  }

  #deliver(bytes: Uint8Array): void {
    // As simple as it is slow: everything is joined and cut again.
    const all = new Uint8Array(this.#head.length + bytes.length);
    all.set(this.#head);
    all.set(bytes, this.#head.length);
    let at = 0;
    let kept = 0;
    for (;;) {
      const size = sizeOf(all, at);
      if (size === 0 || at + size > all.length) break;
      kept += this.#message(all.subarray(at, at + size));
      at += size;
    }
    this.#head = all.slice(at);
    this.tcp.consume(bytes.length - Math.min(kept, bytes.length), this.now);
  }

  /** Returns how many of its bytes wait to be echoed. */
  #message(bytes: Uint8Array): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const realm = view.getUint32(4);
    if (bytes[0] === 0x11) {
      const port = view.getUint32(12);
      if (bytes.subarray(16, 20).join(".") !== "127.0.0.1") this.#wrong("BIND of another host");
      const word = port === PORTS.refused ? "DISC" : port === PORTS.mute ? "" : "CONN";
      if (word === "") return 0;
      this.tcp.send(message(0x12, realm, 0), new TextEncoder().encode(word), this.now);
      if (port === PORTS.echo) this.#echoes.set(realm, { waiting: [], seen: 0 });
      if (port === PORTS.source) {
        this.#sources.set(realm, { left: this.#sizes.get(realm)!, sent: 0 });
      }
      return 0;
    }
    if (bytes[0] === 0x12) {
      const echo = this.#echoes.get(realm);
      for (const { length } of echo?.waiting ?? []) this.tcp.consume(length, this.now);
      const known = this.#sources.delete(realm) || this.#echoes.delete(realm);
      if (known) this.tcp.send(message(0x12, realm, 0), new TextEncoder().encode("DISC"), this.now);
      return 0;
    }
    const echo = this.#echoes.get(realm);
    if (bytes[0] !== 0x10 || echo === undefined) return 0;
    for (const byte of bytes.subarray(12)) {
      if (byte !== byteAt(realm, echo.seen++)) this.#wrong("a wrong byte at the device");
    }
    echo.waiting.push(bytes.slice(12));
    return bytes.length - 12;
  }
}

function message(type: number, realm: number, length: number): Uint8Array {
  const bytes = new Uint8Array(12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length);
  bytes[0] = type;
  view.setUint32(4, realm);
  return bytes;
}

/** Bytes of the message that begins there; 0 when that is not known yet. */
function sizeOf(bytes: Uint8Array, at: number): number {
  if (bytes.length - at < 4) return 0;
  const type = bytes[at]!;
  if (type === 0x10) return 12 + (bytes[at + 2]! << 8 | bytes[at + 3]!);
  return type === 0x11 ? 20 : type === 0x12 ? 16 : 12;
}

/** Runs a world to its end. Throws when a byte is wrong, a window overrun, or nothing goes on. */
export function live(options: WorldOptions): { outcomes: Outcome[]; mux: Mux; device: Device } {
  const { random, blackhole } = options;
  const links = [
    new ImpairedLink(options.toDevice, random),
    new ImpairedLink(options.toClient, random),
  ] as const;
  const wrong = (what: string) => {
    throw new Error(what);
  };
  const sizes = new Map<number, number>();
  const transit: { at: number; order: number; to: 0 | 1; bytes: Uint8Array }[] = [];
  let order = 0;
  let now = 0;
  const send = (to: 0 | 1, bytes: Uint8Array) => {
    if (blackhole !== undefined && now >= blackhole.at && now < blackhole.at + blackhole.time) {
      return;
    }
    for (const arrival of links[to].send(bytes, now)) {
      if (arrival.foreign) continue; // the tunnel drops what comes from elsewhere
      insert(transit, { at: arrival.at, order: order++, to, bytes: arrival.bytes.slice() });
    }
  };
  const newDevice = () => new Device((bytes) => send(1, bytes), options.device, sizes, wrong);
  let device = newDevice();
  let restartAt = options.restartAt ?? Infinity;
  const mux = new Mux({ random, ...options.client });
  // What is on its way when a limit is reached arrives all the same.
  const { sharedLimit = 16 * 1024 * 1024, windowScale = 0 } = options.client;
  const mostHeld = sharedLimit + 65_535 * 2 ** windowScale;
  const buffer = new Uint8Array(65_536);
  const jobs: Job[] = [];
  const errands = [...options.errands].sort((a, b) => a.at - b.at);
  mux.connect(0);

  const serve = (job: Job) => {
    const { realm, errand } = job;
    if (errand.kind === "echo" && realm.state === "open" && !realm.writing) {
      const size = Math.min(errand.bytes - job.written, 8_192);
      if (size > 0) {
        const bytes = new Uint8Array(size);
        for (let i = 0; i < size; i++) bytes[i] = byteAt(realm.id, job.written + i);
        job.written += size;
        realm.write(bytes);
      }
    }
    while (now >= job.readAt) {
      const read = realm.read(buffer.subarray(0, errand.chunk));
      if (read === 0) break;
      for (let i = 0; i < read; i++) {
        if (buffer[i] !== byteAt(realm.id, job.received++)) wrong("a wrong byte at the client");
      }
      job.readAt = now + errand.pause;
      const { stall } = errand;
      if (stall !== undefined && !job.hasStalled && job.received >= stall.after) {
        job.hasStalled = true;
        job.readAt = now + stall.time;
      }
    }
    const isDone = errand.kind === "echo" && job.received === errand.bytes;
    if (isDone || job.received >= (errand.leaveAfter ?? Infinity)) realm.close();
    if (realm.state === "closed" && realm.queued === 0 && job.endedAt < 0) job.endedAt = now;
  };

  for (let step = 0;; step++) {
    if (step > MOST_STEPS) wrong(`no end after ${step} steps, at ${now} ms`);
    while (errands.length > 0 && errands[0]!.at <= now && mux.state !== "connecting") {
      const errand = errands.shift()!;
      const realm = mux.open(PORTS[errand.kind]);
      sizes.set(realm.id, errand.bytes);
      jobs.push(new Job(errand, realm));
    }
    for (const job of jobs) if (job.endedAt < 0) serve(job);
    for (let datagram = mux.poll(now); datagram !== null; datagram = mux.poll(now)) {
      send(0, datagram);
    }
    for (const job of jobs) if (job.endedAt < 0) serve(job);
    if (now >= restartAt) {
      restartAt = Infinity;
      device.tcp.vanish();
      device = newDevice();
    }
    device.work(now);
    if (now >= device.tcp.deadline) device.tcp.tick(now);
    if (mux.state === "failed") errands.length = 0;
    if (errands.length === 0 && jobs.every(({ endedAt }) => endedAt >= 0)) break;
    let next = Math.min(transit[0]?.at ?? Infinity, mux.deadline, device.tcp.deadline, restartAt);
    if (errands.length > 0 && mux.state === "established") next = Math.min(next, errands[0]!.at);
    for (const job of jobs) {
      if (job.endedAt < 0 && job.realm.queued > 0) next = Math.min(next, job.readAt);
    }
    if (mux.held > mostHeld) wrong(`${mux.held} bytes are held`);
    if (next === Infinity) wrong("nothing goes on");
    if (next > END) wrong(`no end after ${END} ms`);
    now = Math.max(now, next);
    while (transit[0] !== undefined && transit[0].at <= now) {
      const { to, bytes } = transit.shift()!;
      device.now = now;
      if (to === 0) device.tcp.input(bytes, now);
      else mux.input(bytes, now);
    }
  }
  if (device.tcp.counters.overruns > 0) wrong("the device's window was overrun");
  if (mux.realms > 0) wrong("a connection that is over is still known");
  if (mux.held > 0 && mux.state !== "failed") wrong(`${mux.held} bytes of nobody are held`);
  const outcomes = jobs.map(({ errand, realm, received, endedAt }) => ({
    errand,
    end: realm.end ?? "open",
    received,
    endedAt,
  }));
  return { outcomes, mux, device };
}

function insert<T extends { at: number; order: number }>(list: T[], item: T): void {
  let at = list.length;
  while (at > 0 && list[at - 1]!.at > item.at) at--;
  list.splice(at, 0, item);
}

/**
 * The device's end of one tunnel: a PseudoTcp, and connections to its ports inside.
 *
 * @module
 */

import {
  InnerMessageReader,
  plainMessage,
  statusMessage,
  writeDataHead,
} from "./inner_messages.ts";
import { PseudoTcp } from "./pseudo_tcp.ts";
import type { PseudoTcpOptions } from "./pseudo_tcp_options.ts";
import { type OpenPort, Realm, type RealmLine } from "./realm.ts";

/** Data of one message, at most; observed by several programs on real devices. */
const MOST_DATA = 1280;
/** Milliseconds between heartbeats; all known programs have it. */
const HEARTBEAT = 5000;
/** Milliseconds of silence after which a client is forgotten. */
const SILENCE = 60_000;
/** Connections of one tunnel at once. */
const MOST_REALMS = 256;
/** Bytes that a slow service may have waiting before the window of the tunnel shuts. */
const REALM_BUFFER = 262_144;
const NOTHING = new Uint8Array(0);

/** What a tunnel asks the device. */
export interface TunnelHost {
  /** Sends a datagram to the client; the memory is used again after the call. */
  emit(datagram: Uint8Array): void;
  /** The time in milliseconds. */
  now(): number;
  /** Finds what a port leads to. */
  open: OpenPort;
  /** What happens to a BIND instead: a refusal, or no answer. Default nothing. */
  misbind?(port: number): "refuse" | "silence" | undefined;
  /** A sign for a direct tunnel; undefined = 0x17 stays unanswered. */
  sign(): Uint8Array | undefined;
  /** Whether a sign of 0x19 is good. */
  check(sign: Uint8Array): boolean;
  /** A service has written or read: the deadline may be another. Default nothing. */
  pending?(): void;
}

/** Options of a tunnel. */
export interface TunnelOptions extends PseudoTcpOptions {
  /** True: BIND is refused until a sign was taken. Default false. */
  readonly signNeeded?: boolean | undefined;
  /** True: the length of the sign stands in 0x18; false: it is that of the segment. Default false. */
  readonly signLength?: boolean | undefined;
  /** Bytes that a slow service may have waiting before the window shuts. Default 262144. */
  readonly realmBuffer?: number | undefined;
}

/** What has happened in one tunnel. */
export interface TunnelCounters {
  /** BINDs that came in. */
  binds: number;
  /** Those that were refused. */
  refusedBinds: number;
  /** BINDs whose target was not the device itself; they are refused. */
  foreignTargets: number;
  /** DATA of connections that do not exist. */
  strayData: number;
  /** Messages that are none. */
  unknown: number;
  /** Heartbeats that came in. */
  heartbeats: number;
  /** Bytes of connections that came in. */
  dataReceived: number;
  /** Bytes of connections sent. */
  dataSent: number;
}

/** One tunnel. */
export class DeviceTunnel {
  /** Counters of messages; those of segments are in `tcp`. */
  readonly counters: TunnelCounters = {
    binds: 0,
    refusedBinds: 0,
    foreignTargets: 0,
    strayData: 0,
    unknown: 0,
    heartbeats: 0,
    dataReceived: 0,
    dataSent: 0,
  };
  /** The transport. */
  readonly tcp: PseudoTcp;
  readonly #host: TunnelHost;
  readonly #options: TunnelOptions;
  readonly #reader: InnerMessageReader;
  readonly #realms = new Map<number, Realm>();
  /** Those that have something to send, the next one first. */
  readonly #line: Realm[] = [];
  readonly #head = new Uint8Array(12);
  #signed = false;
  #pumping = false;
  #heartbeatAt = Infinity;
  #lastHeard: number;
  #over = false;

  /** Makes a tunnel that waits for its client. */
  constructor(host: TunnelHost, options: TunnelOptions = {}) {
    this.#host = host;
    this.#options = options;
    this.#lastHeard = host.now();
    this.tcp = new PseudoTcp({
      emit: (datagram) => host.emit(datagram),
      deliver: (bytes) => this.#reader.push(bytes),
    }, options);
    this.#reader = new InnerMessageReader({
      data: (realm, bytes) => this.#data(realm, bytes),
      bind: (realm, port, target) => this.#bind(realm, port, target),
      status: (realm, word) => this.#status(realm, word),
      other: (type, tail) => this.#other(type, tail),
      unknown: () => void this.counters.unknown++,
    });
  }

  /** True when nothing can come of it any more. */
  get over(): boolean {
    return this.#over;
  }

  /** Connections now. */
  get realms(): number {
    return this.#realms.size;
  }

  /** When {@linkcode DeviceTunnel.tick} wants to be called. */
  get deadline(): number {
    if (this.#over) return Infinity;
    return Math.min(this.tcp.deadline, this.#heartbeatAt, this.#lastHeard + SILENCE);
  }

  /** Takes a datagram of the client. */
  input(datagram: Uint8Array): void {
    if (this.#over) return;
    const now = this.#lastHeard = this.#host.now();
    const before = this.tcp.counters.bytesReceived;
    this.tcp.input(datagram, now);
    // Everything is consumed but what a slow service has left waiting.
    const taken = this.tcp.counters.bytesReceived - before - this.#withheld;
    this.#withheld = 0;
    if (taken > 0) this.tcp.consume(taken, now);
    if (this.tcp.state === "closed") return this.#end();
    if (this.#heartbeatAt === Infinity && this.tcp.state === "established") {
      this.#heartbeatAt = now + HEARTBEAT;
    }
    this.#pump();
  }

  /** Does what time asks for. */
  tick(): void {
    if (this.#over) return;
    const now = this.#host.now();
    this.tcp.tick(now);
    if (now >= this.#heartbeatAt) {
      this.#heartbeatAt = now + HEARTBEAT;
      this.tcp.send(plainMessage(0x13), NOTHING, now);
    }
    if (now >= this.#lastHeard + SILENCE) this.tcp.vanish();
    if (this.tcp.state === "closed") return this.#end();
    this.#pump();
  }

  /** Ends it with a reset. */
  reset(): void {
    this.tcp.reset(this.#host.now());
    this.#end();
  }

  /** Ends it without a word. */
  vanish(): void {
    this.tcp.vanish();
    this.#end();
  }

  /** Bytes of this datagram that a slow service holds back. */
  #withheld = 0;

  #data(id: number, bytes: Uint8Array): void {
    const realm = this.#realms.get(id);
    if (realm === undefined || !realm.open || realm.gone) {
      this.counters.strayData++;
      // Without room it is lost: a client that asks for nothing else gets no memory.
      if (this.tcp.room > 0) this.#say(statusMessage(id, "DISC"));
      return;
    }
    this.counters.dataReceived += bytes.length;
    realm.backlog += bytes.length;
    if (realm.backlog > (this.#options.realmBuffer ?? REALM_BUFFER)) {
      realm.withheld += bytes.length;
      this.#withheld += bytes.length;
    }
    realm.service?.data(bytes);
  }

  #bind(id: number, port: number, target: string): void {
    this.counters.binds++;
    const known = this.#realms.get(id);
    if (known !== undefined) {
      if (known.open) this.#say(statusMessage(id, "CONN"));
      return;
    }
    const fate = this.#host.misbind?.(port);
    if (fate === "silence") return;
    if (target !== "127.0.0.1") this.counters.foreignTargets++;
    const refused = fate === "refuse" || target !== "127.0.0.1" ||
      this.#realms.size >= MOST_REALMS || (this.#options.signNeeded === true && !this.#signed);
    const realm = new Realm(id);
    this.#realms.set(id, realm);
    const service = refused ? undefined : this.#host.open(port, this.#lineOf(realm));
    if (service !== undefined) realm.service = service;
    else {
      this.counters.refusedBinds++;
      this.#finish(realm);
    }
  }

  #lineOf(realm: Realm): RealmLine {
    return {
      accept: () => {
        if (realm.open || realm.gone || realm.closing) return;
        realm.open = true;
        this.#say(statusMessage(realm.id, "CONN"));
        this.#host.pending?.();
      },
      close: () => {
        if (realm.gone || realm.closing) return;
        realm.closing = true;
        if (!realm.open) this.counters.refusedBinds++;
        if (!realm.wants) this.#finish(realm);
        this.#host.pending?.();
      },
      write: (bytes, done) => {
        if (realm.gone || realm.closing) return done?.();
        const waited = realm.wants;
        realm.write(bytes, done);
        if (!waited && realm.wants) this.#line.push(realm);
        this.#pump();
        this.#host.pending?.();
      },
      consumed: (bytes) => {
        realm.backlog -= bytes;
        const free = Math.min(realm.withheld, bytes);
        if (free > 0) this.#release(realm, free);
      },
    };
  }

  #release(realm: Realm, bytes: number): void {
    realm.withheld -= bytes;
    // Within the call that delivered them they were never held back.
    const now = Math.min(bytes, this.#withheld);
    this.#withheld -= now;
    if (bytes > now) this.tcp.consume(bytes - now, this.#host.now());
  }

  /** A connection ends on the device's side: DISC. */
  #finish(realm: Realm): void {
    this.#say(statusMessage(realm.id, "DISC"));
    this.#forget(realm);
  }

  #forget(realm: Realm): void {
    this.#realms.delete(realm.id);
    const at = this.#line.indexOf(realm);
    if (at >= 0) this.#line.splice(at, 1);
    realm.end();
    if (realm.withheld > 0) this.#release(realm, realm.withheld);
  }

  #status(id: number, word: string): void {
    const realm = this.#realms.get(id);
    if (word !== "DISC" || realm === undefined) return;
    // The device answers a DISC with its own (observed by dh-p2p).
    this.#finish(realm);
  }

  #other(type: number, tail: Uint8Array): void {
    if (type === 0x13) this.counters.heartbeats++;
    else if (type === 0x17) {
      const sign = this.#host.sign();
      if (sign === undefined) return;
      const told = this.#options.signLength === true ? sign.length : 0;
      this.tcp.send(plainMessage(0x18, told), sign, this.#host.now(), told === 0);
    } else if (type === 0x19) {
      if (!this.#host.check(tail)) return;
      this.#signed = true;
      this.#say(plainMessage(0x1a));
    }
  }

  #say(message: Uint8Array): void {
    this.tcp.send(message, NOTHING, this.#host.now());
  }

  /** Gives every connection its turn, one message each, while there is room. */
  #pump(): void {
    if (this.#pumping || this.#over) return;
    this.#pumping = true;
    const now = this.#host.now();
    while (this.#line.length > 0 && this.tcp.room >= MOST_DATA + 12) {
      const realm = this.#line.shift()!;
      const { bytes, done } = realm.take(MOST_DATA);
      writeDataHead(this.#head, realm.id, bytes.length);
      this.counters.dataSent += bytes.length;
      this.tcp.send(this.#head, bytes, now);
      if (realm.wants) this.#line.push(realm);
      done?.();
      // What `done` has written stands in line already.
      if (!realm.wants && realm.closing && !realm.gone) this.#finish(realm);
    }
    this.#pumping = false;
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    for (const realm of [...this.#realms.values()]) {
      this.#realms.delete(realm.id);
      realm.end();
    }
    this.#line.length = 0;
  }
}

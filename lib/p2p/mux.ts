/**
 * Many realms over one PTCP session: a state machine without I/O.
 *
 * Sending is fair: realms take turns, a message each, and a writer waits until its bytes are under
 * way. Receiving is bounded by a {@linkcode ReadBudget}.
 *
 * @module
 */

import { PseudoTcp } from "./pseudo_tcp.ts";
import type { MuxFailure, MuxOptions } from "./mux_options.ts";
import type { PseudoTcpStats } from "./pseudo_tcp_types.ts";
import { BindQueue } from "./_bind_queue.ts";
import { Heartbeat } from "./_heartbeat.ts";
import { ReadBudget } from "./_read_budget.ts";
import { Realm, type RealmOwner } from "./_realm.ts";
import {
  AUTH_DONE,
  authMessage,
  bindMessage,
  DATA_SIZE,
  disconnectMessage,
  HEARTBEAT,
  SIGN_REQUEST,
  type TouHandler,
  type TouMessage,
  TouParser,
  writeDataHead,
} from "./tou.ts";

export type { Realm, RealmEnd, RealmState } from "./_realm.ts";

/** Closed realms whose late messages are dropped in silence. */
const REMEMBERED = 256;
/** Messages that wait to be sent; a device that asks on while it takes nothing is not answered. */
const MOST_WAITING = 256;

/** A session and its realms. Used as a {@linkcode PseudoTcp}: poll until null after every call. */
export class Mux implements RealmOwner, TouHandler {
  readonly #tcp: PseudoTcp;
  readonly #parser = new TouParser(this);
  readonly #options: MuxOptions;
  readonly #heartbeat: Heartbeat;
  readonly #binds: BindQueue;
  readonly #realms = new Map<number, Realm>();
  readonly #remembered = new Set<number>();
  readonly #unknown = new Set<number>();
  /** Messages that go before data. */
  readonly #control: Uint8Array[] = [];
  /** Realms with something to send, in turns. */
  readonly #turns: Realm[] = [];
  readonly #dataHead = new Uint8Array(12);
  readonly #budget: ReadBudget;
  #now = 0;
  #failure: MuxFailure | undefined;
  /** Bytes of realms that came from the device. */
  bytesIn = 0;
  /** Bytes of realms that went to the device. */
  bytesOut = 0;
  #sign: Uint8Array | undefined;
  #authorised = false;
  /** Hears that the state, the sign or the authorisation has changed. */
  onChange: (() => void) | undefined;

  constructor(options: MuxOptions) {
    this.#options = options;
    this.#heartbeat = new Heartbeat(options.heartbeatInterval ?? 5_000);
    this.#binds = new BindQueue(options.bindTimeout ?? 10_000);
    const { aloneLimit = 256 * 1024, sharedLimit = 16 * 1024 * 1024 } = options;
    this.#budget = new ReadBudget({ alone: aloneLimit, shared: sharedLimit });
    const { windowScale = 0 } = options;
    if (!(windowScale <= 8)) throw new RangeError("windowScale must be 0 to 8");
    this.#tcp = new PseudoTcp({
      windowScale,
      receiveBuffer: 65_535 * 2 ** windowScale,
      initialSequence: options.initialSequence,
      deliver: (bytes) => {
        this.#budget.delivered(bytes.length);
        this.#parser.push(bytes);
        this.#settle();
      },
    });
  }

  /** Where the session is. */
  get state(): "closed" | "connecting" | "established" | "failed" {
    return this.#failure === undefined ? this.#tcp.state : "failed";
  }

  /** Why it failed. */
  get failure(): MuxFailure | undefined {
    return this.#failure;
  }

  /** The sign that a relay gave. A secret. */
  get sign(): Uint8Array | undefined {
    return this.#sign;
  }

  /** Whether the device has taken our sign. */
  get authorised(): boolean {
    return this.#authorised;
  }

  /** Realms that are not closed. */
  get realms(): number {
    return this.#realms.size;
  }

  /** Whether everything that was to be said has arrived. */
  get isSettled(): boolean {
    return this.#control.length === 0 && this.#tcp.writable && this.#tcp.stats.flight === 0;
  }

  /** Unread bytes of all realms. */
  get held(): number {
    return this.#budget.held;
  }

  /** Figures of the transport. */
  get stats(): PseudoTcpStats {
    return this.#tcp.stats;
  }

  /** When `poll` has to be called at the latest. */
  get deadline(): number {
    if (this.#failure !== undefined) return Infinity;
    return Math.min(
      this.#tcp.deadline,
      this.#heartbeat.deadline,
      this.#binds.deadline(this.#tcp.heardAt),
      this.#tcp.writable ? this.#binds.nextAt : Infinity,
      this.#budget.deadline,
    );
  }

  /** Begins the session. */
  connect(now: number): void {
    this.#tcp.connect(now);
  }

  /** Asks the relay for a sign. */
  requestSign(): void {
    this.#control.push(SIGN_REQUEST);
  }

  /** Shows the device a sign. */
  authorise(sign: Uint8Array): void {
    this.#control.push(authMessage(sign));
  }

  /**
   * Opens a connection to a port of the device's loopback.
   *
   * @throws {RangeError} when the port is not 1 to 65535
   */
  open(port: number): Realm {
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      throw new RangeError("A port is 1 to 65535");
    }
    let id: number;
    do id = Math.floor(this.#options.random() * 0x1_0000_0000) >>> 0; while (
      id === 0 || this.#realms.has(id) || this.#remembered.has(id)
    );
    const realm = new Realm(id, port, this);
    if (this.#failure !== undefined) {
      realm.finish("failed");
      return realm;
    }
    this.#realms.set(id, realm);
    this.#binds.add(realm);
    this.#settle(); // one that was alone is so no more
    return realm;
  }

  /** Takes a datagram of the session. */
  input(datagram: Uint8Array, now: number): void {
    this.#now = now;
    const before = this.#tcp.state;
    this.#tcp.input(datagram, now);
    if (this.#tcp.state !== before) this.#follow(now);
  }

  /** The next datagram to send, valid until the next call. */
  poll(now: number): Uint8Array | null {
    if (this.#failure !== undefined) return null;
    this.#now = now;
    this.#expire(now);
    if (this.#failure !== undefined) return null;
    this.#fill(now);
    const datagram = this.#tcp.poll(now);
    if (this.#tcp.state === "failed") this.#follow(now);
    return datagram;
  }

  /** Ends all realms and the session on this side. Disconnects are queued: poll sends them. */
  closeRealms(): void {
    for (const realm of [...this.#realms.values()]) realm.close();
  }

  /** Ends the session. */
  close(): void {
    this.#tcp.close();
    for (const realm of this.#realms.values()) realm.finish("closed");
    this.#realms.clear();
    this.#heartbeat.deadline = this.#budget.deadline = Infinity;
  }

  /** The session is lost, and its realms with it. */
  fail(failure: MuxFailure): void {
    this.#failure = failure;
    this.#tcp.close();
    for (const realm of this.#realms.values()) realm.finish("failed");
    this.#realms.clear();
    this.onChange?.();
  }

  /** {@inheritDoc RealmOwner} */
  taken(realm: Realm, bytes: number): void {
    this.#budget.taken(realm, bytes);
    this.#settle();
  }

  /** {@inheritDoc RealmOwner} */
  written(realm: Realm): void {
    if (realm.state === "open") this.#turns.push(realm);
  }

  /** {@inheritDoc RealmOwner} */
  closed(realm: Realm): void {
    this.#budget.dropped(realm);
    if (this.#realms.has(realm.id)) this.#disconnect(realm);
    this.#settle();
  }

  /** {@inheritDoc TouHandler} */
  data(id: number, payload: Uint8Array): void {
    const realm = this.#realms.get(id);
    if (realm === undefined || realm.state !== "open") return this.#stranger(id);
    if (payload.length === 0) return;
    this.bytesIn += payload.length;
    realm.receive(payload);
    this.#budget.queued(realm, payload.length, this.#now);
    realm.onChange?.();
  }

  /** {@inheritDoc TouHandler} */
  message(message: TouMessage): void {
    switch (message.type) {
      case "status":
        return this.#onStatus(message.realm, message.status);
      case "bind": // a device that wants to connect to us
        this.#answer(disconnectMessage(message.realm));
        return;
      case "sign":
        this.#sign = message.sign;
        this.onChange?.();
        return;
      case "auth-ok":
        this.#answer(AUTH_DONE);
        this.#authorised = true;
        this.onChange?.();
    }
  }

  /** {@inheritDoc TouHandler} */
  unknown(type: number, bytes: number): void {
    if (this.#unknown.has(type)) return;
    this.#unknown.add(type);
    this.#options.onUnknown?.(type, bytes);
  }

  #onStatus(id: number, status: string): void {
    const realm = this.#realms.get(id);
    const isConnect = status === "CONN";
    if (!isConnect && status !== "DISC") return;
    if (realm === undefined) {
      if (isConnect) this.#stranger(id);
      return;
    }
    if (!isConnect) {
      this.#forget(realm);
      realm.finish(realm.state === "open" ? "disconnected" : "refused");
      return;
    }
    if (realm.state !== "binding") return;
    this.#binds.remove(realm);
    realm.state = "open";
    if (realm.writing) this.#turns.push(realm);
    realm.onChange?.();
  }

  /** Something about a realm that does not exist: the device must not go on with it. */
  #stranger(id: number): void {
    if (this.#remembered.has(id)) return;
    if (this.#answer(disconnectMessage(id))) this.#remember(id);
  }

  #answer(message: Uint8Array): boolean {
    const hasRoom = this.#control.length < MOST_WAITING;
    if (hasRoom) this.#control.push(message);
    return hasRoom;
  }

  #disconnect(realm: Realm): void {
    if (this.#forget(realm)) this.#control.push(disconnectMessage(realm.id));
  }

  /** Takes a realm off the list; false when the device has never heard of it. */
  #forget(realm: Realm): boolean {
    this.#realms.delete(realm.id);
    this.#remember(realm.id);
    return this.#binds.remove(realm);
  }

  #remember(id: number): void {
    this.#remembered.add(id);
    if (this.#remembered.size > REMEMBERED) {
      this.#remembered.delete(this.#remembered.values().next().value!);
    }
  }

  #follow(now: number): void {
    if (this.#tcp.state === "established") this.#heartbeat.start(now);
    else if (this.#tcp.failure !== undefined) return this.fail(this.#tcp.failure);
    this.onChange?.();
  }

  #expire(now: number): void {
    if (now >= this.#heartbeat.deadline) {
      const due = this.#heartbeat.beat(now, this.#tcp.heardAt);
      if (due === "dead") return this.fail("heartbeat");
      if (due === "ask") this.#tcp.ask(now);
      if (due === "send" && !this.#control.includes(HEARTBEAT)) this.#control.push(HEARTBEAT);
    }
    const { heardAt } = this.#tcp;
    for (let late = this.#binds.expired(now, heardAt); late !== undefined;) {
      this.#disconnect(late);
      late.finish("no-answer");
      late = this.#binds.expired(now, heardAt);
    }
    if (now >= this.#budget.deadline) this.#settle();
  }

  /** Hands the transport what it has room for. */
  #fill(now: number): void {
    const tcp = this.#tcp;
    while (tcp.writable) {
      const control = this.#control.shift();
      if (control !== undefined) {
        tcp.send(control);
        continue;
      }
      const bind = this.#binds.next(now);
      if (bind !== undefined) {
        bind.state = "binding";
        tcp.send(bindMessage(bind.id, bind.port));
        continue;
      }
      const realm = this.#turns.shift();
      if (realm === undefined) return;
      const payload = realm.state === "open" ? realm.next(DATA_SIZE) : undefined;
      if (payload === undefined) continue;
      this.bytesOut += payload.length;
      writeDataHead(this.#dataHead, realm.id, payload.length);
      tcp.send(this.#dataHead, payload);
      if (realm.writing && !this.#turns.includes(realm)) this.#turns.push(realm);
    }
  }

  /** Opens the window as far as the unread bytes allow. */
  #settle(): void {
    const bytes = this.#budget.settle(this.#now, this.#realms.size, (realm) => {
      this.#budget.dropped(realm);
      if (this.#realms.has(realm.id)) this.#disconnect(realm);
      realm.stop();
    });
    if (bytes > 0) this.#tcp.consume(bytes);
  }
}

/**
 * One connection inside a session, without I/O.
 *
 * @module
 */

import { ByteQueue } from "./_byte_queue.ts";

/** Where a realm is. `open` begins with the device's CONN. */
export type RealmState = "waiting" | "binding" | "open" | "closed";

/**
 * Why a realm is closed: by this side; by the device; the device refused its port, or did not say
 * anything about it; its reader took too little while others waited; or the session has failed.
 */
export type RealmEnd = "closed" | "disconnected" | "refused" | "no-answer" | "stuck" | "failed";

/** What its session does for a realm. */
export interface RealmOwner {
  /** Bytes were taken from its queue. */
  taken(realm: Realm, bytes: number): void;
  /** It has something to send. */
  written(realm: Realm): void;
  /** Its user has closed it, whatever the device still has. */
  closed(realm: Realm): void;
}

/** A connection to a port of the device. */
export class Realm {
  /** Number in the messages. */
  readonly id: number;
  /** TCP port on the device's loopback. */
  readonly port: number;
  /** Hears that something can be read, that a write is done, or that it is closed. */
  onChange: (() => void) | undefined;
  /** For the session. */
  state: RealmState = "waiting";
  /** For the session: why it is closed. */
  end: RealmEnd | undefined;
  /** For the session: since when its queue is long, and how much had been read then. */
  behind: { readonly since: number; readonly read: number } | undefined;
  /** Bytes that its reader has taken. */
  bytesRead = 0;
  readonly #owner: RealmOwner;
  readonly #incoming = new ByteQueue();
  #outgoing: Uint8Array | undefined;

  constructor(id: number, port: number, owner: RealmOwner) {
    this.id = id;
    this.port = port;
    this.#owner = owner;
  }

  /** Bytes that wait for the reader. */
  get queued(): number {
    return this.#incoming.size;
  }

  /** Whether a write waits for the session. */
  get writing(): boolean {
    return this.#outgoing !== undefined;
  }

  /** Moves bytes that have arrived to `buffer`; returns how many, 0 when there are none now. */
  read(buffer: Uint8Array): number {
    const taken = this.#incoming.take(buffer);
    if (taken > 0) {
      this.bytesRead += taken;
      this.#owner.taken(this, taken);
    }
    return taken;
  }

  /** Gives bytes to send, which stay as they are until {@linkcode writing} is false again. */
  write(bytes: Uint8Array): void {
    if (this.#outgoing !== undefined) throw new TypeError("One write at a time");
    if (bytes.length === 0 || this.state === "closed") return;
    this.#outgoing = bytes;
    this.#owner.written(this);
  }

  /** Closes both directions; what has arrived is dropped. */
  close(): void {
    this.#owner.closed(this);
    this.finish("closed");
    this.#incoming.clear();
  }

  /** For the session: bytes from the device. */
  receive(bytes: Uint8Array): void {
    this.#incoming.add(bytes);
  }

  /** For the session: its reader has stopped, and others wait. */
  stop(): void {
    this.end = "stuck";
    this.#incoming.clear();
    this.finish("stuck");
  }

  /** For the session: at most `limit` bytes to send, a view. */
  next(limit: number): Uint8Array | undefined {
    const outgoing = this.#outgoing;
    if (outgoing === undefined) return undefined;
    const part = outgoing.length > limit ? outgoing.subarray(0, limit) : outgoing;
    this.#outgoing = outgoing.length > limit ? outgoing.subarray(limit) : undefined;
    if (this.#outgoing === undefined) this.onChange?.();
    return part;
  }

  /** For the session: it is over. What has arrived can still be read. */
  finish(end: RealmEnd): void {
    if (this.state === "closed") return;
    this.state = "closed";
    this.end = end;
    this.#outgoing = undefined;
    this.onChange?.();
  }
}

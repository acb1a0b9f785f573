/**
 * The messages inside a PTCP session, which firmwares call TOU: realms are opened, carry bytes and
 * are closed by them.
 *
 * They are a stream: a segment may hold several, or a part of one. Only where a message does not
 * tell its length does the end of its segment count.
 *
 * @module
 */

import { setUint32, uint32 } from "../net/bytes.ts";

/** Longest payload of one DATA message: what devices send (observed by dh-p2p). */
export const DATA_SIZE = 1_280;
/** Longest sign that is taken, in bytes; those that were seen are far shorter. */
const LONGEST_SIGN = 4_084;

const DATA = 0x10;
const BIND = 0x11;
const STATUS = 0x12;
const HEARTBEAT_TYPE = 0x13;
const SERVICE = 0x14;
const SIGN_REQUEST_TYPE = 0x17;
const SIGN = 0x18;
const AUTH = 0x19;
const AUTH_OK = 0x1a;
const AUTH_DONE_TYPE = 0x1b;

/** Bytes of each message without what its length tells. */
const SIZES: ReadonlyMap<number, number> = new Map([
  [DATA, 12],
  [BIND, 20],
  [STATUS, 16],
  [HEARTBEAT_TYPE, 12],
  [SERVICE, 12],
  [SIGN_REQUEST_TYPE, 12],
  [SIGN, 12],
  [AUTH, 12],
  [AUTH_OK, 12],
  [AUTH_DONE_TYPE, 12],
]);

/** A message that is not DATA. */
export type TouMessage =
  /** Wants a connection to a port of `host`. */
  | {
    readonly type: "bind";
    readonly realm: number;
    readonly port: number;
    readonly host: string;
  }
  /** `CONN`: the realm is open; `DISC`: it is closed; other words mean nothing known. */
  | { readonly type: "status"; readonly realm: number; readonly status: string }
  /** The peer lives. */
  | { readonly type: "heartbeat" }
  /** Asks a relay for a sign. */
  | { readonly type: "sign-request" }
  /** The sign, opaque. A secret. */
  | { readonly type: "sign"; readonly sign: Uint8Array }
  /** Shows a sign to the device. */
  | { readonly type: "auth"; readonly sign: Uint8Array }
  /** The device takes the sign. */
  | { readonly type: "auth-ok"; readonly tail: Uint8Array }
  /** The client has seen that. */
  | { readonly type: "auth-done" }
  /** Of relays over TCP. */
  | { readonly type: "service" };

/** Takes what a {@linkcode TouParser} finds. */
export interface TouHandler {
  /** Part of the payload of a DATA message; a view valid during the call. `last` ends the message. */
  data(realm: number, payload: Uint8Array, last: boolean): void;
  /** Any other message. */
  message(message: TouMessage): void;
  /** A type that is not known; the rest of its segment, `bytes` long, was skipped. */
  unknown?(type: number, bytes: number): void;
}

/** Finds messages in a stream of segments' bodies. */
export class TouParser {
  readonly #handler: TouHandler;
  readonly #head = new Uint8Array(20);
  #have = 0;
  #realm = 0;
  #payloadLeft = 0;
  #long: { readonly type: number; readonly body: Uint8Array; have: number } | undefined;

  constructor(handler: TouHandler) {
    this.#handler = handler;
  }

  /** Takes the next bytes of the stream, which end where a segment ends. */
  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#payloadLeft > 0) at = this.#payload(bytes, at);
      else if (this.#long !== undefined) at = this.#longBody(bytes, at);
      else {
        const type = this.#have > 0 ? this.#head[0]! : bytes[at]!;
        const size = SIZES.get(type);
        if (size === undefined) {
          this.#handler.unknown?.(type, bytes.length - at);
          return;
        }
        if (this.#have === 0 && bytes.length - at >= size) {
          at = this.#take(type, bytes, at, size);
          continue;
        }
        const part = bytes.subarray(at, at + size - this.#have);
        this.#head.set(part, this.#have);
        this.#have += part.length;
        at += part.length;
        if (this.#have < size) return;
        this.#have = 0;
        this.#takeHead(type, this.#head, 0, bytes.length - at);
      }
    }
  }

  #take(type: number, bytes: Uint8Array, at: number, size: number): number {
    const end = at + size;
    this.#takeHead(type, bytes, at, bytes.length - end);
    return end;
  }

  /** @param rest bytes of the segment behind the message's first ones */
  #takeHead(type: number, bytes: Uint8Array, at: number, rest: number): void {
    const length = bytes[at + 1]! << 16 | bytes[at + 2]! << 8 | bytes[at + 3]!;
    const realm = uint32(bytes, at + 4);
    switch (type) {
      case DATA:
        this.#realm = realm;
        this.#payloadLeft = length;
        if (length === 0) this.#handler.data(realm, bytes.subarray(0, 0), true);
        break;
      case BIND:
        this.#handler.message({
          type: "bind",
          realm,
          port: uint32(bytes, at + 12),
          host: bytes.subarray(at + 16, at + 20).join("."),
        });
        break;
      case STATUS: {
        const status = String.fromCharCode(...bytes.subarray(at + 12, at + 16));
        this.#handler.message({ type: "status", realm, status });
        break;
      }
      case SIGN:
      case AUTH:
      case AUTH_OK: {
        const size = length === 0 ? rest : length;
        if (size === 0) this.#endLong(type, new Uint8Array());
        else if (size > LONGEST_SIGN) this.#handler.unknown?.(type, 0);
        else this.#long = { type, body: new Uint8Array(size), have: 0 };
        break;
      }
      case HEARTBEAT_TYPE:
        this.#handler.message({ type: "heartbeat" });
        break;
      case SIGN_REQUEST_TYPE:
        this.#handler.message({ type: "sign-request" });
        break;
      case AUTH_DONE_TYPE:
        this.#handler.message({ type: "auth-done" });
        break;
      default:
        this.#handler.message({ type: "service" });
    }
  }

  #payload(bytes: Uint8Array, at: number): number {
    const end = Math.min(bytes.length, at + this.#payloadLeft);
    this.#payloadLeft -= end - at;
    this.#handler.data(this.#realm, bytes.subarray(at, end), this.#payloadLeft === 0);
    return end;
  }

  #longBody(bytes: Uint8Array, at: number): number {
    const long = this.#long!;
    const part = bytes.subarray(at, at + long.body.length - long.have);
    long.body.set(part, long.have);
    long.have += part.length;
    if (long.have === long.body.length) {
      this.#long = undefined;
      this.#endLong(long.type, long.body);
    }
    return at + part.length;
  }

  #endLong(type: number, body: Uint8Array): void {
    if (type === SIGN) this.#handler.message({ type: "sign", sign: body });
    else if (type === AUTH) this.#handler.message({ type: "auth", sign: body });
    else this.#handler.message({ type: "auth-ok", tail: body });
  }
}

/** Says that this side lives. */
export const HEARTBEAT: Uint8Array = head(HEARTBEAT_TYPE);
/** Asks a relay for a sign. */
export const SIGN_REQUEST: Uint8Array = head(SIGN_REQUEST_TYPE);
/** Ends the exchange of a sign. */
export const AUTH_DONE: Uint8Array = head(AUTH_DONE_TYPE);

/** Asks for a connection to a port of the device's own loopback: no other host is ever named. */
export function bindMessage(realm: number, port: number): Uint8Array {
  const message = head(BIND, realm, 20);
  setUint32(message, 12, port);
  message.set([127, 0, 0, 1], 16);
  return message;
}

/** Closes a realm. */
export function disconnectMessage(realm: number): Uint8Array {
  const message = head(STATUS, realm, 16);
  message.set([0x44, 0x49, 0x53, 0x43], 12); // DISC
  return message;
}

/** Shows the device the sign that a relay gave. Its length is that of its segment. */
export function authMessage(sign: Uint8Array): Uint8Array {
  const message = head(AUTH, 0, 12 + sign.length);
  message.set(sign, 12);
  return message;
}

/** Writes what stands before a payload of `length` bytes; `into` is 12 bytes long. */
export function writeDataHead(into: Uint8Array, realm: number, length: number): void {
  setUint32(into, 0, DATA << 24 | length);
  setUint32(into, 4, realm);
  setUint32(into, 8, 0);
}

function head(type: number, realm = 0, size = 12): Uint8Array {
  const message = new Uint8Array(size);
  message[0] = type;
  setUint32(message, 4, realm);
  return message;
}

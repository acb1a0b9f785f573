/**
 * What speaks on a TCP port: a harmless hello, and the first bytes of the answer.
 *
 * @module
 */

import { encodeMessage, HEADER_SIZE, MessageDecoder } from "../../dhip/frame.ts";
import { loginFirstStage, type LoginStep, readChallenge } from "../../dhip/login.ts";
import { LEGACY_DISCOVERY_PROBE } from "../../dhip/discovery_codec.ts";
import { DhipError } from "../../errors.ts";
import type { Clock } from "../../net/clock.ts";
import { withDeadline } from "../../net/deadline.ts";
import type { CallOptions, Dialer } from "../../net/stream.ts";
import { endpoint } from "../../net/tcp.ts";

/** A protocol, told by its first bytes. */
export type Speech = "dhip" | "http" | "tls" | "rtsp" | "netsdk" | "unknown";

/** What came of a knock. */
export interface Knock {
  /** `closed`: refused; `filtered`: no word at all, as behind a firewall. */
  readonly state: "open" | "closed" | "filtered";
  /** Null when it is not open, or open and silent. */
  readonly speaks: Speech | null;
  /** What it answered. */
  readonly bytes: Uint8Array;
  /** Why there was no connection. */
  readonly error?: DhipError;
}

/** Limits of a knock; the time counts twice, for the connection and for the answer. */
export interface KnockOptions extends CallOptions {
  /** Injected time. */
  readonly clock?: Clock | undefined;
}

/** Longest answer that is read, in bytes; a challenge has some 300. */
const LONGEST = 16 * 1024;
/** Bytes that tell the protocols apart. */
const TELLING = 8;
/** First two bytes of DVRIP answers, as listed by DahuaConsole. */
const NETSDK_STARTS = [0xb000, 0xb001, 0xb300, 0xf600];

/** Hellos by protocol. None carries a password or changes anything. */
export const HELLOS = {
  /** The first stage of a login, which only asks for a challenge. */
  dhip: (user: string): Uint8Array =>
    encodeMessage({
      requestId: 1,
      json: { method: "global.login", params: loginFirstStage(user), id: 1 },
    }),
  http: ascii("GET / HTTP/1.1\r\nHost: device\r\nConnection: close\r\n\r\n"),
  rtsp: ascii("OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n"),
  /** The same search as over UDP. */
  netsdk: LEGACY_DISCOVERY_PROBE,
} as const;

/** Connects, sends the hello, reads what comes back, and hangs up. */
export async function knock(
  dialer: Dialer,
  port: number,
  hello: Uint8Array,
  options: KnockOptions,
): Promise<Knock> {
  const { signal, timeout, clock } = options;
  let stream;
  try {
    stream = await dialer.dial(port, { signal, timeout });
  } catch (error) {
    if (!isAboutTheLink(error)) throw error;
    return notOpen(error);
  }
  const buffer = new Uint8Array(LONGEST);
  let length = 0;
  try {
    await withDeadline(async () => {
      await stream.write(hello);
      while (length < LONGEST && !isEnough(buffer.subarray(0, length))) {
        const count = await stream.read(buffer.subarray(length));
        if (count === null) break;
        length += count;
      }
    }, { what: `hello to ${endpoint(dialer.host, port)}`, signal, timeout, clock });
  } catch (error) {
    if (!isAboutTheLink(error)) throw error; // else: what came until then says enough
  } finally {
    stream.close();
  }
  const bytes = buffer.slice(0, length);
  return { state: "open", speaks: recognise(bytes), bytes };
}

/** The knock on a port that took no connection. */
export function notOpen(error: DhipError): Knock {
  const state = error.code === "DHIP_TIMEOUT" ? "filtered" : "closed";
  return { state, speaks: null, bytes: new Uint8Array(), error };
}

/** Tells a protocol by the first bytes of what it sent; null when it sent none. */
export function recognise(bytes: Uint8Array): Speech | null {
  if (bytes.length === 0) return null;
  const start = String.fromCharCode(...bytes.subarray(0, TELLING));
  if (start.slice(4) === "DHIP") return "dhip";
  if (start.startsWith("HTTP/")) return "http";
  if (start.startsWith("RTSP/")) return "rtsp";
  if ((bytes[0] === 0x15 || bytes[0] === 0x16) && bytes[1] === 0x03) return "tls";
  return NETSDK_STARTS.includes(bytes[0]! << 8 | bytes[1]!) ? "netsdk" : "unknown";
}

/** What a device said to the first stage of a login; null when that was no reply. */
export function challengeIn(bytes: Uint8Array, host: string): LoginStep | null {
  try {
    for (const { json } of new MessageDecoder({ maxMessage: LONGEST }).push(bytes)) {
      if (json !== null && json.method === undefined) return readChallenge(json, host);
    }
  } catch (error) {
    if (!(error instanceof DhipError)) throw error;
  }
  return null;
}

function isEnough(bytes: Uint8Array): boolean {
  if (bytes.length < TELLING) return false;
  if (recognise(bytes) !== "dhip") return true;
  if (bytes.length < HEADER_SIZE) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return bytes.length >= HEADER_SIZE + view.getUint32(16, true);
}

/** True unless the caller gave up: that ends the whole diagnosis. */
export function isAboutTheLink(error: unknown): error is DhipError {
  return error instanceof DhipError && error.code !== "DHIP_INTERRUPTED";
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

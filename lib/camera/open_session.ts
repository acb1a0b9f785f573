/**
 * Which way to a device's RPC: DHIP, HTTP or HTTPS.
 *
 * @module
 */

import type { Credentials } from "../dhip/login.ts";
import { RpcSession } from "../dhip/session.ts";
import { DHIP_PORT, type SessionOptions } from "../dhip/session_options.ts";
import { AuthError, DhipError } from "../errors.ts";
import type { Dialer } from "../net/stream.ts";
import { encrypted, type EncryptOptions } from "./encrypt.ts";
import type { PictureDecoder } from "./snapshot.ts";

/** What carries the calls. `auto` is DHIP, or HTTP where nothing speaks DHIP. */
export type Transport = "auto" | "dhip" | "http";

/** Longest wait for a DHIP challenge before HTTP is tried, in milliseconds. */
const CHALLENGE_TIMEOUT = 3_000;
/** Failures to connect that say that nothing serves the port. */
const SILENT = ["DHIP_UNREACHABLE", "DHIP_TIMEOUT", "DHIP_BIND_REFUSED"] as const;
/** Failures over HTTP that say more than "there is no DHIP". */
const TELLING = [
  "DHIP_NOT_SUPPORTED",
  "DHIP_HTTP_REDIRECT",
  "DHIP_TLS_TOO_OLD",
  "DHIP_TLS_UNTRUSTED",
  "DHIP_INTERRUPTED",
] as const;

/** How a device is reached. */
export interface TransportOptions extends Omit<SessionOptions, "port">, EncryptOptions {
  /** Default `auto`. */
  readonly transport?: Transport | undefined;
  /** DHIP port of a target that names none. Default 5000. */
  readonly port?: number | undefined;
  /** HTTP port of a target that names none. Default 80, with TLS 443. */
  readonly httpPort?: number | undefined;
  /** HTTP over TLS; implies `transport: "http"`. Default false. */
  readonly tls?: boolean | undefined;
  /** Makes JPEGs of key frames; by default there is no such way to a snapshot. */
  readonly decodePicture?: PictureDecoder | undefined;
  /** Falls back to plain HTTP when the device's TLS is too old to use. Default false. */
  readonly allowPlain?: boolean | undefined;
}

/**
 * Logs in the way that the options say.
 *
 * @param namedPort port that the target names; it is that of whatever transport is used
 */
export async function openSession(
  dialer: Dialer,
  namedPort: number | undefined,
  credentials: Credentials,
  options: TransportOptions,
): Promise<RpcSession> {
  const { transport = "auto", tls = false, port, httpPort, allowPlain, ...session } = options;
  const encrypt = (plain: Dialer) => encrypted(plain, options);
  const overHttp = async (secure: boolean, port = namedPort ?? httpPort) => {
    // Loaded by those who use it: most logins are over DHIP.
    const { openHttpSession } = await import("../dhip/http_session.ts");
    const way = secure ? encrypt(dialer) : dialer;
    return await openHttpSession(way, credentials, { ...session, port, encrypt });
  };
  const overDhip = (way = dialer, more: SessionOptions = {}) =>
    RpcSession.open(way, credentials, {
      ...session,
      ...more,
      port: namedPort ?? port ?? DHIP_PORT,
    });

  if (transport === "dhip") {
    if (tls) throw new TypeError("TLS is for HTTP; the DHIP port does not have it");
    return await overDhip();
  }
  if (transport === "http" || tls) {
    try {
      return await overHttp(tls);
    } catch (error) {
      if (!allowPlain || !hasCode(error, "DHIP_TLS_TOO_OLD")) throw error;
      session.onNotice?.(`${dialer.host}: TLS is too old, going on without it as allowed`);
      return await overHttp(false, 80);
    }
  }
  let dialled = false;
  let passwordSent = false;
  const watched: Dialer = {
    host: dialer.host,
    async dial(port, call) {
      const stream = await dialer.dial(port, call);
      dialled = true;
      return stream;
    },
  };
  try {
    return await overDhip(watched, {
      // A web server waits for the rest of what it takes for a request: no reason to wait as long.
      challengeTimeout: Math.min(CHALLENGE_TIMEOUT, session.timeout ?? Infinity),
      onPasswordSent: () => {
        passwordSent = true;
        session.onPasswordSent?.();
      },
    });
  } catch (error) {
    // Never a second login: only where nothing listens, or what listens does not answer as DHIP
    // before any password was sent. A port that the target names is the only one asked.
    const silent = SILENT.some((code) => hasCode(error, code));
    const nothing = !dialled && namedPort === undefined && silent;
    const foreign = dialled && !passwordSent &&
      (hasCode(error, "DHIP_WRONG_PROTOCOL") || hasCode(error, "DHIP_TIMEOUT"));
    if (!nothing && !foreign) throw error;
    session.onTrace?.(`no DHIP (${(error as DhipError).message}), trying HTTP`);
    try {
      return await overHttp(false);
    } catch (second) {
      // No HTTP either, or none worth mentioning: the first failure is what the operator looks at.
      if (!(second instanceof AuthError) && !TELLING.some((code) => hasCode(second, code))) {
        throw error;
      }
      throw second;
    }
  }
}

function hasCode(error: unknown, code: DhipError["code"]): boolean {
  return error instanceof DhipError && error.code === code;
}

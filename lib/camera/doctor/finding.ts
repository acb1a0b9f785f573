/**
 * What a diagnosis consists of.
 *
 * @module
 */

/** What was looked at. */
export type Check =
  /** One step of the way to a device by its serial number. */
  | "tunnel"
  /** Whether anything answers at all. */
  | "reach"
  /** One TCP port. */
  | "port"
  /** How one of the ways in asks for the password. */
  | "login-kind"
  /** The login. */
  | "login"
  /** TLS and the certificate. */
  | "tls"
  /** The web API (`/cgi-bin/…`). */
  | "web-api"
  /** RPC over HTTP. */
  | "rpc-over-http"
  /** What the account may not read. */
  | "permission"
  /** The device's clock. */
  | "clock"
  /** Sessions in use. */
  | "sessions"
  /** Settings of the streams. */
  | "stream"
  /** Sound. */
  | "audio"
  /** Where recordings go. */
  | "storage"
  /** Time synchronisation. */
  | "ntp";

/** `note`: worth knowing; `warning`: may cause trouble; `problem`: something does not work. */
export type FindingStatus = "ok" | "note" | "warning" | "problem";

/** One thing that was found out. */
export interface Finding {
  /** What was looked at. */
  readonly check: Check;
  /** How bad it is. */
  readonly status: FindingStatus;
  /** One line: what there is. Holds no password. */
  readonly cause: string;
  /** One line: what to do about it; null when nothing has to be done. */
  readonly remedy: string | null;
  /** The facts, for programs. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** Makes a finding. */
export function finding(
  check: Check,
  status: FindingStatus,
  cause: string,
  remedy: string | null = null,
  data: Readonly<Record<string, unknown>> = {},
): Finding {
  return { check, status, cause, remedy, data };
}

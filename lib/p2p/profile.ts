/**
 * Which P2P cloud to ask, and as whom. None is shipped: the user configures one.
 *
 * @module
 */

import { DhipError } from "../errors.ts";

/** UDP port of P2P clouds. */
export const CLOUD_PORT = 8800;

/** A P2P cloud and the identity that it knows the application by. */
export interface CloudProfile {
  /** Name or IPv4 address of the cloud's main server. */
  readonly host: string;
  /** Its UDP port, usually {@linkcode CLOUD_PORT}. */
  readonly port: number;
  /** User of the application, not of the device. */
  readonly username: string;
  /** Key that belongs to it; a secret. */
  readonly key: string;
  /** Method names and headers of requests: `dh` for most clouds, `nf` for newer ones. */
  readonly dialect: "dh" | "nf";
}

/**
 * Checks that requests can be made of a profile.
 *
 * @throws {DhipError} `DHIP_P2P_NO_PROFILE` that names the field; the key is never in the message
 */
export function checkProfile(profile: CloudProfile): void {
  const { host, port, username, key, dialect } = profile;
  const wrong = !/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i.test(host)
    ? "host is no name or IPv4 address"
    : !Number.isInteger(port) || port < 1 || port > 65_535
    ? "port is not within 1-65535"
    // It stands between quotes in a header line.
    : !/^[\x21\x23-\x7e]{1,128}$/.test(username)
    ? "username is empty or has signs that cannot be sent"
    : !/^[\x20-\x7e]{1,256}$/.test(key)
    ? "key is empty or has signs beyond ASCII"
    : dialect !== "dh" && dialect !== "nf"
    ? "dialect is neither dh nor nf"
    : undefined;
  if (wrong === undefined) return;
  throw new DhipError("DHIP_P2P_NO_PROFILE", `The P2P cloud's profile cannot be used: ${wrong}`);
}

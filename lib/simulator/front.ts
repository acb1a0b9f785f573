/**
 * What a network service of a device is, whatever it speaks.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import { endpoint } from "../net/tcp.ts";

/** A fault that strikes before the device itself sees anything of a connection. */
export type FrontFault = "new-certificate" | "tls-too-old";

/** All of them. */
export const FRONT_FAULTS: readonly FrontFault[] = ["new-certificate", "tls-too-old"];

/** A network service of a device: goes down and comes up with the device's power. */
export interface NetworkFront {
  /** Opens the port; the same one each time. */
  up(): Promise<void>;
  /** Closes the port. Harmless when it is closed. */
  down(): Promise<void>;
  /** Misbehaves towards connections from now on, or no longer. */
  misbehave?(fault: FrontFault, on: boolean): void;
}

/** The error of a port that cannot be had. */
export function cannotListen(hostname: string, port: number, cause: unknown): DhipError {
  const where = endpoint(hostname, port);
  const code = (cause as { code?: unknown } | null)?.code;
  const [reason, hint] = cause instanceof Deno.errors.AddrInUse || code === "EADDRINUSE"
    ? ["the port is in use", "Choose another port, or 0 for any free one."]
    : cause instanceof Deno.errors.AddrNotAvailable || code === "EADDRNOTAVAIL"
    ? ["this host has no such address", "On macOS: sudo ifconfig lo0 alias ADDRESS"]
    : cause instanceof Deno.errors.NotCapable
    ? ["no permission", "Run with --allow-net for this address."]
    : ["the system refused", "Check address, port and privileges."];
  return new DhipError("DHIP_UNREACHABLE", `Cannot listen on ${where}: ${reason}`, {
    host: where,
    retryable: false,
    hint,
    cause,
  });
}

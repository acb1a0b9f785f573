/**
 * Whether a device's certificate is to be trusted.
 *
 * @module
 */

import { DhipError } from "../errors.ts";
import type { PinStore } from "./pin_store.ts";

/** Why a certificate was accepted. */
export type TrustReason =
  /** An authority vouches for it and for the name of the device. */
  | "authority"
  /** It is the one that was pinned. */
  | "pinned"
  /** It was seen for the first time and is pinned now. */
  | "first-use"
  /** Nobody checked: the caller wanted it so. */
  | "insecure";

/** What is known when a certificate is judged. */
export interface TrustQuestion {
  /** `host:port`, the key of pins. */
  readonly endpoint: string;
  /** SHA-256 of the certificate in DER form, lower-case hex. */
  readonly sha256: string;
  /** An authority vouches for it and for the name. */
  readonly verified: boolean;
  /** Why not, in one word, for messages. */
  readonly problem?: string | undefined;
}

/** How certificates are judged. */
export interface TrustOptions {
  /** Pinned certificates. */
  readonly pins: PinStore;
  /** Accept anything, and remember nothing. */
  readonly insecure?: boolean | undefined;
  /** Pin a certificate that is seen for the first time. Default true; else it is refused. */
  readonly trustOnFirstUse?: boolean | undefined;
  /** Gets things an operator should know. */
  readonly onNotice?: ((text: string) => void) | undefined;
  /** The date. Default: now. */
  readonly now?: (() => Date) | undefined;
}

/** First contacts under way by store and endpoint, each with what ends after the last of them. */
const firstContacts = new WeakMap<PinStore, Map<string, Promise<unknown>>>();

/** A fingerprint as browsers and openssl show it: `AB:CD:…`. */
export function fingerprintText(sha256: string): string {
  return (sha256.toUpperCase().match(/../g) ?? []).join(":");
}

/**
 * Judges a certificate, before a byte is sent over the connection.
 *
 * @throws {DhipError} `DHIP_TLS_UNTRUSTED` with the fingerprints
 */
export async function judgeCertificate(
  question: TrustQuestion,
  options: TrustOptions,
): Promise<TrustReason> {
  const { endpoint, sha256, verified, problem } = question;
  const { pins, insecure, onNotice, now = () => new Date() } = options;
  if (verified) return "authority";
  if (insecure === true) {
    onNotice?.(`The certificate of ${endpoint} was not checked (${fingerprintText(sha256)})`);
    return "insecure";
  }
  if (await isPinned(question, pins)) return "pinned";
  if (options.trustOnFirstUse === false) {
    throw new DhipError(
      "DHIP_TLS_UNTRUSTED",
      `No authority vouches for the certificate of ${endpoint} (${problem ?? "unknown"}), ` +
        `and it is not pinned: SHA-256 ${fingerprintText(sha256)}`,
      { host: endpoint, hint: "Compare it with the device's, then: dhip trust TARGET --accept" },
    );
  }
  const isFirst = await inTurn(pins, endpoint, async () => {
    if (await isPinned(question, pins)) return false; // by the contact before
    await pins.set(endpoint, { sha256, since: now().toISOString() });
    await isPinned(question, pins); // another process may have been first
    return true;
  });
  if (!isFirst) return "pinned";
  onNotice?.(
    `First contact with ${endpoint}: its certificate is trusted from now on, ` +
      `SHA-256 ${fingerprintText(sha256)}`,
  );
  return "first-use";
}

/** True for the pinned certificate, false when none is pinned; throws for another one. */
async function isPinned({ endpoint, sha256 }: TrustQuestion, pins: PinStore): Promise<boolean> {
  const pin = await pins.get(endpoint);
  if (pin === undefined) return false;
  if (pin.sha256.toLowerCase() === sha256) return true;
  throw new DhipError(
    "DHIP_TLS_UNTRUSTED",
    `The certificate of ${endpoint} has changed: ` +
      `pinned since ${pin.since} is SHA-256 ${fingerprintText(pin.sha256)}, ` +
      `shown now is SHA-256 ${fingerprintText(sha256)}`,
    {
      host: endpoint,
      hint: "If the device was reset, replaced or given a new certificate: " +
        "dhip trust TARGET --accept. Otherwise somebody is in between.",
    },
  );
}

/** Runs first contacts with one endpoint one after another. */
async function inTurn<T>(pins: PinStore, endpoint: string, work: () => Promise<T>): Promise<T> {
  let turns = firstContacts.get(pins);
  if (turns === undefined) firstContacts.set(pins, turns = new Map());
  const mine = (turns.get(endpoint) ?? Promise.resolve()).then(work);
  const done = mine.catch(() => {});
  turns.set(endpoint, done);
  try {
    return await mine;
  } finally {
    if (turns.get(endpoint) === done) turns.delete(endpoint);
  }
}

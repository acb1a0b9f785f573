/**
 * Device authentication of the P2P cloud: how a device of firmware from about 2023 checks its user
 * and password before it opens a channel. Observed by dh-p2p (Python), blackjid/dahua-p2p and
 * others.
 *
 * @module
 */

import { createCipheriv, createHash, createHmac, pbkdf2Sync } from "node:crypto";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Key and IV of the Info blob; the same for all devices, and public. */
const INFO_KEY = encoder.encode("kRjmsUB&ezmdGLL67H#$ojw@XflcaIaf");
const INFO_IV = encoder.encode("MydvJw*Iw1w&i^kk");
/** IV of encrypted addresses. */
const ADDRESS_IV = encoder.encode("2z52*lk9o6HRyJrf");
/** Rounds of PBKDF2. */
const ROUNDS = 20_000;
/** Nonces are below this. */
export const NONCE_LIMIT = 2 ** 31;

/** Salt of a device, from the Info of `/info/device`. */
export interface DeviceSalt {
  /** Random text of the device; null when it has none: old firmware, or a blob of another kind. */
  readonly salt: string | null;
  /** False for an Info that cannot be decrypted. */
  readonly readable: boolean;
}

/** Reads the salt out of an Info blob. */
export function readInfo(info: string): DeviceSalt {
  if (info.trim() === "") return { salt: null, readable: true };
  try {
    const plain = ofb(INFO_KEY, INFO_IV, Uint8Array.fromBase64(info));
    const text = decoder.decode(plain).replace(/\0+\s*$/, "");
    const json = JSON.parse(text) as { readonly randsalt?: unknown } | null;
    const salt = json?.randsalt;
    return { salt: typeof salt === "string" && salt !== "" ? salt : null, readable: true };
  } catch {
    return { salt: null, readable: false };
  }
}

/** The key that user, password and salt give; as good as the password. */
export function deviceKey(user: string, password: string, salt: string): string {
  return createHash("md5").update(`${user}:Login to ${salt}:${password}`).digest("hex")
    .toUpperCase();
}

/** Encrypts a list of addresses, as base64. */
export function encryptAddresses(key: string, nonce: number, addresses: string): string {
  return ofb(cipherKey(key, nonce), ADDRESS_IV, encoder.encode(addresses)).toBase64();
}

/** Decrypts a list of addresses; null for what is no base64. */
export function decryptAddresses(key: string, nonce: number, text: string): string | null {
  try {
    return decoder.decode(ofb(cipherKey(key, nonce), ADDRESS_IV, Uint8Array.fromBase64(text)));
  } catch {
    return null;
  }
}

/** What a signature of a request is made of. */
export interface DeviceSignature {
  /** Result of {@linkcode deviceKey}. */
  readonly key: string;
  /** User of the device. */
  readonly user: string;
  /** Salt of the device; null leaves the element out. */
  readonly salt: string | null;
  /** Fresh random number from 0 to 2^31-1. */
  readonly nonce: number;
  /** Time in seconds since 1970. */
  readonly created: number;
  /** What is signed beside: the encrypted addresses, or empty. */
  readonly payload: string;
}

/** The elements that sign a request. */
export function signatureFields(signature: DeviceSignature): Record<string, string> {
  const { key, user, salt, nonce, created, payload } = signature;
  const auth = createHmac("sha256", key).update(`${nonce}${created}${payload}`).digest("base64");
  return {
    CreateDate: String(created),
    DevAuth: auth,
    Nonce: String(nonce),
    ...(salt === null ? {} : { RandSalt: salt }),
    UserName: user,
  };
}

function cipherKey(key: string, nonce: number): Uint8Array {
  return pbkdf2Sync(key, String(nonce), ROUNDS, 32, "sha256");
}

/**
 * AES-256-OFB, which Deno's `node:crypto` lacks: its key stream is the AES-CBC encryption of zero
 * blocks. Encrypts and decrypts.
 */
function ofb(key: Uint8Array, iv: Uint8Array, bytes: Uint8Array): Uint8Array {
  const blocks = Math.ceil(bytes.length / 16);
  const cipher = createCipheriv("aes-256-cbc", key, iv);
  const stream = cipher.update(new Uint8Array(blocks * 16));
  cipher.final(); // gives its memory back
  return bytes.map((byte, at) => byte ^ stream[at]!);
}

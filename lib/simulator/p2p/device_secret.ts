/**
 * The device's side of its own authentication: salt, key, proofs and addresses that only somebody
 * reads who knows the password.
 *
 * @module
 */

import { createCipheriv, createHash, createHmac, pbkdf2Sync } from "node:crypto";

/** Cipher of the Info blob; the same for all devices (observed by two programs). */
const INFO_KEY = "kRjmsUB&ezmdGLL67H#$ojw@XflcaIaf";
const INFO_IV = "MydvJw*Iw1w&i^kk";
const ADDRESS_IV = "2z52*lk9o6HRyJrf";
const ITERATIONS = 20_000;

/** The Info blob of a device, base64. */
export function encodeInfo(info: object): string {
  const bytes = new TextEncoder().encode(JSON.stringify(info));
  return ofb(new TextEncoder().encode(INFO_KEY), INFO_IV, bytes).toBase64();
}

/** What user and device have in common: 32 upper-case hexadecimal digits, used as bytes. */
export function deviceKey(user: string, salt: string, password: string): string {
  return createHash("md5")
    .update(`${user}:Login to ${salt}:${password}`, "utf8")
    .digest("hex")
    .toUpperCase();
}

/** The proof that a request must carry; `payload` is its LocalAddr, or empty. */
export function deviceProof(
  key: string,
  nonce: string,
  createDate: string,
  payload: string,
): string {
  return createHmac("sha256", key).update(`${nonce}${createDate}${payload}`).digest("base64");
}

/** Encrypts an address list for who knows the key. */
export function sealAddress(key: string, nonce: string, address: string): string {
  return ofb(derive(key, nonce), ADDRESS_IV, new TextEncoder().encode(address)).toBase64();
}

/** Reads an address list; undefined when it is not base64. */
export function openAddress(key: string, nonce: string, sealed: string): string | undefined {
  let bytes: Uint8Array;
  try {
    bytes = Uint8Array.fromBase64(sealed);
  } catch {
    return undefined;
  }
  return new TextDecoder().decode(ofb(derive(key, nonce), ADDRESS_IV, bytes));
}

/** The same text with every octet of its addresses inverted, the port as it is. */
export function invertAddress(text: string): string {
  const colon = text.lastIndexOf(":");
  const hosts = text.slice(0, colon).split(",").map((host) =>
    host.split(".").map((octet) => String(255 - Number(octet))).join(".")
  );
  return `${hosts.join(",")}${text.slice(colon)}`;
}

function derive(key: string, nonce: string): Uint8Array {
  return pbkdf2Sync(key, nonce, ITERATIONS, 32, "sha256");
}

/** AES-256-OFB, which Deno does not have: its key stream is CBC of nothing. */
function ofb(key: Uint8Array, iv: string, bytes: Uint8Array): Uint8Array {
  const blocks = new Uint8Array(Math.ceil(bytes.length / 16) * 16);
  const cipher = createCipheriv("aes-256-cbc", key, iv);
  const stream = cipher.update(blocks);
  cipher.final(); // Deno holds a resource until then
  return bytes.map((byte, index) => byte ^ stream[index]!);
}

/**
 * What `netApp.scanWLanDevices` tells of a radio network. Some firmwares write words, as the HTTP API
 * does; others numbers, which DahuaConsole reads.
 *
 * @module
 */

import type { JsonObject } from "../dhip/frame.ts";
import { amount, flag, object, text } from "./_fields.ts";
import type { WirelessNetwork } from "./network.ts";

/** `AuthMode` and `EncrAlgr` of networks without WPA. */
const PLAIN: Readonly<Record<string, string>> = {
  "0-0": "Off",
  "0-1": "WEP-OPEN",
  "1-1": "WEP-SHARED",
  "OPEN-NONE": "Off",
  "OPEN-WEP": "WEP-OPEN",
  "SHARED-WEP": "WEP-SHARED",
};
/** `AuthMode` by its number. */
const MODES: Readonly<Record<string, string>> = {
  3: "WPA-PSK",
  4: "WPA2",
  5: "WPA2-PSK",
  7: "WPA/WPA2-PSK",
};
/** `EncrAlgr` by its number. */
const CIPHERS: Readonly<Record<string, string>> = { 2: "TKIP", 3: "AES", 4: "TKIP+AES" };

/** Reads one. */
export function wirelessNetwork(value: unknown): WirelessNetwork {
  const fields = object(value);
  const rate = amount(fields.ApMaxBitRate);
  const connected = amount(fields.ApConnected);
  return {
    ssid: text(fields.SSID),
    bssid: text(fields.BSSID),
    encryption: text(fields.Encryption) ?? encryptionOf(fields),
    quality: amount(fields.LinkQuality),
    connected: flag(fields.ApConnected) ?? (connected === null ? null : connected !== 0),
    speed: rate === null ? null : rate / 1_000_000, // bit/s
  };
}

/** Words and numbers that are not known are no encryption that one could name. */
function encryptionOf({ AuthMode, EncrAlgr }: JsonObject): string | null {
  const [mode, cipher] = [AuthMode, EncrAlgr].map((part) =>
    text(part) ?? amount(part)?.toString() ?? null
  );
  if (mode === null || mode === undefined || cipher === null || cipher === undefined) return null;
  const plain = PLAIN[`${mode}-${cipher}`.toUpperCase()];
  if (plain !== undefined) return plain;
  const isWord = (part: string) => /^[A-Z]/i.test(part) ? part : undefined;
  const [modeWord, cipherWord] = [MODES[mode] ?? isWord(mode), CIPHERS[cipher] ?? isWord(cipher)];
  return modeWord === undefined || cipherWord === undefined ? null : `${modeWord}-${cipherWord}`;
}

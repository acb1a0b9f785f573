/**
 * Loopback addresses for many devices.
 *
 * @module
 */

/** Address of the device with this 0-based index. Only 127.0.0.0/8 has one for each. */
export function addressOf(host: string, index: number): string {
  const parts = host.split(".").map(Number);
  if (parts.length !== 4 || parts[0] !== 127) return host;
  if (!parts.every((part) => Number.isInteger(part) && part >= 0 && part <= 255)) return host;
  const [, b = 0, c = 0, d = 0] = parts;
  const sum = b * 65_536 + c * 256 + d + index;
  if (sum > 0xff_fffe) throw new RangeError(`No loopback address ${index} after ${host}`);
  return `127.${sum >> 16}.${sum >> 8 & 255}.${sum & 255}`;
}

/** True for an address that only this host can reach. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host === "[::1]" ||
    /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

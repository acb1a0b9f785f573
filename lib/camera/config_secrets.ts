/**
 * Secrets inside configuration tables: mail, FTP, Wi-Fi and DDNS passwords lie there in clear text.
 *
 * @module
 */

/** What stands in place of a secret. */
export const MASK = "********";

/** Members whose text values are secrets, by name. Names as seen in real tables. */
const SECRET_NAME =
  /passw|pwd$|^pwd|secret|token|^psk$|presharedkey|wpakey|^key\d*$|^keys$|privatekey|authkey|community|credential|passphrase/i;

/** True for a member that holds a secret. Switches such as `PasswordEnable` do not. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** A copy with every secret text replaced by {@linkcode MASK}; empty ones stay empty. */
export function maskSecrets(value: unknown): unknown {
  return walk(value, false);
}

/** True when the value holds a mask where a secret was. */
export function hasMask(value: unknown): boolean {
  if (value === MASK) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(hasMask);
}

/**
 * A copy in which every mask is replaced by what stands at the same place in `present`, so that a
 * masked backup can be restored without touching a single secret. A mask without a counterpart
 * stays.
 */
export function fillMasks(value: unknown, present: unknown): unknown {
  if (value === MASK) return typeof present === "string" ? present : value;
  if (Array.isArray(value)) {
    return value.map((item, index) =>
      fillMasks(item, Array.isArray(present) ? present[index] : undefined)
    );
  }
  if (typeof value === "object" && value !== null) {
    const other = (typeof present === "object" && present !== null ? present : {}) as Record<
      string,
      unknown
    >;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, fillMasks(item, other[key])]),
    );
  }
  return value;
}

function walk(value: unknown, secret: boolean): unknown {
  if (typeof value === "string") return secret && value !== "" ? MASK : value;
  if (Array.isArray(value)) return value.map((item) => walk(item, secret));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, walk(item, secret || isSecretName(key))]),
  );
}

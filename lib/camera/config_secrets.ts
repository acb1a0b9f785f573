/**
 * Secrets inside configuration tables: mail, FTP, Wi-Fi and DDNS passwords lie there in clear text.
 *
 * @module
 */

/** What stands in place of a secret. */
export const MASK = "********";

/** Members whose values are secrets, by name. Names as seen in real tables. */
const SECRET_NAME =
  /^pass$|passw|passphrase|passcode|pwd|secret|token|psk$|presharedkey|wpakey|^key\d*$|^keys$|(?:private|access|auth|api|encrypt)key|community|^(?:read|write)common$|credential/i;
/** `FtpPass`, but not `Compass`. */
const SECRET_ENDING = /[a-z]Pass$/;
/** User and password in a URL. */
const URL_PASSWORD = /^([a-z][a-z0-9+.-]*:\/\/[^:@/\s]*):[^@/\s]+@/i;

/** True for a member that holds a secret. Switches such as `PasswordEnable` keep their value. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) || SECRET_ENDING.test(name);
}

/**
 * A copy with every secret replaced by {@linkcode MASK}: text and numbers under secret names, and
 * passwords in URLs. Empty texts and switches stay.
 */
export function maskSecrets(value: unknown): unknown {
  return walk(value, false);
}

/** True when the value holds a mask where a secret was. */
export function hasMask(value: unknown): boolean {
  if (typeof value === "string") return value.includes(MASK);
  return typeof value === "object" && value !== null && Object.values(value).some(hasMask);
}

/**
 * A copy in which every mask is replaced by what stands at the same place in `present`, so that a
 * masked backup can be restored without touching a single secret. In lists the element must be the
 * same one: where another text differs in it, the mask stays, since its secret belongs to something
 * else. A mask without a counterpart stays too.
 */
export function fillMasks(value: unknown, present: unknown): unknown {
  if (typeof value === "string" && value.includes(MASK)) {
    return maskOne(present) === value || value === MASK && isSecret(present) ? present : value;
  }
  if (Array.isArray(value)) {
    return value.map((item, index) => {
      const other = Array.isArray(present) ? present[index] : undefined;
      return hasMask(item) && !isSameElement(item, other) ? item : fillMasks(item, other);
    });
  }
  if (typeof value === "object" && value !== null) {
    const other = (isObject(present) ? present : {}) as Record<string, unknown>;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, fillMasks(item, other[key])]),
    );
  }
  return value;
}

function walk(value: unknown, secret: boolean): unknown {
  if (typeof value === "string" || typeof value === "number") {
    if (secret) return value === "" ? value : MASK;
    return maskOne(value);
  }
  if (Array.isArray(value)) return value.map((item) => walk(item, secret));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, walk(item, secret || isSecretName(key))]),
  );
}

function maskOne(value: unknown): unknown {
  return typeof value === "string" ? value.replace(URL_PASSWORD, `$1:${MASK}@`) : value;
}

function isSecret(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number";
}

/** True when all texts that are no masks agree: then it is the same server, user or network. */
function isSameElement(value: unknown, present: unknown): boolean {
  if (typeof value === "string") return value.includes(MASK) || value === present;
  if (!isObject(value) && !Array.isArray(value)) return true;
  if (typeof present !== "object" || present === null) return false;
  return Object.entries(value as object).every(([key, item]) =>
    isSameElement(item, (present as Record<string, unknown>)[key])
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * What a device can be called.
 *
 * @module
 */

/** What is wrong with the name of a device; undefined when nothing is. */
export function nameProblem(name: string, reserved: readonly string[]): string | undefined {
  if (reserved.includes(name)) return "has the name of a command";
  if (/^[\d.]+$/.test(name)) return "has a name that looks like an address";
  if (!/^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u.test(name)) {
    return "has a name with other characters than letters, digits, dot, dash and underscore";
  }
  return undefined;
}

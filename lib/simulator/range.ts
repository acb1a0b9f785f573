/**
 * Checks of numbers that a caller gave.
 *
 * @module
 */

/** Checks an integer against its range. */
export function whole(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new RangeError(`${name} must be an integer within ${min}..${max}`);
}

/** Checks a value against the ones that are known. */
export function oneOf<T>(name: string, value: T, known: readonly T[]): T {
  if (known.includes(value)) return value;
  throw new RangeError(`${name} must be one of ${known.join(", ")}`);
}

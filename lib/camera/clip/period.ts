/**
 * A stretch of time.
 *
 * @module
 */

/** A time by the device's clock. */
export interface Period {
  /** Its beginning. */
  readonly from: Temporal.PlainDateTime;
  /** Its end. */
  readonly to: Temporal.PlainDateTime;
}

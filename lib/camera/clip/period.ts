/**
 * A stretch of time.
 *
 * @module
 */

/** A time by the device's clock. */
export interface Period {
  readonly from: Temporal.PlainDateTime;
  readonly to: Temporal.PlainDateTime;
}

/**
 * Where records of an event stream go besides standard output.
 *
 * @module
 */

/** Takes records without ever making the stream wait. */
export interface EventSink {
  /** Takes a record as one line of JSON. */
  offer(json: string): void;
  /** Finishes what can be finished in the time that is left, and tells what could not be. */
  close(): Promise<void>;
}

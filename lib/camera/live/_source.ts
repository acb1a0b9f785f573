/** One way to a live stream. */

import type { LiveOptions, LiveStream } from "./live.ts";

/** Options with everything decided but the way. */
export interface LiveChoice extends LiveOptions {
  readonly channel: number;
  readonly subtype: number;
}

/** A source of live streams. */
export interface LiveSource {
  /** Its name. */
  readonly name: string;
  /** Begins to play. */
  open(choice: LiveChoice): Promise<Omit<LiveStream, "source" | "passed">>;
}

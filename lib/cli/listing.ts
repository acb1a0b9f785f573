/**
 * Results that come one by one.
 *
 * @module
 */

import type { Context } from "./context.ts";
import type { View } from "./view.ts";

/** Results of one target, or as many of them as were not printed yet. */
export interface Listing<T> {
  /** Results that are still to be printed. */
  readonly items: readonly T[];
  /** Results in all. */
  readonly count: number;
}

/**
 * Takes all results. With a single target and `ndjson` each is printed as it comes, so that a pipe
 * has something to do and nothing piles up.
 */
export async function collect<T>(
  context: Pick<Context, "output" | "targets">,
  results: AsyncIterable<T>,
  onItem?: (item: T) => void,
): Promise<Listing<T>> {
  const { output, targets } = context;
  const streams = output.format === "ndjson" && targets.length === 1;
  const items: T[] = [];
  let count = 0;
  for await (const item of results) {
    count++;
    onItem?.(item);
    if (streams) await output.line(item);
    else items.push(item);
  }
  return { items, count };
}

/** Says when the device counted more than it listed: the listing may lack some. */
export function tellMissing(
  { log }: Pick<Context, "log">,
  name: string,
  what: string,
  counted: number,
  listed: number,
): void {
  if (counted <= listed) return;
  log.warning(`${name}: the device counts ${counted} ${what} and listed ${listed}`);
}

/** The look of a listing whose items look like `view`. */
export function listingView<T>(view: View<readonly T[]>): View<Listing<T>> {
  const { csv } = view;
  return {
    table: ({ items }, several) => view.table(items, several),
    json: ({ items }) => items,
    ...(csv === undefined ? {} : { csv: ({ items }) => csv(items) }),
  };
}

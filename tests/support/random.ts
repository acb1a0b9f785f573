/** Seeded randomness and the size of test runs. */

/** A small generator (mulberry32): the same seed gives the same run. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A whole number from `low` to `high`, both included. */
export function between(random: () => number, low: number, high: number): number {
  return low + Math.floor(random() * (high - low + 1));
}

/** Full counts are for `test:all`; `deno task test` runs a share of them (`DHIP_TEST_SCALE`). */
export function scaled(full: number): number {
  const scale = Number(Deno.env.get("DHIP_TEST_SCALE") ?? "0.02");
  return Math.max(1, Math.round(full * scale));
}

/** Whether this is the full run, `test:all`, which also does what takes too long for every commit. */
export const isFullRun: boolean = scaled(100) >= 100;

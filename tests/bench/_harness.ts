/** Figures as ratios of two things measured in turns in one run, so that they hold on any machine. */

/** One line of the result. */
export interface Row {
  readonly what: string;
  readonly figure: string;
  readonly goal: string;
  readonly met: boolean;
}

/**
 * Runs the candidates in turns and returns the seconds of the fastest run of each: what else the
 * machine does only ever adds time.
 */
export async function fastestSeconds(
  rounds: number,
  ...candidates: (() => unknown)[]
): Promise<number[]> {
  const fastest = candidates.map(() => Infinity);
  for (const candidate of candidates) await candidate();
  for (let round = 0; round < rounds; round++) {
    for (const [index, candidate] of candidates.entries()) {
      const start = performance.now();
      await candidate();
      fastest[index] = Math.min(fastest[index]!, (performance.now() - start) / 1000);
    }
  }
  return fastest;
}

/** A row that is met when `value` is at least `goal`. */
export function atLeast(what: string, value: number, goal: number, unit: string): Row {
  const figure = `${value.toFixed(2)} ${unit}`;
  return { what, figure, goal: `>= ${goal} ${unit}`, met: value >= goal };
}

/** A row that is met when `value` is at most `goal`. */
export function atMost(what: string, value: number, goal: number, unit: string): Row {
  const figure = `${value.toFixed(2)} ${unit}`;
  return { what, figure, goal: `<= ${goal} ${unit}`, met: value <= goal };
}

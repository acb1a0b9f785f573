/** Figures as ratios of two things measured in turns in one run, so that they hold on any machine. */

/** One line of the result. */
export interface Row {
  readonly what: string;
  readonly figure: string;
  readonly goal: string;
  readonly met: boolean;
}

/** Runs the candidates in turns and returns the median seconds of one run of each. */
export async function medianSeconds(
  rounds: number,
  ...candidates: (() => unknown)[]
): Promise<number[]> {
  const times = candidates.map((): number[] => []);
  for (const candidate of candidates) await candidate();
  for (let round = 0; round < rounds; round++) {
    for (const [index, candidate] of candidates.entries()) {
      const start = performance.now();
      await candidate();
      times[index]!.push((performance.now() - start) / 1000);
    }
  }
  return times.map(median);
}

/** The middle of the sorted values. */
export function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
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

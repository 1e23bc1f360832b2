/** What one variant of a row did in one round. */
export interface Sample {
  /** How many units of work (calls, messages, deliveries) were done in a second. */
  rate: number;
  /** How long single units took, in milliseconds, in no order. */
  latencies: number[];
}

/** How much work a round does. */
export interface Effort {
  /** How long a round of a row lasts that is bounded by time, in milliseconds. */
  duration: number;
  /** The factor for rows whose work is counted. */
  scale: number;
}

/**
 * @param values - numbers, in any order
 * @param share - between 0 and 1: 0.5 for the median, 0.99 for p99
 * @returns the value below which that share of them lies; NaN when there are none
 */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

/** @returns the middle one of the values */
export const median = (values: readonly number[]): number => quantile(values, 0.5);

/**
 * Repeats a piece of work for a time, with a number of them under way at once.
 *
 * @param work - does it once, and resolves when it is done
 * @param inFlight - how many are under way at once
 * @param units - how many units of work one of them counts for
 */
export const repeat = async (
  work: () => Promise<unknown>,
  { duration }: Effort,
  inFlight = 1,
  units = 1,
): Promise<Sample> => {
  const latencies: number[] = [];
  const began = performance.now();
  const worker = async (): Promise<void> => {
    for (let start = performance.now(); start - began < duration; start = performance.now()) {
      await work();
      latencies.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  const seconds = (performance.now() - began) / 1_000;
  return { rate: (latencies.length * units) / seconds, latencies };
};

/**
 * Does a counted amount of work at once.
 *
 * @param units - how many units of work it counts for
 * @param work - does it, and is given a function to note how long single units took
 */
export const once = async (
  units: number,
  work: (note: (latency: number) => void) => Promise<unknown>,
): Promise<Sample> => {
  const latencies: number[] = [];
  const began = performance.now();
  await work((latency) => latencies.push(latency));
  const elapsed = performance.now() - began;
  return { rate: (units / elapsed) * 1_000, latencies: latencies.length > 0 ? latencies : [elapsed] };
};

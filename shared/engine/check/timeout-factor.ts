import { availableParallelism, loadavg } from 'node:os';

/** So much work may wait for each processor before a machine counts as overloaded: the checks alone bring some. */
const usualLoad = 4;

/** Longer than so many times nobody wants to wait for what never comes. */
const most = 4;

/**
 * On a machine that has far too much to do, right answers take longer too, and a wait must not take that for their
 * absence. Windows does not tell its load: there it is always 1.
 *
 * @param load - how many programs want a processor, as an average of the last minute
 * @returns by how much every wait of the checks is longer
 */
export const timeoutFactor = (load: number = loadavg()[0] ?? 0): number =>
  Math.min(most, Math.max(1, load / availableParallelism() / usualLoad));

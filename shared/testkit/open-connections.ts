import { expect, vi } from 'vitest';

export const openOnes = (): Record<'connections' | 'servers', number> => {
  const names = process.getActiveResourcesInfo();
  const count = (wanted: string): number => names.filter((name) => name === wanted).length;
  return { connections: count('TCPSocketWrap'), servers: count('TCPServerWrap') };
};

/** Waits until clients have closed what they have opened. The time only bounds what stays open. */
export const allClosed = (serversBefore: number): Promise<void> =>
  vi.waitFor(
    () => {
      const { connections, servers } = openOnes();
      expect({ connections, more: Math.max(0, servers - serversBefore) }).toEqual({
        connections: 0,
        more: 0,
      });
    },
    { timeout: 10_000, interval: 5 },
  );

import { Metadata } from '@grpc/grpc-js';

/** How a server is. */
export interface Condition {
  /** What it calls itself: the address at which it listens. */
  name: string;
  /** Whether it refuses all calls. */
  isSick: boolean;
  /** How much of what it can do it does, from 0 to 1. */
  utilization: number;
  /** How many calls it answers in a second. */
  callsPerSecond: number;
}

/** What a server can be told to be. */
export type Order = Partial<Pick<Condition, 'isSick' | 'utilization'>>;

const key = 'workbook-be';

/** @returns metadata that tells a server of the workbook how to be from this call on */
export const orderOf = (order: Order): Metadata => {
  const metadata = new Metadata();
  metadata.set(key, JSON.stringify(order));
  return metadata;
};

/**
 * Has a server be as a call tells it. Whoever may call it, may tell it: this is for a lesson, and nothing else.
 *
 * @returns whether it was told anything
 */
export const obey = (self: Condition, metadata: Metadata): boolean => {
  const [told] = metadata.get(key);
  if (told === undefined) return false;
  try {
    const { isSick = self.isSick, utilization = self.utilization } = JSON.parse(String(told)) as Order;
    Object.assign(self, { isSick: Boolean(isSick), utilization: Number(utilization) });
    return true;
  } catch {
    return false;
  }
};

import { channel } from 'node:diagnostics_channel';

/** Something that one side saw or did on a call. */
export interface WireEvent {
  /** Which call: the same number in all its events, and no other call of this side has it in this process. */
  call: number;
  /** The method's name, as the contract has it. */
  method: string;
  /** `began` brings the client's metadata, and `metadata` is the server's. */
  kind: 'began' | 'request' | 'metadata' | 'reply' | 'half-close' | 'cancelled' | 'status';
  /** The message; for metadata an object with its values; for a status its name and details. */
  value?: unknown;
  /** Grows with time, over both sides: an event may be told a little later than it happened. */
  order: number;
}

let events = 0;

/** @returns the order of an event that happens now */
export const orderOfNow = (): number => (events += 1);

/** Carries a {@link WireEvent} for each thing that happens on a call to a server of this process. */
export const wire = channel('grpc-workbook:wire');

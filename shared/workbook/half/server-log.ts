import { inspect } from 'node:util';
import { faults, wire, type Fault, type WireEvent } from '../preload.ts';
import { printFault } from './print-fault.ts';

/** Fields whose values prove who somebody is: they must not be in any log. */
const secrets = new Set(['otp', 'access_token']);

const redacted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(redacted);
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, secrets.has(key) ? '(not logged)' : redacted(inner)]),
  );
};

const text = (value: unknown): string =>
  inspect(redacted(value), {
    depth: 6,
    compact: 10,
    breakLength: Infinity,
    maxStringLength: 200,
    maxArrayLength: 10,
  });

/** Prints what goes over the wire of this process's servers, and what goes wrong in their handlers, as it happens. */
export const logServer = (): void => {
  let lastFault = '';
  faults.subscribe((fault) => {
    lastFault = (fault as Fault).message;
    printFault(fault as Fault, console.log);
  });
  wire.subscribe((event) => {
    const { method, kind, value } = event as WireEvent;
    if (kind === 'request') console.log(`${method} ← ${text(value)}`);
    else if (kind === 'reply') console.log(`${method} → ${text(value)}`);
    else if (kind === 'half-close') console.log(`${method} · the client has finished sending`);
    else if (kind === 'cancelled') console.log(`${method} · cancelled: the client has gone`);
    else {
      const status = String(value);
      // The fault itself has just been printed in full.
      const isFault = lastFault !== '' && status.endsWith(lastFault);
      console.log(`${method} · ended with ${isFault ? status.slice(0, status.indexOf(':')) : status}`);
    }
  });
};

import { faults, type Fault } from '../../wire/faults.ts';
import { wire, type WireEvent } from '../../wire/wire-events.ts';
import { wireText } from '../../wire/wire-text.ts';
import { printFault } from './print-fault.ts';

/**
 * Prints what goes over the wire of this process's servers, and what goes wrong in their handlers, as it happens.
 *
 * @param quiet - methods of which only what goes wrong is printed, each thing once
 */
export const logServer = (quiet: ReadonlySet<string> = new Set()): void => {
  let lastFault = '';
  const said = new Set<string>();
  /** Where calls are too many to be shown, the same that goes wrong with each of them is said once. */
  const isRepeated = (text: string): boolean => quiet.size > 0 && said.size === said.add(text).size;
  faults.subscribe((fault) => {
    lastFault = (fault as Fault).message;
    if (!isRepeated(lastFault)) printFault(fault as Fault, console.log);
  });
  wire.subscribe((event) => {
    const { method, kind, value } = event as WireEvent;
    if (quiet.has(method) && (kind !== 'status' || value === 'OK' || isRepeated(String(value)))) return;
    if (kind === 'request') console.log(`${method} ← ${wireText(value)}`);
    else if (kind === 'reply') console.log(`${method} → ${wireText(value)}`);
    else if (kind === 'half-close') console.log(`${method} · the client has finished sending`);
    else if (kind === 'cancelled') console.log(`${method} · cancelled: the client has gone`);
    else if (kind === 'status') {
      const status = String(value);
      // The fault itself has just been printed in full.
      const isFault = lastFault !== '' && status.endsWith(lastFault);
      console.log(`${method} · ended with ${isFault ? status.slice(0, status.indexOf(':')) : status}`);
    }
  });
};

/**
 * Loaded around the checks alone. It notes which stubs lesson code uses, and which calls it makes, so that what is still
 * open when a check is over can be named. Every call goes on as it would without it.
 */
import { Channel, Client, type ServiceClientConstructor } from '@grpc/grpc-js';
import { clientWire, type ClientWireEvent } from '../../wire/client-wire.ts';
import { placesOf, placeText } from '../../lesson/stack-trace.ts';
import { isLent } from './given-stubs.ts';

/** Something that lesson code has begun and not ended. */
export interface Open {
  /** What it is, for the learner, for example `a stub of Hello that is not closed`. */
  what: string;
  /** Where it was begun, as `file:line`. */
  at: string;
}

/** Something that anybody has begun. Where is read from the stack only for what is left: most is not, and reading takes time. */
interface Begun {
  what: string;
  here: Error;
}

/** The stubs that have been used and not closed, each by its channel, in the order in which they were used first. */
const stubs = new Map<Channel, Begun>();

/** Where lesson code has closed a stub that it was only lent. */
const closedLent: string[] = [];

/** The calls that have no status yet, each by its number, in the order in which they were made. */
const calls = new Map<number, Begun>();

const use = (channel: Channel, service: string): void => {
  if (stubs.has(channel)) return;
  stubs.set(channel, { what: `a stub of ${service} that is not closed`, here: new Error('used here') });
};

// A stub is a channel that knows its methods. The channel has the connection, from the first use on.
const { createCall, close } = Channel.prototype;
Channel.prototype.createCall = function (path, ...rest) {
  use(this, /([^/.]+)\/[^/]*$/.exec(path)?.[1] ?? path);
  return createCall.call(this, path, ...rest);
};
Channel.prototype.close = function () {
  stubs.delete(this);
  if (isLent(this)) closedLent.push(...placesOf(new Error('closed here')).slice(0, 1).map(placeText));
  close.call(this);
};
const { waitForReady } = Client.prototype;
Client.prototype.waitForReady = function (deadline, callback) {
  use(this.getChannel() as Channel, (this.constructor as ServiceClientConstructor).serviceName);
  waitForReady.call(this, deadline, callback);
};

clientWire.subscribe((event) => {
  const { call, method, kind } = event as ClientWireEvent;
  // The status is the last that comes of a call, however it ends: one that was cancelled has a status too.
  if (kind === 'status') calls.delete(call);
  if (kind !== 'began') return;
  const what = `a call of ${method} that has neither ended nor been cancelled`;
  calls.set(call, { what, here: new Error('made here') });
});

/** What a check has begun itself has no place in a lesson: the check ends that. */
const ofLessons = (begun: Map<unknown, Begun>): Open[] =>
  [...begun.values()].flatMap(({ what, here }) => {
    const [place] = placesOf(here);
    return place ? [{ what, at: placeText(place) }] : [];
  });

/** @returns the calls that lesson code has made and that are still open */
export const openCalls = (): Open[] => ofLessons(calls);

/** @returns the stubs that lesson code has used and that nobody has closed */
export const openStubs = (): Open[] => ofLessons(stubs);

/** @returns where lesson code has closed a stub that it was only lent; undefined when it has closed none */
export const lentStubClosed = (): string | undefined => closedLent[0];

/** Forgets what is open: it belongs to an earlier check. */
export const forgetOpen = (): void => {
  calls.clear();
  stubs.clear();
  closedLent.length = 0;
};

import { status, type Metadata, type Responder, type ServerInterceptingCallInterface } from '@grpc/grpc-js';
import type { AccessTable } from './access-table.ts';
import { bearerToken, whyNotIdentified, type Identify, type Identity } from './tokens.ts';

/** All that a caller gets to know. Why, is for the log. */
const words = {
  [status.UNAUTHENTICATED]: 'This call needs a token that is good. Sign in.',
  [status.PERMISSION_DENIED]: 'You may not do this.',
};

/** Ends a call, over the head of its handler. `why` goes to the server's log, and not to the caller. */
export type Refuse = (code: keyof typeof words, why: string) => void;

/** What a guard works with: a check brings its own. */
export interface GuardParts {
  /** How a token is checked. */
  identify: Identify;
  /** Who may do what. */
  rules?: AccessTable;
  /** The time, in milliseconds. */
  now?: () => number;
  /** What runs something later. */
  later?: typeof afterwards;
  /** Where the log goes. */
  log?: (line: string) => void;
}

/**
 * Runs something later.
 *
 * @param run - what to run
 * @param milliseconds - in how many
 * @returns a function that has it not run
 */
export const afterwards = (run: () => void, milliseconds: number): (() => void) => {
  const timer = setTimeout(run, milliseconds);
  return () => clearTimeout(timer);
};

/** A call that an interceptor can refuse. */
export interface Refusable {
  refuse: Refuse;
  /** Whether it is over: refused, or ended in another way. */
  isOver(): boolean;
  /** Notes that it has ended. */
  end(): void;
  /** The interceptor's part that stands between the handler and the caller: after a refusal nothing goes through. */
  sending: Pick<Responder, 'sendMetadata' | 'sendMessage' | 'sendStatus'>;
}

/**
 * Lets a server interceptor refuse a call at any time, also while its handler is at work.
 *
 * @param call - the call that the interceptor was given
 * @param path - its method, for the log
 * @param log - where the reasons go
 * @returns what the interceptor needs for that
 */
export const refusable = (
  call: Pick<ServerInterceptingCallInterface, 'sendStatus'>,
  path: string,
  log: (line: string) => void,
): Refusable => {
  let over = false;
  return {
    refuse: (code, why) => {
      over = true;
      log(`refused ${path}: ${why}`);
      call.sendStatus({ code, details: words[code] });
    },
    isOver: () => over,
    end: () => {
      over = true;
    },
    sending: {
      sendMetadata: (metadata, next) => void (over || next(metadata)),
      sendMessage: (message, next) => void (over || next(message)),
      sendStatus: (ended, next) => void (over || next(ended)),
    },
  };
};

/**
 * Finds out whose a call is, and refuses it when nobody can tell.
 *
 * @param metadata - the metadata of the call
 * @param identify - how its token is checked
 * @param refuse - ends the call
 * @returns whose it is, at once for a token that is remembered; undefined when the call was refused
 * @throws an error that tells nothing about the token, but that the code which checks it is at fault
 */
export const identified = (
  metadata: Metadata,
  identify: Identify,
  refuse: Refuse,
): Identity | undefined | Promise<Identity | undefined> => {
  const refuseFor = (error: unknown): undefined => {
    const why = whyNotIdentified(error);
    if (why === undefined) throw error;
    refuse(status.UNAUTHENTICATED, why);
  };
  try {
    const identity = identify(bearerToken(metadata));
    return identity instanceof Promise ? identity.catch(refuseFor) : identity;
  } catch (error) {
    return refuseFor(error);
  }
};

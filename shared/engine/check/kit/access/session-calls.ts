/** Calls through a lesson's interceptors, to a server that answers as the check decides. */
import { Metadata, status, type Interceptor, type StatusObject } from '@grpc/grpc-js';
import { Session } from '#shared/access/session.ts';
import { serveAll } from '#shared/grpc/serve.ts';
import { hear, soon } from '../calls.ts';
import { stubAt, trackedAddress } from '../peers.ts';
import { UserService } from '../users/service.ts';
import { ChatService, echoServices } from './echo-services.ts';
import { unary, type Outcome } from './outcome.ts';

/** How a server says that a token has run out. */
export const runOut = { code: status.UNAUTHENTICATED, details: 'Sign in.' };

/** What the check decides. */
export interface Decisions {
  /** With which status a call is refused, by the token that it brings. By default none is. */
  refuses?: (token: string) => Partial<StatusObject> | undefined;
  /** Which token a sign-in gives, by how many there have been. By default `t1`, `t2`, and so on. */
  signIn?: (count: number) => Promise<string>;
}

/**
 * Brings up a server, and stubs before it that have a lesson's interceptors.
 *
 * @param interceptorsFor - gives the lesson's interceptors for a session
 * @param decisions - what the check decides
 */
export const sessionCalls = async (
  interceptorsFor: (session: Session) => Interceptor[],
  { refuses = () => undefined, signIn = async (count) => `t${count}` }: Decisions = {},
) => {
  const seen: unknown[][] = [];
  let signIns = 0;
  const session = new Session(async () => ({ token: await signIn((signIns += 1)), life: 600_000 }));
  const interceptors = interceptorsFor(session);
  const services = echoServices((_method, { metadata }) => {
    const values = metadata.get('authorization');
    seen.push(values);
    return refuses(String(values[0]).replace('Bearer ', ''));
  });
  const address = trackedAddress(await serveAll(services, '127.0.0.1:0'));
  const users = stubAt(UserService, address, { interceptors });
  const chat = stubAt(ChatService, address, { interceptors });
  return {
    session,
    /** What each call has brought as `authorization`. */
    seen,
    /** How many calls and sign-ins there have been. */
    counts: () => ({ calls: seen.length, signIns }),
    /** Makes a unary call. */
    get: (id = 'ada', metadata?: Metadata): Promise<Outcome> => unary(users, 'GetUser', { id }, metadata),
    /** Makes a call whose reply is a stream, and reads a message of it. */
    listen: async (): Promise<Outcome> => {
      const { ended } = await hear(chat.ReceiveMessage({}, soon()), 1);
      return ended ?? { code: status.OK, details: '' };
    },
  };
};

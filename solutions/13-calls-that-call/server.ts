import { randomUUID } from 'node:crypto';
import { Metadata, status, type ChannelOptions, type ServiceError, type StatusObject } from '@grpc/grpc-js';
import type { User__Output } from '#protos/generated/user/User.ts';
import type { UserServiceClient, UserServiceHandlers } from '#protos/generated/user/UserService.ts';
import { invalidArgument, withReason } from '#shared/grpc/error-details.ts';
import type { Listening } from '#shared/grpc/serve.ts';
import { journal, type Say } from '#shared/hops/journal.ts';
import { serveBoth } from '#shared/hops/serve-both.ts';
import type { Users } from '#shared/hops/slow-users.ts';
import type { PairSettings, Settings, SettingValues } from '#shared/terminal/ask.ts';

type Handlers = Pick<UserServiceHandlers, 'GetUser'>;

/** How long a call to the back may take, however long the caller waits, in milliseconds. */
const longest = 5_000;

// What goes on with every call that this one makes: its request id, and nothing else that came with it.
export const onward = (incoming: Metadata): Metadata => {
  //#region Step 1 · Keep one id from hop to hop
  const [given] = incoming.get('x-request-id');
  const outgoing = new Metadata();
  outgoing.set('x-request-id', /^[\w-]{1,64}$/.test(String(given ?? '')) ? given! : randomUUID());
  return outgoing;
  //#endregion
};

const idIn = (metadata: Metadata): string => String(metadata.get('x-request-id')[0]);

// Whoever calls from outside comes to the front. `admit` takes its time to find out whether they may.
export const front = (back: UserServiceClient, admit: () => Promise<void>): Handlers => ({
  GetUser: async (call, callback) => {
    const outgoing = onward(call.metadata);
    const { say, answer } = journal('front', idIn(outgoing), call, callback);
    say('looks whether the caller may ask');
    await admit();
    const done = (error: ServiceError | null, user?: User__Output): void => {
      // Nobody is there any more to be answered.
      if (call.cancelled) return;
      answer(error && atTheBorder(error, say), user);
    };
    //#region Step 2 · Hand on the time that is left, and the end
    // The event has been by now, and will not come again for the call below.
    if (call.cancelled) return;
    back.GetUser(call.request, outgoing, { parent: call, deadline: Date.now() + longest }, done);
    //#endregion
  },
});

// The back has the users. Only the front calls it.
export const back = (users: Users): Handlers => ({
  GetUser: (call, callback) => {
    const { id } = call.request;
    const { say, sayAs, answer } = journal('back', idIn(onward(call.metadata)), call, callback);
    say('asks the database');
    if (id === '') return answer(invalidArgument('id', 'must not be empty'));
    const found = (user?: User__Output): void =>
      user
        ? answer(null, user)
        : answer(withReason(status.NOT_FOUND, 'There is no such user.', 'USER_NOT_FOUND'));
    const failed = (error: Error): void => answer({ code: status.INTERNAL, details: error.message });
    //#region Step 3 · Stop the query when nobody waits
    const over = new AbortController();
    call.on('cancelled', () => over.abort());
    users.find(id, over.signal, sayAs('database')).then(found, failed);
    //#endregion
  },
});

// How a call of the front ends when the back has ended its own with an error.
export const atTheBorder = (error: ServiceError, say: Say): Partial<StatusObject> => {
  //#region Step 4 · Pass on what concerns the caller, and nothing else
  const { code, details, metadata } = error;
  if (code === status.INVALID_ARGUMENT || code === status.NOT_FOUND) {
    const kept = new Metadata();
    for (const value of metadata.get('grpc-status-details-bin')) kept.add('grpc-status-details-bin', value);
    return { code, details, metadata: kept };
  }
  say(`the back has ended with ${status[code]}: ${details}`);
  if (code === status.UNAVAILABLE) return { code, details: 'Nobody can look for users now.' };
  if (code === status.DEADLINE_EXCEEDED) return { code, details: 'The time was too short.' };
  return { code: status.INTERNAL, details: 'Something has gone wrong here.' };
  //#endregion
};

// The options of a channel that notices when the other end is gone without a word. Both times are in milliseconds.
export const noticing = (every: number, within: number): ChannelOptions => {
  //#region Step 5 · Notice an end that has gone without a word
  return {
    'grpc.keepalive_time_ms': every,
    'grpc.keepalive_timeout_ms': within,
    'grpc.keepalive_permit_without_calls': 1,
  };
  //#endregion
};

// From here on: the servers as a whole. There is nothing left for you to write.
const own = { front, back };

export const pair = { servers: 1, quiet: ['GetUser'] } satisfies PairSettings;

export const settings = {
  line: { message: 'What is the line to the back like?', initial: 'good', choices: ['good', 'forgetful'] },
} satisfies Settings;

/** How often the front asks the back whether it is there, and how long it waits then, in milliseconds. */
const pings = { every: 700, within: 200 };

export const start = (
  address: string,
  { line = 'good', ...given }: Partial<SettingValues<typeof settings> & typeof own> = {},
): Promise<Listening> => {
  const channel = noticing(pings.every, pings.within);
  return serveBoth(address, { ...own, ...given, channel }, line as 'good' | 'forgetful');
};

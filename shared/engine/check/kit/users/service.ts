import { status, type CallOptions, type requestCallback, type ServiceError } from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';
import type { User__Output } from '#protos/generated/user/User.ts';
import type * as service from '#protos/generated/user/UserService.ts';
import type { ProtoGrpcType } from '#protos/generated/user_service.ts';
import { detailsOf } from '#shared/grpc/error-details.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { UserStore } from '#shared/storage/user-store.ts';
import { replyTo, soon } from '../calls.ts';
import { CheckFailure, must, same } from '../check-failure.ts';
import { expectFault } from '../expected-faults.ts';
import { calling } from '../peers.ts';

export const { UserService } = loadProto<ProtoGrpcType>('user_service.proto').user;

/** What each handler asks the store for. */
const inStore = {
  CreateUser: 'create',
  GetUser: 'get',
  UpdateUser: 'update',
  DeleteUser: 'delete',
  ListUsers: 'page',
} as const;
export type Method = keyof typeof inStore;
type Request<M extends Method> = Parameters<service.UserServiceDefinition[M]['requestSerialize']>[0];
type Reply<M extends Method> = ReturnType<service.UserServiceDefinition[M]['responseDeserialize']>;
type Call<M extends Method> = (
  request: Request<M>,
  options: CallOptions,
  done: requestCallback<Reply<M>>,
) => unknown;

/** Puts a user into the store without the learner's service. */
export const put = (store: UserStore, name: string): User__Output => {
  const email = `${name.toLowerCase()}@example.com`;
  return store.create({ name, email, phone_number: '+14155550123' }) as User__Output;
};

/** The learner's service over a store that has Grace and Ada, and no longer Radia. */
export const serviceOverStore = async (users: (store: UserStore) => service.UserServiceHandlers) => {
  const store = new UserStore(':memory:');
  onTestFinished(() => store.close());
  const [grace, ada, { id: gone }] = [put(store, 'Grace'), put(store, 'Ada'), put(store, 'Radia')];
  store.delete(gone);
  return { store, grace, ada, gone, stub: await calling(UserService, users(store)) };
};

const neverAnswered = 'Every way through the handler must call callback once. Is there a branch without it?';

/**
 * Makes a call that has to get its reply.
 *
 * @param advice - what to look for when the request is taken for a wrong one
 */
export const replyOf = async <M extends Method>(
  stub: service.UserServiceClient,
  method: M,
  request: Request<M>,
  advice?: string,
): Promise<Reply<M>> => {
  try {
    return await replyTo((stub[method] as Call<M>).bind(stub, request), neverAnswered);
  } catch (error) {
    const failure = error as CheckFailure;
    if (advice === undefined || !failure.came?.startsWith('INVALID_ARGUMENT')) throw error;
    throw new CheckFailure({ expected: failure.expected, came: failure.came, advice });
  }
};

/** A status, and what has to stand beside it for programs: the wrong fields, or the reason. */
export type Refusal = [code: keyof typeof status, ...tells: string[]];

/** A call that has to be refused: what it asks for, and the request. */
export type RefusedCall<M extends Method> = [
  what: string,
  refusal: Refusal,
  request: (known: { ada: string; gone: string; token: string }) => Request<M>,
];

/** The store throws, which may come as any of the statuses that say nothing about the request. */
export const storeFails: Refusal = ['INTERNAL'];
const sayNothing = ['INTERNAL', 'UNKNOWN', 'UNAVAILABLE', 'UNIMPLEMENTED'];

const noRefusal: Readonly<Record<string, string>> = {
  OK: 'a reply, with the status OK',
  DEADLINE_EXCEEDED: 'nothing, until the deadline passed (DEADLINE_EXCEEDED)',
};

const wayTo = (code: string, came: string): string => {
  if (came === 'DEADLINE_EXCEEDED') return neverAnswered;
  if (code === 'INTERNAL') return 'Catch nothing here: what the store throws is no answer to the question.';
  if (came === 'OK')
    return 'Look for this case before you answer with a reply, and give the store what the request has as it is.';
  if (code === 'NOT_FOUND' && came === 'INVALID_ARGUMENT')
    return 'Of an id, only an empty one is wrong. Whether a user has any other, the store knows.';
  if (code === 'INVALID_ARGUMENT' && came === 'NOT_FOUND')
    return 'Look at the request first: what is wrong with it is wrong whoever is in the store.';
  return came === 'UNKNOWN'
    ? 'What the callback got as its error has no code. invalidFields, invalidArgument and withReason make one that has.'
    : 'Which status means this? The table in the README tells them apart.';
};

/** Makes a call that the learner's service has to refuse, and which has to leave the store as it was. */
export const expectRefusal = async <M extends Method>(
  { stub, store, ada, gone }: Awaited<ReturnType<typeof serviceOverStore>>,
  method: M,
  [what, refusal, request]: RefusedCall<M>,
): Promise<void> => {
  const [code, ...tells] = refusal;
  const kept = store.page.bind(store, 1_000, '');
  const before = kept();
  // Asks for Ada, who comes behind Grace.
  const token = store.page(1, '')!.next_page_token;
  if (refusal === storeFails) {
    expectFault(what);
    store[inStore[method]] = () => {
      throw new Error(what);
    };
  }
  const call = (stub[method] as Call<M>).bind(stub, request({ ada: ada.id, gone, token }));
  const error = await new Promise<ServiceError | null>((resolve) => call(soon(), resolve));
  const came = status[error?.code ?? status.OK]!;
  const isRight = refusal === storeFails ? sayNothing.includes(came) : came === code;
  must(error && isRight, {
    expected: `${code} for ${what}`,
    came: noRefusal[came] ?? `${came}: ${error?.details}`,
    advice: wayTo(code, came),
  });
  if (refusal === storeFails) return;
  same(kept(), before, 'Refuse the call before anything is changed: it leaves the store as it was.');
  const { reason, violations } = detailsOf(error);
  const isField = code === 'INVALID_ARGUMENT';
  const told = isField ? violations.map(({ field }) => field) : reason ? [reason] : [];
  const beside = isField ? 'field' : 'reason';
  must(
    tells.every((each) => told.includes(each)),
    {
      expected: `${code} for ${what}, and beside it the ${beside} ${tells.join(' and ')}`,
      came: `${told.length > 0 ? `the ${beside} ${told.join(' and ')}` : `no ${beside}`} beside it: ${error.details}`,
      advice: !isField
        ? `The contract promises the reason: withReason(status.${code}, 'words for people', '${tells[0]}').`
        : told.length > 0
          ? 'Name each field that is wrong, as the contract spells it.'
          : 'Make the status with invalidFields(wrong), or for one field with invalidArgument(field, description): both put the fields beside the words.',
    },
  );
};

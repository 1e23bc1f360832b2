import { status } from '@grpc/grpc-js';
import { describe, it } from 'vitest';
import type { ListUsersResponse__Output } from '#protos/generated/user/ListUsersResponse.ts';
import type { User } from '#protos/generated/user/User.ts';
import type { UserServiceClient, UserServiceHandlers } from '#protos/generated/user/UserService.ts';
import { rejectedWith, settled, soon } from '#kit/calls.ts';
import { must, same } from '#kit/check-failure.ts';
import { awkwardTexts, longText, many } from '#kit/random-inputs.ts';
import { calling, started, stubAt } from '#kit/peers.ts';
import {
  expectRefusal,
  put,
  replyOf,
  serviceOverStore,
  storeFails,
  UserService,
  type Method,
  type Refusal,
  type RefusedCall,
} from '#kit/users/service.ts';

const server = () => import('#answers/07-users/server.ts');
const client = () => import('#answers/07-users/client.ts');

const serviceOfLearner = async () => serviceOverStore((await server()).users);
const refused = async <M extends Method>(method: M, row: RefusedCall<M>): Promise<void> =>
  expectRefusal(await serviceOfLearner(), method, row);

const wrong = (...fields: string[]): Refusal => ['INVALID_ARGUMENT', ...fields];
const noSuchUser: Refusal = ['NOT_FOUND', 'USER_NOT_FOUND'];
const emailTaken: Refusal = ['ALREADY_EXISTS', 'EMAIL_TAKEN'];
const nobody = '00000000-0000-4000-8000-000000000000';

describe('Step 1 · Create a user, or say why not', () => {
  it('stores the values that were checked, and answers with the user', async () => {
    const { stub, store } = await serviceOfLearner();
    const moonLanding = { seconds: -14_182_940 };
    const ofTheServer = { id: 'my own', create_time: moonLanding, update_time: moonLanding };
    const names = ["Robert'); DROP TABLE users;--", ' ', ...awkwardTexts];
    for (const [index, name] of names.entries()) {
      const sent = { name, email: `Bob@X${index}`, phone_number: '+1 415 555 0123' };
      const reply = await replyOf(stub, 'CreateUser', { user: { ...sent, ...ofTheServer } });
      same(
        reply,
        { ...store.page(100, '')!.users[2 + index], ...sent, phone_number: '+14155550123' },
        'Give the store the values of checkUser, as they are, and answer with the user that store.create returns: it has the id and the times.',
      );
    }
  });

  const other = { user: { name: 'Grace', email: 'ADA@example.com' } };
  const unfit = { user: { name: '', email: 'ada' } };
  it.each<RefusedCall<'CreateUser'>>([
    ['a user without a name, whose email has no @', wrong('user.name', 'user.email'), () => unfit],
    ['a request without a user', wrong('user.name', 'user.email'), () => ({ user: null })],
    ['the email of another user, in upper case', emailTaken, () => other],
    ['a store that cannot write', storeFails, () => other],
  ])('answers with the right status for %s', (...row) => refused('CreateUser', row));
});

describe('Step 2 · Get a user, or say NOT_FOUND', () => {
  it('answers with the user, as it is at the moment of the call', async () => {
    const { stub, store, ada } = await serviceOfLearner();
    const advice = 'Answer with what store.get returns for this id, and ask it anew for each call.';
    same(await replyOf(stub, 'GetUser', { id: ada.id }), ada, advice);
    // Another server on the same database may change it.
    store.update(ada.id, { name: 'Countess' });
    same(await replyOf(stub, 'GetUser', { id: ada.id }), store.get(ada.id), advice);
  });

  it.each<RefusedCall<'GetUser'>>([
    ['a request without an id', wrong('id'), () => ({ id: '' })],
    ['the id of a user who is gone', noSuchUser, ({ gone }) => ({ id: gone })],
    ['an id that no user has', noSuchUser, () => ({ id: nobody })],
    ['the id "nobody"', noSuchUser, () => ({ id: 'nobody' })],
    ['the id "1"', noSuchUser, () => ({ id: '1' })],
    ['an id of one space', noSuchUser, () => ({ id: ' ' })],
    ['the id of a user with a space behind it', noSuchUser, ({ ada }) => ({ id: `${ada} ` })],
    ['a store that cannot read', storeFails, ({ ada }) => ({ id: ada })],
  ])('answers with the right status for %s', (...row) => refused('GetUser', row));
});

describe('Step 3 · Change what the mask names, and nothing else', () => {
  const changing =
    (user: User, ...paths: string[]): RefusedCall<'UpdateUser'>[2] =>
    ({ ada }) => ({ user: { id: ada, ...user }, update_mask: paths.length > 0 ? { paths } : null });
  // A client may send a user as it has one: what the mask does not name may even be wrong.
  const sent = { name: ' Countess ', email: 'no email', phone_number: '' };
  const written = ({ name, email, phone_number }: User): User => ({ name, email, phone_number });
  const others = { name: 'Else', email: 'else@example.com', create_time: { seconds: 1 } };

  it.each([
    ['what the mask names, and leaves alone the rest', changing(sent, 'name'), { name: ' Countess ' }],
    [
      'a phone number, in its one right form',
      changing({ phone_number: '+1 (650) 253-0000' }, 'phone_number'),
      { phone_number: '+16502530000' },
    ],
    ['without a mask what is not empty', changing({ email: 'Ada@X' }), { email: 'Ada@X' }],
    ['to nothing what is empty, and in the mask', changing({}, 'phone_number'), { phone_number: '' }],
    ['nothing for a mask of what only the server sets', changing(others, 'id', 'create_time'), {}],
  ])('changes %s', async (_what, request, changed) => {
    const { stub, store, ada, gone } = await serviceOfLearner();
    const advice =
      'Check the fields that maskedFields gives, and no others, even if there are none; give the store the values of checkUser as they are, even the empty ones.';
    const reply = await replyOf(stub, 'UpdateUser', request({ ada: ada.id, gone, token: '' }), advice);
    const kept = store.get(ada.id);
    same(kept && written(kept), { ...written(ada), ...changed }, advice);
    same(reply, kept, 'The store has the right user now. Answer with the user that store.update returns.');
  });

  it.each<RefusedCall<'UpdateUser'>>([
    ['a mask with "nick", which is no field', wrong('update_mask'), changing({ name: 'X' }, 'name', 'nick')],
    [
      'the mask "*" with an empty name and a wrong email',
      wrong('user.name', 'user.email'),
      changing({ name: '', email: 'x' }, '*'),
    ],
    ['the mask "nick", with no such user', wrong('update_mask'), changing({ id: nobody }, 'nick')],
    ['a wrong email, with no such user', wrong('user.email'), changing({ id: nobody, email: 'x' }, 'email')],
    ['an id that no user has', noSuchUser, changing({ id: nobody, name: 'X' }, 'name')],
    ['the id "1"', noSuchUser, changing({ id: '1', name: 'X' }, 'name')],
    ['the email of another user', emailTaken, changing({ email: 'grace@example.com' }, 'email')],
    ['a store that cannot write', storeFails, changing({ name: 'X' }, 'name')],
  ])('answers with the right status for %s', (...row) => refused('UpdateUser', row));
});

describe('Step 4 · Delete a user, once', () => {
  it('deletes this user, and answers with an empty message', async () => {
    const { stub, store, grace, ada } = await serviceOfLearner();
    const reply = await replyOf(stub, 'DeleteUser', { id: ada.id });
    same(reply, {}, 'google.protobuf.Empty has no field: callback(null, {}).');
    same(store.page(10, '')!.users, [grace], 'Delete the user with this id, and no other.');
  });

  it('says to one of two deletes that overlap that it has deleted, and to the other that nobody was there', async () => {
    const { stub, ada } = await serviceOfLearner();
    const deletion = () =>
      new Promise<string>((resolve) =>
        stub.DeleteUser({ id: ada.id }, soon(), (error) => resolve(status[error?.code ?? status.OK]!)),
      );
    const statuses = await Promise.all([deletion(), deletion()]);
    same(
      statuses.toSorted(),
      ['NOT_FOUND', 'OK'],
      'Answer by what store.delete returns: only one finds the user.',
    );
  });

  it.each<RefusedCall<'DeleteUser'>>([
    ['a request without an id', wrong('id'), () => ({ id: '' })],
    ['a user who is gone', noSuchUser, ({ gone }) => ({ id: gone })],
    ['the id "1"', noSuchUser, () => ({ id: '1' })],
    ['an id of one space', noSuchUser, () => ({ id: ' ' })],
    ['the id of a user with a space behind it', noSuchUser, ({ ada }) => ({ id: `${ada} ` })],
    ['a store that cannot write', storeFails, ({ ada }) => ({ id: ada })],
  ])('answers with the right status for %s', (...row) => refused('DeleteUser', row));
});

describe('Step 5 · Answer with one page', () => {
  it('gives as many users as are asked for, and a token for those behind them', async () => {
    const { stub, store } = await serviceOfLearner();
    put(store, 'Barbara');
    const seen = ({ users, next_page_token }: ListUsersResponse__Output): string[] => [
      ...users.map(({ name }) => name),
      next_page_token === '' ? 'no token' : 'a token',
    ];
    const advice =
      'Answer with the page that store.page returns for the size and the page_token of the request.';
    const first = await replyOf(stub, 'ListUsers', { page_size: 2 });
    same(seen(first), ['Grace', 'Ada', 'a token'], advice);
    const next = { page_size: 2, page_token: first.next_page_token };
    same(seen(await replyOf(stub, 'ListUsers', next)), ['Barbara', 'no token'], advice);
  });

  it.each([
    [50, 0, 'A page_size of 0 means that the caller did not choose: the contract says 50 then.'],
    [1_000, 5_000, 'The contract says that more than 1,000 counts as 1,000.'],
  ])('gives %i users for a page_size of %i', async (size, page_size, advice) => {
    const { stub, store } = await serviceOfLearner();
    for (let count = 0; count < 1_000; count += 1) put(store, `Somebody-${count}`);
    const before = { page_size: 3 };
    await replyOf(stub, 'ListUsers', before);
    const { users } = await replyOf(stub, 'ListUsers', { page_size }, advice);
    const isOfBefore = users.length === before.page_size;
    must(users.length === size, {
      expected: `${size} users`,
      came: `${users.length} users${isOfBefore ? ', as many as the call before had asked for' : ''}`,
      advice: isOfBefore
        ? `${advice} Keep no size outside of the handler: it would be for all callers.`
        : advice,
    });
  });

  it.each<RefusedCall<'ListUsers'>>([
    ['a page_size of -1', wrong('page_size'), () => ({ page_size: -1 })],
    ['a page_token that was never given out', wrong('page_token'), () => ({ page_token: '1' })],
    ['a page_token of one space', wrong('page_token'), () => ({ page_token: ' ' })],
    [
      'a page_token with a space behind it',
      wrong('page_token'),
      ({ token }) => ({ page_token: `${token} ` }),
    ],
    ['a store that cannot read', storeFails, () => ({})],
  ])('answers with the right status for %s', (...row) => refused('ListUsers', row));
});

const collected = async (stub: UserServiceClient, into: string[]): Promise<void> => {
  const { allUsers } = await client();
  for await (const { name } of allUsers(stub, 2)) into.push(name);
};

describe('Step 6 · Follow the page tokens', () => {
  /** What the first pages have. One has no users, and is not the last: AIP-158 allows that. Some users have one name. */
  const firstNames = [['Ada', 'Grace'], [], ['Barbara', 'Barbara'], ['Ada', 'Radia']];
  /** Every text may be a token. */
  const tokens = [
    '',
    ...awkwardTexts,
    longText,
    ' ',
    ...Array.from({ length: many }, (_, index) => `page ${index}`),
  ];
  /** The pages of a server that works, by their tokens. */
  const pages = new Map(
    tokens.map((token, index) => [
      token,
      { names: firstNames[index] ?? [`Frances ${index}`], next: tokens[index + 1] ?? '' },
    ]),
  );

  it('gives the users of every page, in order', async () => {
    const asked: string[] = [];
    const asking = (size: number, token: string) => `page_size ${size}, page_token '${token}'`;
    const names: string[] = [];
    const ListUsers: UserServiceHandlers['ListUsers'] = (
      { request: { page_size, page_token } },
      callback,
    ) => {
      asked.push(asking(page_size, page_token));
      const page = pages.get(page_token);
      // Who asks on and on would never come to an end.
      if (!page || asked.length > pages.size)
        return callback({ code: status.INVALID_ARGUMENT, details: 'not this page' });
      callback(null, { users: page.names.map((name) => ({ name })), next_page_token: page.next });
    };
    const listing = collected(await calling(UserService, { ListUsers }), names);
    const ended = settled(listing, 'Return when a page has no next_page_token.');
    const failure = await ended.catch((error: unknown) => error);
    // What was asked says more than how it ended.
    const right = tokens.map((token) => asking(2, token));
    const advice =
      'Each request carries page_size, and the next_page_token of the page before, as it is. Only an empty token is the end, and no page tells by its users: it may have fewer than page_size, or none.';
    if (asked.length > 0) same(asked, right, advice);
    if (failure) throw failure;
    same(
      names,
      [...pages.values()].flatMap((page) => page.names),
      'Yield each user of each page: two may have one name.',
    );
  });

  it('asks for a page only when somebody gets that far', async () => {
    const { allUsers } = await client();
    const asked: string[] = [];
    const ListUsers: UserServiceHandlers['ListUsers'] = ({ request: { page_token } }, callback) => {
      // Whoever collects all users first would never come to an end.
      if (asked.push(page_token) > 3) return callback({ code: status.ABORTED, details: 'too many calls' });
      callback(null, { users: [{ name: 'Ada' }, { name: 'Grace' }], next_page_token: 'more' });
    };
    const stub = await calling(UserService, { ListUsers });
    const users = allUsers(stub, 2);
    const came = await settled(users.next(), 'Yield the users of the first page.').catch((error) => error);
    must(asked.length <= 3, {
      expected: 'the first user after one call',
      came: `${asked.length} calls, and no user yet`,
      advice: 'Yield the users of a page before you ask for the next one. Do not collect them all first.',
    });
    if (came instanceof Error) throw came;
    // A call that was made before this one has come before it.
    await replyOf(stub, 'ListUsers', { page_token: 'of the check' });
    same(
      asked,
      ['', 'of the check'],
      'Make the call for the next page after the users of this one are yielded.',
    );
    await users.return(undefined);
  });

  it('begins each list anew, also while another one is read, or after one that was left', async () => {
    const { allUsers } = await client();
    const asked: string[] = [];
    const ListUsers: UserServiceHandlers['ListUsers'] = ({ request: { page_token } }, callback) => {
      asked.push(page_token);
      callback(null, { users: [{ name: 'Ada' }], next_page_token: `${page_token}+` });
    };
    const stub = await calling(UserService, { ListUsers });
    const never = 'Yield the users of a page as soon as it is there.';
    const [left, one, other] = [allUsers(stub, 1), allUsers(stub, 1), allUsers(stub, 1)];
    const next = (users: typeof one) => settled(users.next(), never);
    for (const users of [left, left]) await next(users);
    await left.return(undefined);
    for (const users of [one, other, one]) await next(users);
    await Promise.all([one.return(undefined), other.return(undefined)]);
    same(
      asked,
      ['', '+', '', '', '+'],
      'The first request of each list has an empty token, whatever other lists have come to: keep no token outside of allUsers.',
    );
  });

  it('passes on the status of a call that failed', async () => {
    const names: string[] = [];
    const asked: string[] = [];
    const ListUsers: UserServiceHandlers['ListUsers'] = ({ request: { page_token } }, callback) => {
      asked.push(page_token);
      if (page_token === '') callback(null, { users: [{ name: 'Ada' }], next_page_token: 'second' });
      else callback({ code: status.RESOURCE_EXHAUSTED, details: 'enough listed' });
    };
    const listing = collected(await calling(UserService, { ListUsers }), names);
    await rejectedWith(listing, status.RESOURCE_EXHAUSTED);
    same(names, ['Ada'], 'What came before the failure is given all the same.');
    same(asked, ['', 'second'], 'A call that fails is for your caller: it is not made again.');
  });
});

describe('Both halves together', () => {
  it('lists the users that were created, over several pages', async () => {
    const { start } = await server();
    const stub = stubAt(UserService, await started(() => start('127.0.0.1:0', { db: ':memory:' })));
    const names = ['Ada', 'Grace', 'Barbara', 'Radia', 'Frances'];
    for (const name of names) await replyOf(stub, 'CreateUser', { user: { name, email: `${name}@x` } });
    const came: string[] = [];
    const advice = 'Does the server end the list with an empty token, and does the client stop there?';
    await settled(collected(stub, came), advice);
    same(came, names, 'Every user comes once, in the order in which they were made.');
  });
});

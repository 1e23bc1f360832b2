import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'libsql';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { User__Output } from '#protos/generated/user/User.ts';
import { tempFolder } from '#kit/test-folder.ts';
import { timestampOf } from '../grpc/timestamp.ts';
import { UserStore, type UserValues } from './user-store.ts';

let folder: string;
let store: UserStore;
let clock = 1_700_000_000_123;

/** Two servers are two stores on one file. */
const storeOn = (name: string): UserStore => {
  const one = new UserStore(path.join(folder, name), () => clock);
  onTestFinished(() => one.close());
  return one;
};

beforeEach(() => {
  folder = tempFolder();
  clock = 1_700_000_000_123;
  store = storeOn('users.db');
});

const values = (email: string, changes: Partial<UserValues> = {}): UserValues => ({
  name: 'Ada',
  email,
  phone_number: '',
  ...changes,
});

const made = (email: string, changes: Partial<UserValues> = {}, by = store): User__Output => {
  const user = by.create(values(email, changes));
  if (user === 'email taken') throw new Error(`${email} is taken`);
  return user;
};

/** Follows the pages, and calls a function between two of them. */
const listed = (size: number, { between = (): void => {}, by = store } = {}): string[] => {
  const emails: string[] = [];
  let token = '';
  do {
    const page = by.page(size, token)!;
    emails.push(...page.users.map(({ email }) => email));
    token = page.next_page_token;
    if (token) between();
  } while (token);
  return emails;
};

describe('making a user', () => {
  it('gives an id and the times, to the millisecond', () => {
    const user = made('ada@example.com', { phone_number: '+14155550123' });
    expect(user).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      name: 'Ada',
      email: 'ada@example.com',
      phone_number: '+14155550123',
      create_time: { seconds: '1700000000', nanos: 123_000_000 },
      update_time: { seconds: '1700000000', nanos: 123_000_000 },
    });
    expect(store.get(user.id)).toEqual(user);
  });

  it.each([
    ['ada@example.com', 'ADA@Example.Com'],
    ['jörg@bücher.example', 'JÖRG@BÜCHER.EXAMPLE'],
    ['jörg@example.com', 'jo\u0308rg@example.com'],
    ['ΣΑΣ@example.com', 'σασ@example.com'],
  ])('takes no second one of %s, written as %s', (email, again) => {
    const user = made(email);
    expect(store.create(values(again))).toBe('email taken');
    expect(listed(10)).toEqual([email]);
    store.delete(user.id);
    expect(made(again).email).toBe(again);
  });

  it.each([
    ['SQL', "'); DROP TABLE users;--"],
    ['a NUL character', 'a\0b'],
    ['a byte order mark', '\uFEFFa'],
  ])('keeps %s in a name as it is', (_what, name) => {
    const { id } = made('ada@example.com', { name });
    expect(store.get(id)!.name).toBe(name);
    expect(store.page(1, '')!.users[0]!.name).toBe(name);
    expect(store.update(id, { name: `${name}!` })).toMatchObject({ name: `${name}!` });
  });
});

it('finds and deletes a user by the whole id alone, and once', () => {
  const { id } = made('ada@example.com');
  const others = ['', "' OR '1'='1", '%', '*', 'x'.repeat(100_000), `${id}\0`, `${id} `, id.slice(1)];
  for (const other of others) {
    expect(store.get(other)).toBeUndefined();
    expect(store.update(other, { name: 'x' })).toBeUndefined();
    expect(store.delete(other)).toBe(false);
  }
  expect(store.get(id)!.name).toBe('Ada');
  expect([store.delete(id), store.delete(id)]).toEqual([true, false]);
  expect(store.get(id)).toBeUndefined();
});

describe('changing a user', () => {
  it('leaves alone what is not given, and moves the update time', () => {
    const user = made('ada@example.com', { phone_number: '+14155550123' });
    clock += 1_500;
    const changed = { ...user, phone_number: '', update_time: timestampOf(clock) };
    expect(store.update(user.id, { phone_number: '' })).toEqual(changed);
    expect(store.get(user.id)).toEqual(changed);
  });

  it('leaves the update time when nothing changes, and never moves it back', () => {
    const user = made('ada@example.com');
    clock += 1_000;
    const { name, email, phone_number } = user;
    expect(store.update(user.id, {})).toEqual(user);
    expect(store.update(user.id, { name, email, phone_number })).toEqual(user);
    clock -= 3_600_000;
    expect(store.update(user.id, { name: 'Grace' })).toEqual({ ...user, name: 'Grace' });
  });

  it('takes no email of another user, but the own one in other letters', () => {
    const user = made('ada@example.com');
    made('grace@example.com');
    clock += 1;
    expect(store.update(user.id, { name: 'X', email: 'GRACE@example.com' })).toBe('email taken');
    expect(store.get(user.id)).toEqual(user);
    expect(store.update(user.id, { email: 'ADA@example.com' })).toMatchObject({
      email: 'ADA@example.com',
      update_time: timestampOf(clock),
    });
  });
});

it('does not take another failure for an email that is taken', () => {
  expect(() => store.create(values('ada@example.com', { name: null as never }))).toThrow('NOT NULL');
  const { id } = made('ada@example.com');
  store.close();
  expect(() => store.update(id, { name: 'Grace' })).toThrow('not open');
});

describe('the pages of the list', () => {
  const emails = ['a@x', 'b@x', 'c@x', 'd@x', 'e@x'];
  const makeAll = (): User__Output[] => emails.map((email) => made(email));

  it('bring every user once, in the order of their making, and are over when the last one is full', () => {
    expect(store.page(1, '')).toEqual({ users: [], next_page_token: '' });
    makeAll();
    for (const size of [1, 2, 4, 5, 6]) expect(listed(size)).toEqual(emails);
    expect(store.page(4, '')!.next_page_token).not.toBe('');
    expect(store.page(5, '')).toMatchObject({ users: { length: 5 }, next_page_token: '' });
  });

  it('stay right while users are made and deleted between them', () => {
    const users = makeAll();
    let turn = 0;
    const came = listed(2, {
      between: () => {
        turn += 1;
        if (turn > 1) return;
        // The user that the page ended with, one before it, and one that is still to come.
        for (const { id } of users.slice(0, 3)) store.delete(id);
        made('f@x');
      },
    });
    expect(came).toEqual(['a@x', 'b@x', 'd@x', 'e@x', 'f@x']);
  });

  it('never give the place of a user who is gone to a new one', () => {
    makeAll();
    const first = store.page(4, '')!;
    for (const { id } of [...first.users, ...store.page(4, first.next_page_token)!.users]) store.delete(id);
    made('f@x');
    expect(store.page(4, first.next_page_token)!.users.map(({ email }) => email)).toEqual(['f@x']);
  });

  it('are asked for only with a token that was given out for this list', () => {
    makeAll();
    const { next_page_token } = store.page(2, '')!;
    expect(store.page(2, '2')).toBeUndefined();
    expect(storeOn('other.db').page(2, next_page_token)).toBeUndefined();
  });
});

it.each(['users (login TEXT)', 'page_token_key (word TEXT)'])(
  'does not take the database of another program, with %s, and leaves it as it was',
  (table) => {
    const file = path.join(folder, 'other.db');
    const other = new Database(file);
    other.exec(`CREATE TABLE ${table}`);
    other.close();
    const before = readFileSync(file);
    expect(() => new UserStore(file)).toThrow(`The database ${file} keeps something else than this service`);
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(readdirSync(folder).filter((name) => !name.startsWith('users'))).toEqual(['other.db']);
  },
);

import { describe, expect, it } from 'vitest';
import type { User__Output } from '#protos/generated/user/User.ts';
import { checkUser, userFields } from './user-rules.ts';

const ada = { name: 'Ada', email: 'ada@example.com', phone_number: '' } as User__Output;
const wrongIn = (changes: Partial<User__Output>): unknown =>
  checkUser({ ...ada, ...changes }, userFields.writable).wrong?.map(({ field }) => field);

describe('what a caller wants a user to be', () => {
  it.each([
    ['quotes', "'); DROP TABLE users;--"],
    ['an emoji', '👩🏽‍🚀'],
    ['a NUL character', 'a\0b'],
    ['200 characters of two units each', '😀'.repeat(200)],
  ])('may have a name with %s, and keeps it as it is', (_what, name) => {
    expect(checkUser({ ...ada, name }, userFields.writable)).toEqual({
      values: { ...ada, name },
    });
  });

  it.each<['name' | 'email' | 'phone_number', string[]]>([
    ['name', ['', 'a'.repeat(201), '😀'.repeat(201)]],
    ['email', ['', 'ada', '@', 'ada@', '@example.com', 'a@b@c', 'a da@b', ' a@b', 'a@b\n', 'a@b\0']],
    ['email', [`${'a'.repeat(243)}@example.com`]],
    ['phone_number', ['4155550123', '+', '+1', '+999123', '+1415555012', '+'.repeat(1_000_000)]],
    ['phone_number', ['call me +14155550123', '+14155550123 ext 5']],
  ])('may not have a %s that is none', (field, texts) => {
    for (const text of texts)
      expect(wrongIn({ [field]: text }), text.slice(0, 30)).toEqual([`user.${field}`]);
  });

  it.each([
    'a@b',
    'Ada.Lovelace+x@Example.COM',
    'jörg@bücher.example',
    '用户@例子.广告',
    `${'a'.repeat(242)}@example.com`,
  ])('may have the email %s, and keeps it as it is', (email) => {
    expect(checkUser({ ...ada, email }, ['email'])).toEqual({ values: { email } });
  });

  it.each([
    ['', ''],
    ['+14155550123', '+14155550123'],
    ['+1 (415) 555-0123', '+14155550123'],
    ['+49 30 123456', '+4930123456'],
  ])('may have the phone number "%s", kept as "%s"', (phone_number, stored) => {
    expect(checkUser({ ...ada, phone_number }, ['phone_number']).values).toEqual({ phone_number: stored });
  });

  it('is told everything that is wrong, and only in the fields that count', () => {
    expect(checkUser({ ...ada, name: '', email: 'ada', phone_number: '1' }, userFields.writable)).toEqual({
      wrong: [
        { field: 'user.name', description: 'must not be empty' },
        {
          field: 'user.email',
          description: 'must have one @ with something on both sides, and no spaces',
        },
        {
          field: 'user.phone_number',
          description: 'must be a phone number with its country code, as +14155550123, or empty',
        },
      ],
    });
    expect(checkUser({ ...ada, email: 'a'.repeat(255) }, ['email']).wrong).toEqual([
      { field: 'user.email', description: 'must not be longer than 254 characters' },
    ]);
    expect(checkUser(null, userFields.writable).wrong?.map(({ field }) => field)).toEqual([
      'user.name',
      'user.email',
    ]);
    expect(checkUser({ ...ada, name: '', email: '' }, ['phone_number'])).toEqual({
      values: { phone_number: '' },
    });
  });
});

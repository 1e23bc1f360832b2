import { expect, it } from 'vitest';
import { same, type CheckFailure } from './check-failure.ts';

/** What is said when these differ; undefined when they do not. */
const cameOf = (came: unknown, expected: unknown): string | undefined => {
  try {
    same(came, expected, 'Look.');
    return undefined;
  } catch (error) {
    return (error as CheckFailure).came;
  }
};

const long = 'This is a long sentence.';

it('takes values for the same whatever the order of their keys and their prototype', () => {
  expect(cameOf({ a: 1, b: [2] }, { b: [2], a: 1 })).toBeUndefined();
  expect(cameOf(Object.assign(Object.create(null) as object, { a: 1 }), { a: 1 })).toBeUndefined();
});

it.each([
  ['at the end', long.slice(0, -1), 'the texts differ behind "ong sentence": expected ".", came nothing'],
  [
    'in the middle',
    long.replace(' long', '  long'),
    'the texts differ behind "This is a ": expected nothing, came " "',
  ],
  ['at the beginning', `t${long.slice(1)}`, 'the texts differ at the beginning: expected "T", came "t"'],
])('marks where two long texts part: %s', (_where, came, line) => {
  expect(cameOf(came, long)!.split('\n')[1]).toBe(line);
  expect(cameOf([{ text: came, count: 1 }], [{ text: long, count: 1 }])).toContain(`\n${line}`);
});

it('marks nothing in texts that are short, or have little in common, or where more than one thing differs', () => {
  expect(cameOf('Hello', 'Hallo')).toBe("'Hello'");
  expect(cameOf('Something else altogether', long)).not.toContain('\n');
  expect(cameOf([long.slice(1), 1], [long, 2])).not.toContain('differ');
  expect(cameOf({ text: long, more: 1 }, { text: `${long}.` })).not.toContain('differ');
});

it('names the places that differ in what fills several lines, when they are few', () => {
  const [user, other, third] = [1, 2, 3].map((n) => ({
    id: `an id of user ${n}`,
    email: `user${n}@example.com`,
  }));
  const users = { users: [user, other], next_page_token: 'a token of the store' };
  const came = { ...users, users: [user, { ...other, email: 'nobody' }] };
  expect(cameOf(came, users)!.split('\n').at(-1)).toBe('they differ in users[1].email');
  expect(cameOf({ ...users, users: [third, third] }, users)).not.toContain('differ');
  expect(cameOf({ ...user, id: 'x' }, user)).not.toContain('differ');
});

it('shows of a long list the first item that differs, and where it stands', () => {
  const list = ['a', 'b', 'c', 'd', 'e'];
  expect(cameOf(['a', 'b', 'x', 'd', 'e'], list)).toBe("'x' as item 3 of 5");
  expect(cameOf(['a', 'b'], list)).toBe('no item 3: there are 2');
  expect(cameOf(['a'], list)).toBe('no item 2: there is one');
  expect(cameOf([], list)).toBe('no item 1: there are none');
  expect(cameOf([...list, 'f'], list)).toBe("'f' as item 6 of 6");
  expect(cameOf(['b', 'a'], ['a', 'b'])).toBe("[ 'b', 'a' ]");
});

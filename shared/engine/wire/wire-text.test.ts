import { expect, it } from 'vitest';
import { wireText } from './wire-text.ts';

it.each([
  [{ name: 'Ada', greeting: 'Hello' }, "{ name: 'Ada', greeting: 'Hello' }"],
  ['no message', "'no message'"],
  [undefined, 'undefined'],
  [null, 'null'],
  [{ otp: '123456', phone_number: '+1' }, "{ otp: '(not logged)', phone_number: '+1' }"],
  [
    { tokens: [{ access_token: 'secret' }], metadata: { authorization: 'Bearer secret' } },
    "{ tokens: [ { access_token: '(not logged)' } ], metadata: { authorization: '(not logged)' } }",
  ],
  [{ bytes: Buffer.from('ab') }, '{ bytes: <Buffer 61 62> }'],
  [{ name: '\u001B[2J\n' }, "{ name: '\\x1B[2J\\n' }"],
  [{ text: 'x'.repeat(201) }, `{ text: '${'x'.repeat(200)}'... 1 more character }`],
  [Array.from({ length: 11 }, () => 0), '[ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ... 1 more item ]'],
  [
    { a: { b: { c: { d: { e: { f: { g: {} } } } } } } },
    '{ a: { b: { c: { d: { e: { f: { g: {} } } } } } } }',
  ],
])('writes %j as %s', (value, text) => {
  expect(wireText(value)).toBe(text);
});

it('stays on one line, however much there is', () => {
  const field = 'x'.repeat(150);
  expect(wireText({ one: field, two: [{ three: field }, { four: field }] })).not.toContain('\n');
  expect(wireText({ names: ['Ada', 'Bob', 'Cy', 'Di', 'Eve', 'Flo', 'Gus'] })).toBe(
    "{ names: [ 'Ada', 'Bob', 'Cy', 'Di', 'Eve', 'Flo', 'Gus' ] }",
  );
});

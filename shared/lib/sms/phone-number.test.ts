import { describe, expect, it } from 'vitest';
import { readPhoneNumber } from './phone-number.ts';

describe('readPhoneNumber', () => {
  it.each([
    '+14155550123',
    '+1 415 555 0123',
    '+1 (415) 555-0123',
    '+1.415.555.0123',
    '  +1-415-555-0123\n',
    '+１４１５５５５０１２３',
  ])('reads %j as one and the same number', (text) => {
    expect(readPhoneNumber(text)).toBe('+14155550123');
  });

  it.each([
    ['+44 20 7946 0123', '+442079460123'],
    ['+49 1512 3456789', '+4915123456789'],
    ['+33 6 12 34 56 78', '+33612345678'],
  ])('reads %j', (text, number) => {
    expect(readPhoneNumber(text)).toBe(number);
  });

  it.each([
    ['nothing', ''],
    ['a word', 'Ada'],
    ['no country', '415 555 0123'],
    ['too short', '+1415555012'],
    ['too long', '+141555501234'],
    ['a country that is none', '+999123456789'],
    ['an extension', '+14155550123 ext. 5'],
    ['words around it', 'call +14155550123 now'],
    ['two numbers', '+14155550123 +14155550124'],
    ['much text', `+1${'4'.repeat(100_000)}`],
    ['a zero byte', '+14155550123\0'],
  ])('refuses %s', (_what, text) => {
    expect(readPhoneNumber(text)).toBeUndefined();
  });
});

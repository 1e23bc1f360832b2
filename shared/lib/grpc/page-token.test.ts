import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { pageTokens } from './page-token.ts';

const tokens = pageTokens(randomBytes(32));

describe('a page token', () => {
  it.each([0, 1, 50, 2 ** 31, Number.MAX_SAFE_INTEGER])('brings back the position %d', (position) => {
    expect(tokens.read(tokens.after(position))).toBe(position);
  });

  it('may stand in a URL as it is, and does not show the position', () => {
    const [one, other] = [tokens.after(7), tokens.after(7)];
    expect(one).toMatch(/^[\w-]+$/);
    expect(one).not.toBe(other);
  });

  it.each([
    ['nothing', ''],
    ['a number', '7'],
    ['a text', 'next'],
    ['a number in base64', Buffer.from('7').toString('base64url')],
    ['far too much', 'A'.repeat(1_000_000)],
    ['what is no base64', '\0🙂'.repeat(13)],
    ['the token of another key', pageTokens(randomBytes(32)).after(7)],
  ])('is refused when it is %s', (_what, token) => {
    expect(tokens.read(token)).toBeUndefined();
  });

  it('is refused when anything in it was changed, cut off, or added', () => {
    const token = tokens.after(7);
    const bytes = Buffer.from(token, 'base64url');
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes);
      changed[index]! ^= 1;
      expect(tokens.read(changed.toString('base64url'))).toBeUndefined();
    }
    for (const other of [
      token.slice(1),
      token.slice(0, -1),
      `${token}=`,
      `${token}A`,
      ` ${token}`,
      `${token}\n`,
    ]) {
      expect(tokens.read(other)).toBeUndefined();
    }
  });
});

import { Chalk } from 'chalk';
import { expect, it } from 'vitest';
import { wrapped } from './style.ts';

const { bold } = new Chalk({ level: 1 });

it('breaks painted text where it would break plain text', () => {
  expect(wrapped(`one ${bold('two')} three`, 7)).toEqual([`one ${bold('two')}`, 'three']);
});

it('leaves words together that a no-break space holds together', () => {
  expect(wrapped('one two\u00A0three', 8)).toEqual(['one', 'two\u00A0three']);
});

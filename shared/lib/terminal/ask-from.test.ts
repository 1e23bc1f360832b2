import { describe, expect, it } from 'vitest';
import { fakeTerminal } from '#testkit/fake-terminal.ts';
import { printing } from '#kit/captured-output.ts';
import { askFrom } from './ask-from.ts';
import type { Questions } from './ask.ts';

const questions = {
  name: { message: 'Which name?', initial: 'Ada' },
  names: { message: 'Whom?', initial: ['Ada', 'Grace'] },
  lines: { message: 'What do you say?', initial: ['Hello', 'Bye'], piped: true },
  none: { message: 'Whom not?', initial: [] },
  colour: { message: 'Which colour?', initial: 'green', choices: ['red', 'green', 'quit'] },
} satisfies Questions;

const all = async (answers: AsyncIterable<string>): Promise<string[]> => {
  const list: string[] = [];
  for await (const answer of answers) list.push(answer);
  return list;
};

describe('answers given ahead by flags', () => {
  it('are taken, and nobody is asked', async () => {
    const terminal = fakeTerminal();
    const ask = askFrom(questions, { name: ['Edsger'], names: ['Barbara', 'Alan'] });
    expect(await ask.one('name')).toBe('Edsger');
    expect(await all(ask.each('names'))).toEqual(['Barbara', 'Alan']);
    expect(terminal.screen()).toEqual(['']);
  });

  it('count to the last one where one is enough, which is said', async () => {
    const printed = printing();
    expect(await askFrom(questions, { name: ['Edsger'] }).one('name')).toBe('Edsger');
    expect(printed).toEqual([]);
    expect(await askFrom(questions, { name: ['Barbara', 'Alan'] }).one('name')).toBe('Alan');
    expect(printed).toEqual(['(--name was given 2 times. This asks once, and takes the last.)']);
  });
});

describe('a person at a terminal', () => {
  const ask = askFrom(questions, {});

  it('is asked once, and Return alone takes the default', async () => {
    const terminal = fakeTerminal();
    const one = ask.one('name');
    await terminal.shows('Which name?');
    terminal.type('\r');
    expect(await one).toBe('Ada');
    const other = ask.one('names', 'And who are you?');
    await terminal.shows('And who are you?');
    terminal.type('\r');
    expect(await other).toBe('Ada');
    expect(terminal.screen().join('\n')).not.toContain('Whom?');
  });

  it('is asked again and again, until the answer is blank', async () => {
    const terminal = fakeTerminal();
    terminal.type(' Barbara \rAlan\r \r');
    expect(await all(ask.each('names'))).toEqual(['Barbara', 'Alan']);
  });

  it('chooses from a menu, which begins with the default, or at the top when it comes again and again', async () => {
    const terminal = fakeTerminal();
    const one = ask.one('colour');
    await terminal.shows('red');
    terminal.type('\r');
    expect(await one).toBe('green');
    const many = ask.each('colour');
    const first = many.next();
    terminal.type('\r');
    expect((await first).value).toBe('red');
    const second = many.next();
    terminal.type('\u001B[B\r');
    expect((await second).value).toBe('green');
    await many.return();
  });
});

describe('without a terminal', () => {
  const ask = askFrom(questions, {});

  it('the defaults answer', async () => {
    fakeTerminal({ without: ['stdin'] });
    expect(await ask.one('name')).toBe('Ada');
    expect(await ask.one('names')).toBe('Ada');
    expect(await ask.one('none')).toBe('');
    expect(await all(ask.each('names'))).toEqual(['Ada', 'Grace']);
    expect(await all(ask.each('name'))).toEqual(['Ada']);
  });

  it.each([
    ['lines that are piped in answer the question for them', 'Moin\nTschüss\n', ['Moin', 'Tschüss'], 'Moin'],
    ['the defaults answer when nothing is piped in', '', ['Hello', 'Bye'], 'Hello'],
    ['nothing is nothing, when the first line is blank', '\n', [], 'Hello'],
  ])('%s', async (_what, input, each, one) => {
    const piped = (): void => {
      const terminal = fakeTerminal({ without: ['stdin'] });
      if (input) terminal.type(input);
      // A blank line is an end, though more could come.
      if (!input.startsWith('\n')) terminal.endInput();
    };
    piped();
    expect(await ask.one('name')).toBe('Ada');
    expect(await all(ask.each('lines'))).toEqual(each);
    piped();
    expect(await ask.one('lines')).toBe(one);
  });
});

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../check/kit/test-folder.ts';
import { loadFailure, noLongerExported, nothingLeftIn, notLoadable } from './load-failure.ts';
import { fileOf } from './lessons.ts';

const folder = '01-unary-hello';
const file = fileOf('lessons', folder, 'server');
const shown = `lessons/${folder}/server.ts`;

describe('a file that cannot be loaded', () => {
  it.each([['ERROR'], ['error']])('is no valid TypeScript, and the line is known: %s', (word) => {
    const error = new Error(
      `Transform failed with 1 error:\n${file}:12:17: ${word}: Expected ")" but found ";"`,
    );
    const message = `${shown}:12 is not valid TypeScript: Expected ")" but found ";"`;
    expect(notLoadable(error)).toEqual({ message, at: `${shown}:12` });
    expect(loadFailure(error, folder, 'server')).toBe(message);
    // Not everything that is thrown is an Error.
    expect(notLoadable(`${file}:12:7: ${word}: Expected ")" but found ";"`)?.at).toBe(`${shown}:12`);
  });

  it.each([['#answers'], ['/lessons']])('is not there, and can be brought back: %s', (where) => {
    const error = new Error(`Cannot find module '${where}/${folder}/client.ts' imported from x`);
    expect(notLoadable(error)).toEqual({
      message: expect.stringMatching(
        /^lessons\/01-unary-hello\/client\.ts is missing\. .* npm run lesson:1 reset client$/,
      ),
      at: `lessons/${folder}/client.ts`,
    });
  });

  it('has the marks of a conflict in it', () => {
    const own = path.join(tempFolder(), 'server.ts');
    writeFileSync(
      own,
      ['const a = 1;', '<<<<<<< HEAD', 'a', '=======', 'b', '>>>>>>> theirs', ''].join('\n'),
    );
    const { message, at } = notLoadable(new Error(`${own}:2:1: ERROR: Unexpected "<<"`))!;
    expect(message).toContain("has git's marks of a conflict in it, from line 2 to line 6: two versions");
    expect(at).toMatch(/server\.ts:2$/);
  });

  it.each([[''], ['// only a comment\n\n/* and\nanother */\n']])(
    'is empty when there is no code in it: %j',
    (text) => {
      const own = path.join(tempFolder(), '01-unary-hello', 'server.ts');
      mkdirSync(path.dirname(own));
      writeFileSync(own, text);
      expect(nothingLeftIn(own)).toMatch(/server\.ts is empty\. .* npm run lesson:1 reset server$/);
      writeFileSync(own, `${text}export const a = 1;`);
      expect(nothingLeftIn(own)).toBeUndefined();
    },
  );

  it('no longer exports what the workbook looks for', () => {
    const message = noLongerExported('hello');
    const error = Object.assign(new SyntaxError(message), {
      stack: `SyntaxError: ${message}\n    at ${file}:7:1`,
    });
    expect(notLoadable(error)).toEqual({ message: `${shown}:7: ${message}`, at: `${shown}:7` });
  });

  it('is missing, whatever the error says', () => {
    expect(loadFailure(new Error('no'), '99-lost', 'server')).toMatch(
      /^lessons\/99-lost\/server\.ts is missing\. .* npm run lesson:99 reset server$/,
    );
  });

  it('has thrown something itself, at a line of its own or at one that is not known', () => {
    const error = Object.assign(new RangeError('no bread\nmore of it'), {
      stack: `RangeError: no bread\n    at ${file}:7:3`,
    });
    expect(notLoadable(error)).toBeUndefined();
    expect(loadFailure(error, folder, 'server')).toBe(`${shown}:7 could not be loaded: RangeError: no bread`);
    expect(loadFailure('no bread', folder, 'server')).toBe(`${shown} could not be loaded: no bread`);
  });

  it.each([["Cannot find module 'bread' imported from x"], [`TypeError: no at ${file}:12:7`]])(
    'is not blamed for another error: %s',
    (text) => {
      expect(notLoadable(new Error(text))).toBeUndefined();
    },
  );
});

import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { inWorkbook } from './paths.ts';
import { placesOf } from './stack-trace.ts';

const server = inWorkbook('lessons', '03-client-streaming', 'server.ts');
const thrownAt = (...frames: string[]): Error =>
  Object.assign(new Error('x'), { stack: ['Error: x', ...frames.map((frame) => `    ${frame}`)].join('\n') });

describe('the places of an error', () => {
  it('are the lines of lesson files in its stack, the innermost first', () => {
    const error = thrownAt(
      `at clientHello (${server}:14:9)`,
      `at Server.run (${inWorkbook('node_modules', 'x', 'index.js')}:1:1)`,
      `at async ${server}:30:5`,
      `at ${inWorkbook('shared', 'engine', 'half.ts')}:3:1`,
    );
    expect(placesOf(error)).toEqual([
      { file: 'lessons/03-client-streaming/server.ts', line: 14, lesson: 3 },
      { file: 'lessons/03-client-streaming/server.ts', line: 30, lesson: 3 },
    ]);
  });

  it('are found when the stack has addresses instead of paths', () => {
    expect(placesOf(thrownAt(`at start (${pathToFileURL(server).href}:7:1)`))[0]?.line).toBe(7);
  });

  it('are none outside the lessons, and none of what is not an error', () => {
    expect(placesOf(thrownAt(`at x (${path.join(inWorkbook(), 'lessons', 'notes.ts')}:1:1)`))).toEqual([]);
    expect(placesOf('a string')).toEqual([]);
  });

  it.each([
    ['a solution', inWorkbook('solutions', '10-secure', 'client.ts'), 'solutions/10-secure/client.ts', 10],
    [
      'a path with the slashes of Windows',
      server.replaceAll('/', '\\'),
      'lessons/03-client-streaming/server.ts',
      3,
    ],
  ])('are found in %s', (_what, at, file, lesson) => {
    expect(placesOf(thrownAt(`at x (${at}:12:13)`))).toEqual([{ file, line: 12, lesson }]);
  });

  it('are found in folders that are named anyhow', () => {
    const spaced = inWorkbook('a b', 'lessons', '03-client-streaming', 'server.ts');
    const file = 'a b/lessons/03-client-streaming/server.ts';
    expect(placesOf(thrownAt(`at x (${pathToFileURL(spaced).href}:7:1)`))[0]?.file).toBe(file);
    const percent = inWorkbook('a%20b', 'lessons', '03-client-streaming', 'server.ts');
    expect(placesOf(thrownAt(`at x (${percent}:7:1)`))[0]?.file).toBe(file.replace(' ', '%20'));
  });

  it.each([['server.tsx'], ['server.ts.map'], ['steps.test.ts'], ['deep/server.ts']])(
    'are none in a file that no learner writes: %s',
    (name) => {
      const file = inWorkbook('lessons', '03-client-streaming', ...name.split('/'));
      expect(placesOf(thrownAt(`at x (${file}:1:1)`))).toEqual([]);
    },
  );

  it('are none in a workbook that lies elsewhere, nor where no line is known', () => {
    expect(placesOf(thrownAt('at x (/elsewhere/lessons/03-client-streaming/server.ts:1:1)'))).toEqual([]);
    expect(placesOf(thrownAt(`at x (${server})`))).toEqual([]);
    expect(placesOf(Object.assign(new Error('x'), { stack: undefined }))).toEqual([]);
    expect(placesOf({ stack: `at x (${server}:1:1)` })).toEqual([]);
  });
});

import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { inWorkbook } from './paths.ts';
import { placesOf } from './place.ts';

const server = inWorkbook('lessons', '03-client-streaming', 'server.ts');
const thrownAt = (...frames: string[]): Error =>
  Object.assign(new Error('x'), { stack: ['Error: x', ...frames.map((frame) => `    ${frame}`)].join('\n') });

describe('the places of an error', () => {
  it('are the lines of lesson files in its stack, the innermost first', () => {
    const error = thrownAt(
      `at clientHello (${server}:14:9)`,
      `at Server.run (${inWorkbook('node_modules', 'x', 'index.js')}:1:1)`,
      `at async ${server}:30:5`,
      `at ${inWorkbook('shared', 'workbook', 'half.ts')}:3:1`,
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
});

import { spawn } from 'node:child_process';
import { expect, it } from 'vitest';
import { firstLineOf } from './readme-commands.ts';

it.each([
  ["console.log('listening')", ['listening']],
  ['process.exit(1)', []],
])('waits for the first line of a process, and no longer than it lives: %s', async (program, lines) => {
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  expect(await firstLineOf(child)).toEqual(lines);
});

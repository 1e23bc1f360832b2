import { expect, it, vi } from 'vitest';
import { fakeTerminal } from '#testkit/fake-terminal.ts';
import { quietWhenClosed } from './closed-pipe.ts';

it.each([
  ['well, when the reader of its output has gone', 'stdout', 'EPIPE', 0],
  ['well, when the reader of its errors has gone', 'stderr', 'EPIPE', 0],
  ['badly, when nothing can be written', 'stdout', 'ENOSPC', 1],
] as const)('ends the program %s', (_how, name, code, expected) => {
  fakeTerminal();
  const exit = vi.spyOn(process, 'exit').mockImplementation((() => {}) as never);
  quietWhenClosed();
  process[name].emit('error', Object.assign(new Error('cannot write'), { code }));
  expect(exit.mock.calls).toEqual([[expected]]);
  exit.mockRestore();
});

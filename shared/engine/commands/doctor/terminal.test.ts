import { expect, it, vi } from 'vitest';
import { canPrompt } from '#shared/terminal/prompt.ts';
import { lookAtTerminal } from './terminal.ts';

vi.mock('#shared/terminal/prompt.ts', () => ({ canPrompt: vi.fn() }));

it('a terminal in which nobody can be asked is worth a note, and no more', () => {
  vi.mocked(canPrompt).mockReturnValueOnce(false);
  expect(lookAtTerminal()).toEqual({ state: 'note', found: expect.stringContaining('no terminal') });
  vi.mocked(canPrompt).mockReturnValueOnce(true);
  expect(lookAtTerminal()).toEqual({ state: 'ok', found: expect.stringContaining('can ask you') });
});

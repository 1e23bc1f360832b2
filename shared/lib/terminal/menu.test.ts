import { Metadata, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { invalidArgument, withReason } from '../grpc/error-details.ts';
import { menu } from './menu.ts';

const metadata = new Metadata();
const refused = Object.assign(new Error('no'), { code: status.PERMISSION_DENIED, details: 'no', metadata });

async function* chosen(...choices: string[]): AsyncGenerator<string, void> {
  yield* choices;
}

describe('menu', () => {
  const before = process.exitCode;
  const said: unknown[] = [];
  beforeEach(() => {
    said.length = 0;
    vi.spyOn(console, 'error').mockImplementation((line: unknown) => void said.push(line));
  });
  afterEach(() => {
    vi.restoreAllMocks();
    process.exitCode = before;
  });

  const run = async (...choices: string[]): Promise<string[]> => {
    const done: string[] = [];
    const calls = {
      works: async () => void done.push('works'),
      fails: () => Promise.reject(refused),
      wrong: () => Promise.reject(Object.assign(new Error(''), invalidArgument('user.name', 'is odd'))),
      taken: () => Promise.reject(Object.assign(new Error(''), withReason(6, 'not twice', 'TAKEN'))),
      breaks: () => Promise.reject(new Error('a fault of the code')),
    };
    await menu(chosen(...choices), calls, 'localhost:1');
    return done;
  };

  it('explains a call that fails, and goes on', async () => {
    expect(await run('works', 'fails', 'works')).toEqual(['works', 'works']);
    expect(said).toEqual(['PERMISSION_DENIED: no']);
    expect(process.exitCode).toBe(1);
  });

  it('tells the wrong fields, and the reason', async () => {
    await run('wrong', 'taken');
    expect(said).toEqual([
      'INVALID_ARGUMENT: user.name is odd',
      '  user.name: is odd',
      'ALREADY_EXISTS: not twice',
      '  reason: TAKEN',
    ]);
  });

  it('ends with quit, and well', async () => {
    expect(await run('fails', 'quit', 'works')).toEqual([]);
    expect(process.exitCode).toBe(0);
  });

  it('throws what is no status of a call', async () => {
    await expect(run('breaks')).rejects.toThrow('a fault of the code');
  });
});

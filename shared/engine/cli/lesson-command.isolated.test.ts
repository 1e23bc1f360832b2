import { beforeEach, describe, expect, it, vi } from 'vitest';
import { check } from '../commands/check.ts';
import { read } from '../commands/read.ts';
import { reset } from '../commands/reset.ts';
import { runHalf, runPair } from '../run/run.ts';
import { runLesson } from './lesson-command.ts';

vi.mock('../commands/check.ts', () => ({ check: vi.fn() }));
vi.mock('../commands/read.ts', () => ({ read: vi.fn() }));
vi.mock('../commands/reset.ts', () => ({ reset: vi.fn() }));
vi.mock('../run/run.ts', () => ({ runHalf: vi.fn(), runPair: vi.fn() }));

beforeEach(() => void vi.clearAllMocks());

const lesson = expect.objectContaining({ number: 4 });
const half = { answers: 'lessons', host: undefined, port: undefined, rest: [] };

describe('what is typed behind npm run lesson:4', () => {
  it.each([
    [[], runPair, [{ answers: 'lessons', rest: [] }]],
    [['--no-color', '--solution'], runPair, [{ answers: 'solutions', rest: [] }]],
    [
      ['--call', 'biHello', '--solution', '--name=Ada'],
      runPair,
      [{ answers: 'solutions', rest: ['--call', 'biHello', '--name=Ada'] }],
    ],
    [['client', '--host=example.org'], runHalf, ['client', { ...half, host: 'example.org' }]],
    [
      ['server', '--port', '0', '--loud', 'high', '--host', '::1'],
      runHalf,
      ['server', { ...half, host: '[::1]', port: 0, rest: ['--loud', 'high'] }],
    ],
    [['check', '--solution', '--json'], check, ['solutions', true]],
    [['reset'], reset, [undefined, false]],
    [['reset', '3', '--yes'], reset, ['3', true]],
    [['read', 'step', '2'], read, ['step 2']],
    [['read'], read, [undefined]],
  ])('%j is understood', async (args, run, expected) => {
    await runLesson(['4', ...args]);
    const [[first, ...others] = []] = vi.mocked(run as typeof check).mock.calls as unknown[][];
    expect(Array.isArray(first) ? first[0] : first).toEqual(lesson);
    expect(others).toEqual(expected);
  });

  it.each([
    [['chekc'], "unknown command 'chekc'\n(Did you mean check?)\nUsage: npm run lesson:4 [server | client |"],
    [['certs'], "unknown command 'certs'"],
    [['check', 'now'], "too many arguments for 'check'"],
    [['reveal', '2', '3'], 'Usage: npm run lesson:4 reveal [step] -- [--yes]'],
    [['watch', '--solution'], "unknown option '--solution'\nUsage: npm run lesson:4 watch"],
    [['check', '--yes'], "unknown option '--yes'"],
    [['check', '--json=yes'], "unknown option '--json=yes'"],
    [['--port', '50052'], 'A half that runs alone takes yours: npm run lesson:4 server -- --port 50052'],
    ...['', '-1', '1x', '1e3', '65536'].map((port) => [
      ['server', `--port=${port}`],
      'A port is a whole number',
    ]),
    ...['a b', 'http://example.org', '[::1]:50', '127.0.0.1:50052', '--solution'].map((host) => [
      ['server', '--host', host],
      '--host takes a name or an IP address',
    ]),
    [['server', '--host'], '--host needs a value behind it.'],
  ] as [string[], string][])('%j is refused', async (args, message) => {
    await expect(runLesson(['4', ...args])).rejects.toThrow(message);
    expect(runHalf).not.toHaveBeenCalled();
  });
});

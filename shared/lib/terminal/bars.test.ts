import { expect, test, vi, afterEach } from 'vitest';
import { barsOf, drawing } from './bars.ts';

afterEach(() => vi.restoreAllMocks());

const shares = [
  { name: 'one', done: 30 },
  { name: 'other', done: 10 },
];

test('a bar is as long as its share of all, and says how much that is', () => {
  expect(barsOf('both', shares)).toBe(`${'both'.padEnd(22)} one ████████░░ 30   other ███░░░░░░░ 10`);
  expect(barsOf('nobody', [{ name: 'one', done: 0 }])).toContain('one ░░░░░░░░░░ 0');
});

test('bars are shorter where there is little room, down to three blocks', () => {
  expect(barsOf('both', shares, 60).length).toBeLessThan(60);
  expect(barsOf('both', shares, 10)).toContain('one ██░ 30   other █░░ 10');
});

/** What is written to something that is a terminal, or not. */
const screen = (isTTY: boolean, columns: number) => {
  const written: string[] = [];
  const stream = { isTTY, columns, write: (text: string) => written.push(text) > 0 };
  return { written, streams: { stdout: stream, stderr: { isTTY: false } } as unknown as typeof process };
};

test('at a terminal they are drawn in one line, below what is printed meanwhile', async () => {
  const { written, streams } = screen(true, 100);
  await drawing(
    'both',
    () => shares,
    async (draw) => {
      draw();
      streams.stdout.write('a line\n');
    },
    streams,
  );
  const line = `\r\u001B[2K${barsOf('both', shares, 100)}`;
  expect(written).toEqual([line, line, '\r\u001B[2K', 'a line\n', line, line, '\n']);
});

test('a terminal gets its own write back when the work fails', async () => {
  const { streams } = screen(true, 100);
  const { write } = streams.stdout;
  const failing = drawing(
    'both',
    () => shares,
    () => Promise.reject(new Error('no')),
    streams,
  );
  await expect(failing).rejects.toThrow('no');
  expect(streams.stdout.write).toBe(write);
});

test.each([
  [false, 100],
  [true, 20],
])('they are shown once, at the end, where it is a terminal: %s, of %i columns', async (isTTY, columns) => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const { written, streams } = screen(isTTY, columns);
  await drawing(
    'both',
    () => shares,
    async (draw) => draw(),
    streams,
  );
  expect(written).toEqual([]);
  expect(log.mock.calls).toEqual([[barsOf('both', shares, isTTY ? columns : Infinity)]]);
});

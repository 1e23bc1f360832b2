import { afterEach, expect, test, vi } from 'vitest';
import { barsOf, showCounts, showShares } from './call-counts.ts';

afterEach(() => vi.restoreAllMocks());

const printed = (): unknown[] => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  return log.mock.calls;
};

test('a bar is as long as its share of all', () => {
  const shares = [
    { name: 'one', done: 30 },
    { name: 'other', done: 10 },
  ];
  expect(barsOf('both', shares)).toBe(
    `${'both'.padEnd(22)}one ${'█'.repeat(15)}${'░'.repeat(5)}   other ${'█'.repeat(5)}${'░'.repeat(15)}`,
  );
});

test('where nothing was done, all bars are empty', () => {
  expect(barsOf('nobody', [{ name: 'one', done: 0 }])).toContain(`one ${'░'.repeat(20)}`);
});

test('only what was answered meanwhile counts', async () => {
  const lines = printed();
  const peers = [
    { name: 'one', answered: 5 },
    { name: 'other', answered: 7 },
  ];
  const work = async (): Promise<void> => {
    peers[0]!.answered += 2;
  };
  await showShares('meanwhile', peers, work());
  // The work had begun before.
  expect(lines).toEqual([[expect.stringContaining(`one ${'░'.repeat(20)}`)]]);
  let finish = (): void => {};
  const later = new Promise<void>((resolve) => {
    finish = () => {
      peers[1]!.answered += 2;
      resolve();
    };
  });
  const shown = showShares('meanwhile', peers, later);
  finish();
  await shown;
  expect(lines[1]).toEqual([expect.stringContaining(`other ${'█'.repeat(20)}`)]);
});

test('the counts say why the first call was lost, when one was', () => {
  const lines = printed();
  showCounts({ made: 3, answered: 3, lost: 0 }, [{}]);
  showCounts({ made: 3, answered: 1, lost: 2 }, [{}, { failure: 'UNAVAILABLE: gone' }]);
  expect(lines.flat()).toEqual([
    '3 calls made, 3 answered, 0 lost',
    '3 calls made, 1 answered, 2 lost',
    'the first that was lost: UNAVAILABLE: gone',
  ]);
});

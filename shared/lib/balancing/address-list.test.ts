import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { AddressFile, type Heard } from './address-list.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'list-'));
const file = path.join(folder, 'servers.txt');
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

const watching = () => {
  const heard: Parameters<Heard>[] = [];
  const end = new AddressFile(file).watch((...what) => void heard.push(what));
  ends.push(end);
  const hears = (count: number): Promise<void> => vi.waitFor(() => expect(heard.length).toBe(count));
  return { heard, hears, end };
};

test('an address stands in each line; empty lines and comments are passed over', () => {
  writeFileSync(file, '# ours\n127.0.0.1:50051\r\n\n  localhost:1 # the other one\n[::1]:2');
  expect(new AddressFile(file).read()).toEqual([
    { host: '127.0.0.1', port: 50_051 },
    { host: 'localhost', port: 1 },
    { host: '::1', port: 2 },
  ]);
});

test.each(['127.0.0.1', 'a:b', 'a:1:2'])('%s is no address', (line) => {
  writeFileSync(file, line);
  expect(() => new AddressFile(file).read()).toThrow(`"${line}" is no address, such as 127.0.0.1:50051`);
});

test('who watches hears of the list soon, of each change once, also of a file that is replaced, and then no more', async () => {
  writeFileSync(file, 'a:1');
  const { heard, hears, end } = watching();
  expect(heard).toEqual([]);
  await hears(1);
  writeFileSync(file, 'a:1\n');
  writeFileSync(`${file}.new`, 'a:1\nb:2\n');
  renameSync(`${file}.new`, file);
  await vi.waitFor(() => expect(heard.at(-1)![0]).toHaveLength(2));
  end();
  const { length } = heard;
  writeFileSync(file, 'c:3\n');
  await nextTurn();
  expect(heard).toHaveLength(length);
});

test('who watches hears why the list cannot be read, and when it can be again', async () => {
  rmSync(file, { force: true });
  const { heard, hears } = watching();
  await hears(1);
  expect(heard[0]).toEqual([
    [],
    `${file} cannot be read: it is not there, or leads to something that is not there`,
  ]);
  writeFileSync(file, 'a:1\n');
  await vi.waitFor(() => expect(heard.at(-1)).toEqual([[{ host: 'a', port: 1 }]]));
});

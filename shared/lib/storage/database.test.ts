import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { tempFolder } from '#kit/test-folder.ts';
import { thrownBy } from '#testkit/thrown-by.ts';
import { CannotOpenDatabase } from './database-errors.ts';
import { isTaken, openDatabase, type OpenDatabase } from './database.ts';

const schema = 'CREATE TABLE IF NOT EXISTS words (word TEXT NOT NULL UNIQUE)';
let folder: string;

const opened = (file: string): OpenDatabase => {
  const database = openDatabase(file, schema);
  onTestFinished(() => void database.close());
  return database;
};
const inFolder = (...names: string[]): string => path.join(folder, ...names);
const add = (database: OpenDatabase, word: string): void => {
  database.prepare('INSERT INTO words VALUES (?)').run(word);
};
const wordsIn = (database: OpenDatabase): unknown[] =>
  database.prepare('SELECT word FROM words').pluck().all();

beforeEach(() => {
  folder = tempFolder();
});

describe('opening a database', () => {
  it('makes the file and the folders on the way', () => {
    add(opened(inFolder('a', 'b', 'words.db')), 'one');
    expect(existsSync(inFolder('a', 'b', 'words.db'))).toBe(true);
    expect(wordsIn(opened(inFolder('a', 'b', 'words.db')))).toEqual(['one']);
  });

  it('takes a name with spaces, quotes and letters beyond ASCII', () => {
    const name = "mein Übungsbuch's (1) %41#?.db";
    // Windows allows no question mark in a name.
    const file = inFolder(process.platform === 'win32' ? name.replace('?', '') : name);
    add(opened(file), 'one');
    expect(readdirSync(folder)).toContain(path.basename(file));
  });

  it.each([
    ['a folder', () => folder, 'cannot be opened; it may be a folder, or not yours to write to'],
    ['no database', () => inFolder('text.db'), 'is no database: another kind of file has this name'],
    [
      'behind a file',
      () => inFolder('text.db', 'words.db'),
      'cannot be opened: there is something else of this name',
    ],
  ])('says in one sentence that it is %s', (_what, file, why) => {
    writeFileSync(inFolder('text.db'), 'These words are no database. '.repeat(50));
    const attempt = (): unknown => openDatabase(file(), schema);
    expect(attempt).toThrow(CannotOpenDatabase);
    expect(attempt).toThrow(`The database ${file()} ${why}. --db names another one.`);
  });

  it('lets readers read while another one writes, and waits five seconds for another writer', () => {
    const database = opened(inFolder('words.db'));
    expect(database.pragma('journal_mode')).toEqual([{ journal_mode: 'wal' }]);
    expect(database.pragma('busy_timeout')).toEqual([{ timeout: 5_000 }]);
  });

  it('tells a value that is taken from other failures', () => {
    const database = opened(':memory:');
    add(database, 'one');
    expect(isTaken(thrownBy(() => add(database, 'one')))).toBe(true);
    expect(isTaken(thrownBy(() => add(database, null as never)))).toBe(false);
    expect(isTaken(thrownBy(() => database.exec('SELECT nonsense')))).toBe(false);
    // What was refused once does not stand in the way of the next.
    add(database, 'two');
    expect(wordsIn(database)).toEqual(['one', 'two']);
  });
});

describe('another process that changes the journal mode at the same moment', () => {
  /** SQLite refuses so at once, and does not wait by itself. `wait` is called in place of each wait. */
  const refusing = (code: string, wait: (milliseconds: number) => void): { waits: number; over: boolean } => {
    const state = { waits: 0, over: false };
    const pragma = Database.prototype.pragma;
    const refused = vi.spyOn(Database.prototype, 'pragma').mockImplementation(function (
      this: OpenDatabase,
      source: string,
    ) {
      if (!state.over && source.startsWith('journal_mode')) {
        throw new Database.SqliteError('database is locked', code, 5);
      }
      return pragma.call(this, source);
    });
    const waited = vi.spyOn(Atomics, 'wait').mockImplementation(((...[, , , milliseconds]: number[]) => {
      state.waits += 1;
      wait(milliseconds!);
      return 'timed-out';
    }) as never);
    onTestFinished(() => {
      refused.mockRestore();
      waited.mockRestore();
    });
    return state;
  };

  it.each(['SQLITE_BUSY', 'SQLITE_BUSY_RECOVERY'])('is waited for, with %s', (code) => {
    const state = refusing(code, () => (state.over = state.waits === 3));
    expect(opened(inFolder('words.db')).pragma('journal_mode')).toEqual([{ journal_mode: 'wal' }]);
    expect(state.waits).toBe(3);
  });

  it('is not waited for longer than five seconds', () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    onTestFinished(() => void vi.useRealTimers());
    const began = Date.now();
    refusing('SQLITE_BUSY', (milliseconds) => void vi.setSystemTime(Date.now() + milliseconds));
    expect(() => opened(inFolder('words.db'))).toThrow('is kept locked by another program');
    expect(Date.now() - began).toBeGreaterThan(5_000);
    expect(Date.now() - began).toBeLessThan(5_100);
  });

  it('is no reason to wait when the file fails in another way', () => {
    const state = refusing('SQLITE_IOERR', () => (state.over = true));
    expect(() => opened(inFolder('words.db'))).toThrow('cannot be read or written');
    expect(state.waits).toBe(0);
  });

  it.each([
    ['SQLITE_FULL', 'cannot grow: the disk is full'],
    ['SQLITE_READONLY_DIRECTORY', 'can only be read'],
    ['SQLITE_CORRUPT_INDEX', 'is damaged'],
    ['SQLITE_ODD', 'cannot be opened: '],
  ])('is said in words of its own, with %s', (code, words) => {
    refusing(code, () => {});
    expect(() => opened(inFolder('words.db'))).toThrow(words);
  });
});

describe('several processes on one file', () => {
  const processes: ChildProcess[] = [];
  afterEach(async () => {
    for (const child of processes.splice(0)) {
      child.disconnect();
      await once(child, 'exit');
    }
  });

  it('open it at the same moment, and lose no write', { timeout: 60_000 }, async () => {
    const script = inFolder('open.mjs');
    writeFileSync(
      script,
      `import { openDatabase } from ${JSON.stringify(new URL('./database.ts', import.meta.url).href)};
       process.on('message', ({ file, word }) => {
         try {
           const database = openDatabase(file, ${JSON.stringify(schema)});
           database.prepare('INSERT INTO words VALUES (?)').run(word);
           database.close();
           process.send('done');
         } catch (error) {
           process.send(String(error));
         }
       });
       process.send('ready');`,
    );
    for (let count = 0; count < 4; count += 1) {
      processes.push(fork(script, { execArgv: ['--import', import.meta.resolve('tsx')] }));
    }
    const answers = (): Promise<unknown[]> =>
      Promise.all(processes.map(async (child) => ((await once(child, 'message')) as unknown[])[0]));
    expect(new Set(await answers())).toEqual(new Set(['ready']));
    for (let round = 0; round < 10; round += 1) {
      const file = inFolder(`${round}.db`);
      const answered = answers();
      for (const [index, child] of processes.entries()) child.send({ file, word: `word ${index}` });
      expect(new Set(await answered)).toEqual(new Set(['done']));
      expect(wordsIn(opened(file))).toHaveLength(4);
    }
  });
});

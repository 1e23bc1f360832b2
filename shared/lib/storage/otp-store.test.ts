import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'libsql';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { tempFolder } from '#kit/test-folder.ts';
import { otpLimits } from './otp-limits.ts';
import { openOtpStore, type OtpStore } from './otp-store.ts';

const key = Buffer.alloc(32, 'key');
const ada = '+14155550123';
const grace = '+442079460123';
const first = Buffer.alloc(32, 1);
const another = Buffer.alloc(32, 2);
const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const noon = Date.UTC(2030, 0, 1, 12);

const opened = (file = ':memory:', ownKey = key): OtpStore => {
  const store = openOtpStore(file, ownKey);
  onTestFinished(() => store.close());
  return store;
};

let store: OtpStore;
beforeEach(() => {
  store = opened();
});

const fileName = (): string => path.join(tempFolder(), 'otp.db');

/** Fails so many times in a row. */
const fail = (times: number, now: number, by = store): void => {
  for (let count = 0; count < times; count += 1) expect(by.spendTry(ada, now).wait).toBe(0);
};

describe('sends', () => {
  it('have a pause of 30 seconds between them', () => {
    expect(store.claimSend(ada, noon)).toBe(0);
    expect(store.claimSend(ada, noon)).toBe(30);
    expect(store.claimSend(grace, noon)).toBe(0);
    // Asking in vain makes it no longer.
    expect(store.claimSend(ada, noon + 29_999)).toBe(1);
    expect(store.claimSend(ada, noon + 30_000)).toBe(0);
  });

  it('are five in any ten minutes', () => {
    for (const at of [0, 1, 2, 3, 9]) expect(store.claimSend(ada, noon + at * minute)).toBe(0);
    expect(store.claimSend(ada, noon + 9.5 * minute)).toBe(30);
    expect(store.claimSend(ada, noon + 10 * minute - 1)).toBe(1);
    expect(store.claimSend(ada, noon + 10 * minute)).toBe(0);
    // Now the window begins with the second one.
    expect(store.claimSend(ada, noon + 10.5 * minute)).toBe(30);
    expect(store.claimSend(ada, noon + 11 * minute)).toBe(0);
  });

  it('wait with the number that has failed too often', () => {
    fail(10, noon);
    expect(store.claimSend(ada, noon + 10 * second)).toBe(50);
    expect(store.claimSend(ada, noon + minute)).toBe(0);
  });
});

describe('codes', () => {
  it('are good for five minutes', () => {
    store.keep(ada, first, noon);
    expect(store.spendTry(ada, noon + 5 * minute - 1).kept).toEqual(first);
    expect(store.spendTry(ada, noon + 5 * minute).kept).not.toEqual(first);
    expect(store.take(ada, first)).toBe(false);
  });

  it('are overwritten, and tried anew', () => {
    store.keep(ada, first, noon);
    fail(4, noon);
    store.keep(ada, another, noon);
    for (let count = 1; count <= 5; count += 1) expect(store.spendTry(ada, noon).kept).toEqual(another);
    expect(store.take(ada, first)).toBe(false);
    expect(store.take(ada, another)).toBe(true);
  });

  it('are taken once', () => {
    store.keep(ada, first, noon);
    expect(store.take(grace, first)).toBe(false);
    expect(store.take(ada, first)).toBe(true);
    expect(store.take(ada, first)).toBe(false);
    expect(store.spendTry(ada, noon).kept).not.toEqual(first);
  });

  it('are withdrawn unless a newer one is there', () => {
    store.keep(ada, first, noon);
    store.withdraw(ada, another);
    expect(store.spendTry(ada, noon).kept).toEqual(first);
    store.withdraw(ada, first);
    expect(store.spendTry(ada, noon).kept).not.toEqual(first);
  });

  it('are never kept themselves', () => {
    expect(() => store.keep(ada, Buffer.from('123456'), noon)).toThrow(
      new TypeError('The store keeps fingerprints of 32 bytes, and this has 6'),
    );
  });
});

describe('failures in a row', () => {
  it('make a number wait from the tenth on, twice as long each time, up to an hour', () => {
    fail(10, noon);
    let now = noon;
    for (const minutes of [1, 2, 4, 8, 16, 32, 60, 60]) {
      expect(store.spendTry(ada, now).wait).toBe(minutes * 60);
      expect(store.spendTry(ada, now + minutes * minute - 1).wait).toBe(1);
      now += minutes * minute;
      expect(store.spendTry(ada, now).wait).toBe(0);
    }
    expect(store.spendTry(grace, now).wait).toBe(0);
  });

  it('give no code away to who has to wait', () => {
    fail(10, noon);
    store.keep(ada, first, noon);
    expect(store.spendTry(ada, noon).kept).not.toEqual(first);
    expect(store.spendTry(ada, noon + minute).kept).toEqual(first);
  });

  it('let a try pass whose time was read before that of the last one, as on another server', () => {
    fail(1, noon);
    fail(8, noon - 5);
    fail(1, noon - 5);
    expect(store.spendTry(ada, noon - 5).wait).toBe(61);
    expect(store.spendTry(ada, noon + minute).wait).toBe(0);
  });

  it('are over with a success', () => {
    fail(9, noon);
    store.keep(ada, first, noon);
    store.spendTry(ada, noon);
    expect(store.take(ada, first)).toBe(true);
    fail(10, noon);
  });

  it('are forgotten a day after the last one', () => {
    fail(10, noon);
    expect(store.spendTry(ada, noon + day - 1).wait).toBe(0);
    expect(store.spendTry(ada, noon + day).wait).toBe(120);
    fail(10, noon + 2 * day);
  });

  it('leave a guesser 38 tries on the first day, and 24 on each one after', () => {
    let now = noon;
    let code = { sent: -Infinity, tries: 0 };
    const triesUntil = (end: number): number => {
      let tries = 0;
      while (now < end) {
        // Every try has its chance: there is always a code that is still good.
        const needed = code.tries === otpLimits.tries || now - code.sent >= otpLimits.life;
        const wait = needed ? store.claimSend(ada, now) : 0;
        if (wait > 0) {
          now += wait * second;
          continue;
        }
        if (needed) {
          store.keep(ada, first, now);
          code = { sent: now, tries: 0 };
        }
        const spent = store.spendTry(ada, now);
        now += spent.wait * second;
        if (spent.wait > 0) continue;
        expect(spent.kept).toEqual(first);
        code.tries += 1;
        tries += 1;
      }
      return tries;
    };
    expect(triesUntil(noon + day)).toBe(38);
    expect(triesUntil(noon + 2 * day)).toBe(24);
    expect(triesUntil(noon + 3 * day)).toBe(24);
  });
});

describe('the file', () => {
  it('holds neither numbers nor what another key could read', () => {
    const file = fileName();
    store = opened(file);
    store.claimSend(ada, noon);
    store.keep(ada, first, noon);
    store.spendTry(ada, noon);
    for (const name of readdirSync(path.dirname(file))) {
      expect(readFileSync(path.join(path.dirname(file), name)).includes('4155550123')).toBe(false);
    }
    expect(opened(file, Buffer.alloc(32, 'other')).spendTry(ada, noon).kept).not.toEqual(first);
  });

  it('does not grow with numbers of yesterday', () => {
    const file = fileName();
    store = opened(file);
    for (let count = 0; count < 20; count += 1) {
      const number = `+1415555${1_000 + count}`;
      store.claimSend(number, noon);
      store.keep(number, first, noon);
      store.spendTry(number, noon);
    }
    store.spendTry(ada, noon + day + otpLimits.life);
    const database = new Database(file);
    const rows = (table: string): unknown => database.prepare(`SELECT count(*) AS rows FROM ${table}`).all();
    expect([rows('codes'), rows('sends'), rows('failures')].flat()).toMatchObject([
      { rows: 0 },
      { rows: 0 },
      { rows: 1 },
    ]);
    database.close();
  });
});

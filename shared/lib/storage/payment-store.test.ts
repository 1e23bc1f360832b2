import { describe, expect, it, onTestFinished } from 'vitest';
import { tempFolder } from '#kit/test-folder.ts';
import { awkwardTexts } from '#kit/random-inputs.ts';
import { CannotOpenDatabase } from './database-errors.ts';
import { openDatabase } from './database.ts';
import { PaymentStore } from './payment-store.ts';

const opened = (file = ':memory:'): PaymentStore => {
  const store = new PaymentStore(file);
  onTestFinished(() => store.close());
  return store;
};

describe('PaymentStore', () => {
  it('books a payment for each booking without a key', () => {
    const store = opened();
    const one = store.book({ payee: 'Ada', amount: 5, key: '' });
    const other = store.book({ payee: 'Ada', amount: 5, key: '' });
    expect(one).toMatchObject({ payee: 'Ada', amount: 5 });
    expect(other).not.toEqual(one);
    expect(store.total('Ada')).toEqual({ payments: 2, amount: '10' });
    expect(store.withKey('')).toBeUndefined();
  });

  it('books one payment for a key, whoever has the file open, and remembers it', () => {
    const file = `${tempFolder()}/payments.db`;
    const [store, second] = [opened(file), opened(file)];
    const booked = store.book({ payee: 'Ada', amount: 5, key: 'k' });
    expect(second.book({ payee: 'Grace', amount: 7, key: 'k' })).toBe('key taken');
    expect(second.withKey('k')).toEqual(booked);
    expect(second.withKey('K')).toBeUndefined();
    expect(opened(file).withKey('k')).toEqual(booked);
    expect(store.total('Grace')).toEqual({ payments: 0, amount: '0' });
  });

  it.each([...awkwardTexts, 'a\0b', 'a\0c'])('keeps %j as it is, as a payee and as a key', (text) => {
    const store = opened();
    const booked = store.book({ payee: text, amount: 1, key: text });
    store.book({ payee: 'a', amount: 1, key: 'a' });
    expect(store.withKey(text)).toEqual(booked);
    expect(store.total(text)).toEqual({ payments: 1, amount: '1' });
  });

  it('adds up more than an int32 holds', () => {
    const store = opened();
    for (let count = 0; count < 3; count += 1) store.book({ payee: 'Ada', amount: 2 ** 31 - 1, key: '' });
    expect(store.total('Ada').amount).toBe('6442450941');
  });

  it('refuses a file that keeps something else', () => {
    const file = `${tempFolder()}/other.db`;
    openDatabase(file, 'CREATE TABLE payments (something TEXT)').close();
    expect(() => new PaymentStore(file)).toThrow(CannotOpenDatabase);
  });
});

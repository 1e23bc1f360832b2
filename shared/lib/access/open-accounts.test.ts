import { readdirSync } from 'node:fs';
import path from 'node:path';
import Database from 'libsql';
import { expect, it, onTestFinished, vi } from 'vitest';
import { CannotOpenDatabase } from '../storage/cannot-open-database.ts';
import { tempFolder } from '#kit/temp-folder.ts';
import { openAccounts } from './open-accounts.ts';

const phone = '+14155550123';
const now = Date.UTC(2030, 0, 1);

it('opens one database and the two files of keys, and closes all of it', () => {
  const folder = tempFolder();
  const file = path.join(folder, 'accounts.db');
  const { keys, otpKey, otpStore, store, accounts, close } = openAccounts(file);
  expect(otpStore.claimSend(phone, now)).toBe(0);
  const { id } = accounts.userOf(phone);
  expect(store.get(id)?.phone_number).toBe(phone);
  expect(readdirSync(folder)).toEqual(
    expect.arrayContaining(['accounts.db', 'accounts.db.key', 'accounts.db.token-keys']),
  );
  close();
  for (const use of [
    () => otpStore.claimSend(phone, now),
    () => store.update(id, {}),
    () => accounts.userOf(phone),
  ]) {
    expect(use).toThrow('not open');
  }

  const again = openAccounts(file);
  expect(again.keys.newest.kid).toBe(keys.newest.kid);
  expect(again.otpKey).toEqual(otpKey);
  expect(again.store.get(id)?.id).toBe(id);
  again.close();
});

it('leaves nothing open when one of them cannot be opened', () => {
  const file = path.join(tempFolder(), 'accounts.db');
  const other = new Database(file);
  other.exec('CREATE TABLE users (login TEXT)');
  other.close();
  const close = vi.spyOn(Database.prototype, 'close');
  onTestFinished(() => close.mockRestore());
  expect(() => openAccounts(file)).toThrow(CannotOpenDatabase);
  // The codes of lesson 8 were open by then. The users were not what was expected.
  expect(close).toHaveBeenCalledTimes(2);
});

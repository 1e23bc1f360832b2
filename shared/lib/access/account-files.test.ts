import path from 'node:path';
import Database from 'libsql';
import { expect, it, onTestFinished, vi } from 'vitest';
import { CannotOpenDatabase } from '../storage/database-errors.ts';
import { tempFolder } from '#kit/test-folder.ts';
import { openAccounts } from './account-files.ts';

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

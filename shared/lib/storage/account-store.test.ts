import path from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { tempFolder } from '#kit/test-folder.ts';
import { AccountStore } from './account-store.ts';
import { UserStore } from './user-store.ts';

const opened = (file: string): { users: UserStore; accounts: AccountStore } => {
  const users = new UserStore(file);
  const accounts = new AccountStore(file, users);
  onTestFinished(() => {
    accounts.close();
    users.close();
  });
  return { users, accounts };
};

describe('AccountStore', () => {
  it('makes a user for a phone once, on every server with the same file', () => {
    const file = path.join(tempFolder(), 'accounts.db');
    const here = opened(file);
    const there = opened(file);
    const { id, name, email } = here.accounts.userOf('+14155550123');
    expect(name).toBe('New user');
    expect(email).toMatch(/^[\w-]+@users\.invalid$/);
    const create = vi.spyOn(here.users, 'create');
    expect(here.accounts.userOf('+14155550123').id).toBe(id);
    expect(create).not.toHaveBeenCalled();
    expect(there.accounts.userOf('+14155550123').id).toBe(id);
    expect(there.accounts.userOf('+14155550124').id).not.toBe(id);
    expect(here.users.page(10, '')?.users).toHaveLength(2);
  });

  it('goes by the phone that was shown, and not by what a profile says', () => {
    const { users, accounts } = opened(':memory:');
    const ada = accounts.userOf('+14155550123');
    const eve = accounts.userOf('+14155550199');
    users.update(eve.id, { phone_number: '+14155550123' });
    expect(accounts.userOf('+14155550123').id).toBe(ada.id);
    expect(accounts.userOf('+14155550199').id).toBe(eve.id);
  });

  it('makes a new user for somebody who was deleted', () => {
    const { users, accounts } = opened(':memory:');
    const { id } = accounts.userOf('+14155550123');
    users.delete(id);
    const again = accounts.userOf('+14155550123');
    expect(again.id).not.toBe(id);
    expect(accounts.userOf('+14155550123').id).toBe(again.id);
  });

  it('keeps one user when a phone signs in at two servers at once', () => {
    const file = path.join(tempFolder(), 'accounts.db');
    const here = opened(file);
    const there = opened(file);
    const create = here.users.create.bind(here.users);
    let quicker = '';
    vi.spyOn(here.users, 'create').mockImplementation((values) => {
      quicker = there.accounts.userOf('+14155550123').id;
      return create(values);
    });
    expect(here.accounts.userOf('+14155550123').id).toBe(quicker);
    expect(here.users.page(10, '')?.users.map(({ id }) => id)).toEqual([quicker]);
  });

  it('does not take a refusal for a user', () => {
    const { users, accounts } = opened(':memory:');
    vi.spyOn(users, 'create').mockReturnValue('email taken');
    expect(() => accounts.userOf('+14155550123')).toThrow('An id at random has come twice.');
  });
});

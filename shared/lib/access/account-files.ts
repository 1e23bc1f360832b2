import { AccountStore } from '../storage/account-store.ts';
import { openOtpStore, type OtpStore } from '../storage/otp-store.ts';
import { secretKey } from '../storage/secret-key.ts';
import { UserStore } from '../storage/user-store.ts';
import { SigningKeys } from './signing-keys.ts';

/** What a server with accounts keeps, all of it in one database and in the two files of keys beside it. */
export interface OpenAccounts {
  keys: SigningKeys;
  otpKey: Buffer;
  otpStore: OtpStore;
  store: UserStore;
  accounts: AccountStore;
  close(): void;
}

/**
 * Opens everything that a server with accounts keeps, or nothing.
 *
 * @param database - the file of the database; `:memory:` forgets all of it at the end
 * @returns it, open
 * @throws CannotOpenDatabase when something cannot be opened or kept
 */
export const openAccounts = (database: string): OpenAccounts => {
  const opened: { close(): void }[] = [];
  const close = (): void => {
    for (const one of opened.splice(0)) one.close();
  };
  const keep = <T extends { close(): void }>(one: T): T => {
    opened.unshift(one);
    return one;
  };
  try {
    const keys = new SigningKeys(database);
    const otpKey = secretKey(database);
    const otpStore = keep(openOtpStore(database, otpKey));
    const store = keep(new UserStore(database));
    const accounts = keep(new AccountStore(database, store));
    return { keys, otpKey, otpStore, store, accounts, close };
  } catch (error) {
    close();
    throw error;
  }
};

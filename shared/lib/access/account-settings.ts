import { readPhoneNumber } from '../sms/phone-number.ts';

/** The shortest and the longest life of a token, in seconds. What is in a token is true for all of it. */
const lives = { least: 30, most: 3_600 };

/** What a server with accounts is told when it is started. */
export interface AccountSettings {
  /** The phone numbers of admins, in E.164. */
  admins: ReadonlySet<string>;
  /** How long a token is good, in seconds. */
  life: number;
  /** Whether to begin with a new key. */
  rotate: boolean;
}

/**
 * Reads the settings of a server with accounts.
 *
 * @param values - as they were typed
 * @returns them
 * @throws Error when one of them makes no sense: a number that nobody can have must not pass for an admin's
 */
export const readSettings = (values: { admin: string; life: string; rotate: string }): AccountSettings => {
  const admins = values.admin
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map((text) => {
      const number = readPhoneNumber(text);
      if (number === undefined) throw new Error(`--admin should have phone numbers, and ${text} is none.`);
      return number;
    });
  const life = Number(values.life);
  if (!Number.isInteger(life) || life < lives.least || life > lives.most) {
    throw new Error(`--life should be a whole number of seconds, from ${lives.least} to ${lives.most}.`);
  }
  if (values.rotate !== 'yes' && values.rotate !== 'no') throw new Error('--rotate should be yes or no.');
  return { admins: new Set(admins), life, rotate: values.rotate === 'yes' };
};

import { parsePhoneNumberFromString } from 'libphonenumber-js';

/**
 * Reads a phone number as people write it in international form: with a plus sign and the country's code, and with
 * spaces, dots, dashes or brackets wherever they like.
 *
 * @param text - what was typed, for example `+1 (415) 555-0123`
 * @returns the number in E.164, the one form that is the same for everybody (`+14155550123`); undefined when it is no
 * number that a phone can have, when the country's code is missing, or when an extension or other words stand beside it
 */
export const readPhoneNumber = (text: string): string | undefined => {
  const number = parsePhoneNumberFromString(text.trim(), { extract: false });
  return number?.isValid() && number.ext === undefined ? number.number : undefined;
};

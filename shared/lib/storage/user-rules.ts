import { parsePhoneNumberFromString } from 'libphonenumber-js';
import type { User__Output } from '#protos/generated/user/User.ts';
import type { FieldViolation } from '../grpc/error-details.ts';
import type { MaskRules } from '../grpc/field-mask.ts';
import { textProblem } from '../grpc/text-limits.ts';

/** The fields of a user that a caller may set. */
export type UserField = 'name' | 'email' | 'phone_number';

/** What the fields of a user are to an update. */
export const userFields = {
  writable: ['name', 'email', 'phone_number'],
  outputOnly: [
    'id',
    ...['create_time', 'update_time'].flatMap((time) => [time, `${time}.seconds`, `${time}.nanos`]),
  ],
} as const satisfies MaskRules<UserField>;

/** The longest name, in characters. */
const longestName = 200;

/** The longest address that mail can be sent to: RFC 5321, 4.5.3.1.3, less the angle brackets around it. */
const longestEmail = 254;

// Whether an address exists, only a mail that arrives can tell. This keeps out what can be none.
const emailShape = /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u;

/** With its country code; written with the spaces, brackets and dashes that people put into numbers, or without. */
const phoneShape = /^\+[\d ().-]+$/;

/** Each gives the value as it is to be stored; or undefined and what is wrong with it. */
const rules: Record<UserField, (value: string) => [stored: string] | [stored: undefined, problem: string]> = {
  name(value) {
    const problem = textProblem(value, { max: longestName });
    return problem === undefined ? [value] : [undefined, problem];
  },
  email(value) {
    const problem = textProblem(value, { max: longestEmail });
    if (problem !== undefined) return [undefined, problem];
    if (emailShape.test(value)) return [value];
    return [undefined, 'must have one @ with something on both sides, and no spaces'];
  },
  phone_number(value) {
    if (value === '') return [value];
    const phone = phoneShape.test(value) ? parsePhoneNumberFromString(value) : undefined;
    if (phone?.isValid()) return [phone.number];
    return [undefined, 'must be a phone number with its country code, as +14155550123, or empty'];
  },
};

/** Values that may be stored, or what is wrong with them: one entry for each wrong field. */
export type Checked<Field extends UserField> =
  | { values: Record<Field, string>; wrong?: undefined }
  | { values?: undefined; wrong: FieldViolation[] };

/**
 * Checks what a caller wants a user to be.
 *
 * @param user - the user of the request; null when there is none
 * @param fields - which of its fields count
 * @returns the values of these fields as they are to be stored, a phone number in E.164 form; or what is wrong, each
 *   field named by its path in the request (`user.email`)
 */
export const checkUser = <Field extends UserField>(
  user: User__Output | null,
  fields: readonly Field[],
): Checked<Field> => {
  const values: Partial<Record<Field, string>> = {};
  const wrong: FieldViolation[] = [];
  for (const field of fields) {
    const [stored, problem] = rules[field](user?.[field] ?? '');
    if (stored === undefined) wrong.push({ field: `user.${field}`, description: problem });
    else values[field] = stored;
  }
  return wrong.length > 0 ? { wrong } : { values: values as Record<Field, string> };
};

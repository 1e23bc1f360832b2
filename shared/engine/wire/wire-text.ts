import { inspect } from 'node:util';
import { redacted } from './secret-fields.ts';

/**
 * Writes a message, or metadata, as a person can read it: on one line, without secrets, and not all of it when it is long.
 *
 * @param value - a message, or an object with the values of metadata
 * @returns the text; control characters in it are written as escapes
 */
export const wireText = (value: unknown): string =>
  inspect(redacted(value), {
    depth: 6,
    // A number would still break an array of more than six.
    compact: true,
    breakLength: Infinity,
    maxStringLength: 200,
    maxArrayLength: 10,
  });

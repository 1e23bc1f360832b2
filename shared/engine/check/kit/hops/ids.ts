/** Request ids, drawn anew in each run. */
import { integer, oneOf } from '../random-inputs.ts';

const characters = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_'];

/** @returns a text of characters that a request id may have */
export const textOf = (length: number): string => Array.from({ length }, () => oneOf(characters)).join('');

/** @returns a request id */
export const anId = (): string => textOf(integer(8, 20));

/** @returns whether this is a request id */
export const isId = (text: unknown): text is string => typeof text === 'string' && /^[\w-]{1,64}$/.test(text);

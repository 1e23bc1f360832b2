/** How a call to a service with accounts ended, and how it should have. */
import { Metadata, status, type Client, type StatusObject } from '@grpc/grpc-js';
import { soon } from '../calls.ts';
import { must } from '../check-failure.ts';

export interface Outcome {
  code: status;
  details: string;
  /** The first message that came. */
  reply?: unknown;
}

/** @returns the outcome in words */
export const said = ({ code, details, reply }: Outcome): string => {
  if (code === status.OK) return `OK, with ${JSON.stringify(reply)}`;
  if (code === status.DEADLINE_EXCEEDED) return 'nothing, until the deadline passed (DEADLINE_EXCEEDED)';
  return `${status[code]}: ${details}`;
};

/** @throws CheckFailure unless the call ended with this status */
export const expectStatus = (
  outcome: Outcome | undefined,
  code: status,
  advice: string,
  expected = status[code],
): void => must(outcome?.code === code, { expected, came: outcome ? said(outcome) : 'no end', advice });

/** @returns the step that an outcome says is not written yet; NaN when it says nothing of that kind */
export const unwrittenIn = ({ details }: Outcome): number =>
  Number(/step (\d+) is not written yet/.exec(details)?.[1]);

/** Makes a unary call with these headers, whatever its type. */
export const unary = (
  stub: Client,
  method: string,
  request: object,
  metadata = new Metadata(),
): Promise<Outcome> =>
  new Promise((resolve) => {
    const methods = stub as unknown as Record<string, (...args: unknown[]) => void>;
    methods[method]!(request, metadata, soon(), (error: StatusObject | null, reply: unknown) =>
      resolve(error ? { code: error.code, details: error.details } : { code: status.OK, details: '', reply }),
    );
  });

/** @throws CheckFailure when the server prints a part of a token */
export const staysSecret = (token: string, printed: string[]): void => {
  const parts = token.split('.').filter(({ length }) => length > 3);
  must(!printed.some((line) => parts.some((part) => line.includes(part))), {
    expected: 'no part of a token in the log of the server',
    came: 'a token, printed',
    advice: 'A log is read by many, and kept for long: whoever reads a token there can use it.',
  });
};

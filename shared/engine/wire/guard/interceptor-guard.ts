import { isPromise } from './server-call.ts';

/** The functions that an interceptor has put around a call. */
export type InterceptorParts = Record<string, ((...args: unknown[]) => unknown) | undefined>;

/** @returns the same functions; what one throws, at once or later, goes to `fail` */
export const guardedParts = (around: InterceptorParts, fail: (error: unknown) => void): InterceptorParts =>
  Object.fromEntries(
    Object.entries(around).map(([name, part]) => [
      name,
      part &&
        ((...args: unknown[]): unknown => {
          try {
            const returned = part.apply(around, args);
            if (isPromise(returned)) returned.then(undefined, fail);
            return returned;
          } catch (error) {
            fail(error);
            return undefined;
          }
        }),
    ]),
  );

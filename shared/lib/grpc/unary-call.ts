import type { CallOptions, requestCallback } from '@grpc/grpc-js';

/** How long to wait for a reply, in milliseconds. */
const replyWithin = 5_000;

/**
 * Makes a unary call, as you did in lesson 1.
 *
 * @param call - makes it, with the options and the callback that it is given
 * @returns the reply
 * @throws ServiceError when the call ends with another status than OK
 */
export const reply = <T>(call: (options: CallOptions, done: requestCallback<T>) => unknown): Promise<T> =>
  new Promise((resolve, reject) => {
    call({ deadline: Date.now() + replyWithin }, (error, value) => (error ? reject(error) : resolve(value!)));
  });

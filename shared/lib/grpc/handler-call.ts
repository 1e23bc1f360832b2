import type { handleUnaryCall, sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';

/** What a handler has called its callback with. */
export type Answer<Reply> =
  | { reply: Reply; error?: undefined }
  | { reply?: undefined; error: NonNullable<Parameters<sendUnaryData<Reply>>[0]> };

/**
 * Asks another handler, in the same process and without a call of its own.
 *
 * @param handler - the handler of a unary method
 * @param call - the call to hand to it, with a request that it understands
 * @returns what it answers
 * @throws whatever the handler throws, or is rejected with
 */
export const answerOf = <Request, Reply>(
  handler: handleUnaryCall<Request, Reply>,
  call: ServerUnaryCall<Request, unknown>,
): Promise<Answer<Reply>> =>
  new Promise((resolve, reject) => {
    const returned: unknown = handler(call as ServerUnaryCall<Request, Reply>, (error, reply) =>
      resolve(error ? { error } : { reply: reply! }),
    );
    Promise.resolve(returned).catch(reject);
  });

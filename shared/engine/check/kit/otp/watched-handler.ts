import { status, type handleUnaryCall } from '@grpc/grpc-js';
import { CheckFailure } from '../check-failure.ts';
import { faultOf } from '../expected-faults.ts';

/** The key of the metadata that says which call of a check a handler has before it. */
export const callKey = 'check-call';

/**
 * @param onSlip - is told what the handler does after its answer, where no caller sees it, and on which call
 * @param isForLater - whether an error is for a later step to judge: then it only ends the call
 * @returns the same handler, which is watched until it is done
 */
export const watched =
  <Request, Reply>(
    handler: handleUnaryCall<Request, Reply>,
    onSlip: (call: string, failure: CheckFailure) => void,
    isForLater: () => boolean,
  ): handleUnaryCall<Request, Reply> =>
  async (call, callback) => {
    let answered: CheckFailure | undefined;
    const goesOn = (came: string): void =>
      onSlip(String(call.metadata.get(callKey)[0]), Object.assign(answered!, { came }));
    try {
      await handler(call, (...answer) => {
        if (answered) return goesOn('the callback called a second time: only the first answer is sent');
        // Made here, so that it knows the line of the lesson that has answered.
        answered = new CheckFailure({
          expected: 'the handler to be done once it has answered',
          came: '',
          advice: 'Calling the callback ends no handler: return there, and the lines below are not reached.',
        });
        callback(...answer);
      });
    } catch (error) {
      const { kind, message } = faultOf(error);
      if (answered) goesOn(`an answer, and then the lines below it: ${message}`);
      else if (kind === 'thrown' && isForLater()) callback({ code: status.INTERNAL, details: message });
      else throw error;
    }
  };

import { status, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';

/** Prints a line of one who works on a call. */
export type Say = (text: string) => void;

/** What is printed of one call at one hop. */
export interface Journal<Reply> {
  say: Say;
  /** Prints in the name of somebody else who works on this call, such as a database. */
  sayAs(who: string): Say;
  /** Prints how the call ends, and answers it. */
  answer: sendUnaryData<Reply>;
}

/**
 * Keeps a journal of a call: each line has the call's request id, who speaks, and how much of the caller's time is left.
 * The last one tells the answer, or that the call has ended without one.
 *
 * @param who - who works on the call
 * @param id - the request id, which is the same at every hop
 * @param call - the call, as its handler gets it
 * @param callback - answers it
 */
export const journal = <Reply>(
  who: string,
  id: string,
  call: Pick<ServerUnaryCall<unknown, Reply>, 'getDeadline' | 'on'>,
  callback: sendUnaryData<Reply>,
): Journal<Reply> => {
  let isOver = false;
  const left = (): string => {
    const until = Number(call.getDeadline());
    return until === Infinity
      ? 'no deadline'
      : `${String(Math.max(0, until - Date.now())).padStart(4)} ms left`;
  };
  const sayAs =
    (name: string): Say =>
    (text) =>
      console.log(`${id.slice(-8).padEnd(8)}  ${name.padEnd(8)}  ${left()}  ${text}`);
  const say = sayAs(who);
  // grpc-js says 'cancelled' at the end of every call, of one that was answered too.
  call.on('cancelled', () => {
    if (!isOver) say('stops: nobody waits any more');
    isOver = true;
  });
  const answer: sendUnaryData<Reply> = (error, ...rest) => {
    if (!isOver) say(`answers ${status[error ? (error.code ?? status.UNKNOWN) : status.OK]}`);
    isOver = true;
    callback(error, ...rest);
  };
  return { say, sayAs, answer };
};

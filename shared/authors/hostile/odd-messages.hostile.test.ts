import { status } from '@grpc/grpc-js';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { frame } from '#kit/grpc-frames.ts';
import type { Method } from '../services/contracts.ts';
import { Attacked } from './attack.ts';
import { almostMessages, requestsFor } from './odd-messages.ts';
import type { Ended, RawClient } from './raw-client.ts';

const attacked = await Attacked.servers();

/** Checks something of groups of requests: each method gets so many groups of at most so many. */
const everyGroup = <T>(arbitrary: fc.Arbitrary<T>, check: (group: T[]) => Promise<void>): Promise<void> =>
  fc.assert(fc.asyncProperty(fc.array(arbitrary, { minLength: 1, maxLength: 20 }), check), { numRuns: 12 });

/** Makes one call of these messages, and waits for what it is answered. All replies must be what the contract says. */
const answerTo = async (client: RawClient, method: Method, messages: Uint8Array[]): Promise<Ended> => {
  const call = client.send(method.path, Buffer.concat(messages.map((message) => frame(message))));
  await call.begun;
  if (method.responseStream && !method.requestStream && call.end.code === undefined) {
    // It may go on for long, or for ever. That it has begun is the answer: a refusal would have been its end.
    call.stream.close();
    return { code: status.OK, details: '', reset: 0 };
  }
  const end = await call.ended;
  for (const reply of call.replies()) method.responseDeserialize(reply);
  return end;
};

const isDecodable = ({ requestDeserialize }: Method, bytes: Buffer): boolean => {
  try {
    requestDeserialize(bytes);
    return true;
  } catch {
    return false;
  }
};

attacked.everyMethod(
  'answers every message that its contract allows with a status of its own',
  (client, { method, answers }) =>
    everyGroup(requestsFor(method), async (requests) => {
      const messages = requests.map(method.requestSerialize);
      // One by one, all at once; and all of them in one call where that may be.
      const calls = [...messages.map((one) => [one]), ...(method.requestStream ? [messages] : [])];
      const ends = await Promise.all(calls.map((sent) => answerTo(client, method, sent)));
      for (const { code, details } of ends) expect(answers, details).toContain(code);
    }),
);

// INTERNAL, because to gRPC it is no fault of the caller: client and server have their messages from one contract.
// "Error parsing request proto" in https://grpc.github.io/grpc/core/md_doc_statuscodes.html
attacked.everyMethod(
  'answers bytes that are no message with INTERNAL, and others as what they are',
  (client, { method, answers }) =>
    everyGroup(almostMessages, async (group) => {
      const ends = await Promise.all(group.map((bytes) => answerTo(client, method, [bytes])));
      for (const [index, end] of ends.entries()) {
        if (isDecodable(method, group[index]!)) expect(answers, end.details).toContain(end.code);
        else expect(end).toMatchObject({ code: status.INTERNAL, details: 'Error deserializing request' });
      }
    }),
);

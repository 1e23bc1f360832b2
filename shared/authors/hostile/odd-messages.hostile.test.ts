import { status } from '@grpc/grpc-js';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frame } from '#kit/frames.ts';
import { everyMethod } from './attack.ts';
import { almostMessages, requestsFor } from './odd-messages.ts';
import { awaited, type Ended, type RawClient } from './raw-client.ts';
import { attackedServers } from './attacked-process.ts';
import { services, type Method } from './attacked-services.ts';

/** How many requests each method gets: so many groups of at most so many. */
const numRuns = 12;
const maxLength = 20;

const servers = attackedServers();

/** Makes one call of these messages, and waits for what it is answered. All replies must be what the contract says. */
const answerTo = async (client: RawClient, method: Method, messages: Uint8Array[]): Promise<Ended> => {
  const call = client.send(method.path, Buffer.concat(messages.map((message) => frame(message))));
  await awaited(call.begun, `an answer of ${method.path}`);
  if (method.responseStream && !method.requestStream && call.end.code === undefined) {
    // It may go on for long, or for ever. That it has begun is the answer: a refusal would have been its end.
    call.stream.close();
    return { code: status.OK, details: '', reset: 0 };
  }
  const end = await awaited(call.ended, `the end of ${method.path}`);
  for (const reply of call.replies()) method.responseDeserialize(reply);
  return end;
};

/** The requests of a group one by one, all at once; and all of them in one call where that may be. */
const callsOf = <T>({ requestStream }: Method, group: T[]): T[][] => [
  ...group.map((one) => [one]),
  ...(requestStream ? [group] : []),
];

const isDecodable = ({ requestDeserialize }: Method, bytes: Buffer): boolean => {
  try {
    requestDeserialize(bytes);
    return true;
  } catch {
    return false;
  }
};

describe.each(services)('$name', (service) => {
  it('answers every message that its contract allows with a status of its own', () =>
    everyMethod(servers.process, service, (client, { method, answers }) =>
      fc.assert(
        fc.asyncProperty(fc.array(requestsFor(method), { minLength: 1, maxLength }), async (requests) => {
          const calls = callsOf(method, requests.map(method.requestSerialize));
          const ends = await Promise.all(calls.map((messages) => answerTo(client, method, messages)));
          for (const { code, details } of ends) expect(answers, details).toContain(code);
        }),
        { numRuns },
      ),
    ));

  // INTERNAL, because to gRPC it is no fault of the caller: client and server have their messages from one contract.
  // "Error parsing request proto" in https://grpc.github.io/grpc/core/md_doc_statuscodes.html
  it('answers bytes that are no message with INTERNAL, and others as what they are', () =>
    everyMethod(servers.process, service, (client, { method, answers }) =>
      fc.assert(
        fc.asyncProperty(fc.array(almostMessages, { minLength: 1, maxLength }), async (group) => {
          const ends = await Promise.all(group.map((bytes) => answerTo(client, method, [bytes])));
          for (const [index, end] of ends.entries()) {
            if (isDecodable(method, group[index]!)) expect(answers, end.details).toContain(end.code);
            else expect(end).toMatchObject({ code: status.INTERNAL, details: 'Error deserializing request' });
          }
        }),
        { numRuns },
      ),
    ));
});

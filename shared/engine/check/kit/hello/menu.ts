/** The four kinds of call, at a server that the learner wrote. */
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import type { HelloClient } from '#protos/generated/hello/Hello.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { hear, soon } from '../calls.ts';
import { greetingRequest } from '../random-inputs.ts';
import { stubAt } from '../peers.ts';

const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;

/** How a call has ended; undefined for a good end, or when enough was heard. */
type Ended = { code: number; details: string } | undefined;

/** Each call, made so that it comes to an end; whether the answer is right is for its own lesson to say. */
export const callsOfMenu: Record<string, (stub: HelloClient) => Promise<Ended>> = {
  hello: (stub) =>
    new Promise(
      (resolve) => void stub.hello(greetingRequest(), soon(), (error) => resolve(error ?? undefined)),
    ),
  parrotHello: async (stub) => (await hear(stub.parrotHello(greetingRequest(), soon()), 1)).ended,
  clientHello: (stub) =>
    new Promise((resolve) => void stub.clientHello(soon(), (error) => resolve(error ?? undefined)).end()),
  biHello: async (stub) => {
    const call = stub.biHello(soon());
    call.end(greetingRequest());
    return (await hear(call)).ended;
  },
};

/** Talks to the server for a while, which has time for its other clients meanwhile. */
export const talkMeanwhile = async (address: string): Promise<void> => {
  const call = stubAt(Hello, address).biHello(soon());
  const closed = new Promise<'closed'>((resolve) => call.once('status', () => resolve('closed')));
  // How it ends is for another check to judge.
  call.on('error', () => {});
  for (let turn = 0; turn < 50; turn += 1) {
    const answer = new Promise<'answer'>((resolve) => call.once('data', () => resolve('answer')));
    call.write(greetingRequest());
    if ((await Promise.race([answer, closed])) === 'closed') return;
  }
  call.end();
};

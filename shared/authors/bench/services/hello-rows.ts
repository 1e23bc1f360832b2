import type { ProtoGrpcType as Hello } from '#protos/generated/hello.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import type { Effort, Sample } from '../sample.ts';
import { echoing, echoOf, insecure, ownConnection, reply, type Row } from './load.ts';
import type { Variant } from './server-process.ts';

const { Hello } = loadProto<Hello>('hello.proto').hello;

export const world = { greeting: 'Hello', name: 'World' };

export const hello = (
  title: string,
  variants: Variant[],
  unit: Row['unit'],
  round: (stub: InstanceType<typeof Hello>, effort: Effort) => Promise<Sample>,
): Row => ({
  title,
  service: 'hello',
  unit,
  variants,
  ...(!variants.includes('watched') && { target: 0.95 }),
  prepare: async (address) => {
    const stub = new Hello(address, insecure, ownConnection);
    return { round: (effort) => round(stub, effort), close: () => stub.close() };
  },
});

export const callHello = (stub: InstanceType<typeof Hello>) => () => reply((done) => stub.hello(world, done));

export const biHello = (title: string, inFlight: number): Row => ({
  title,
  service: 'hello',
  unit: 'messages',
  variants: ['workbook', 'bare'],
  target: 0.95,
  prepare: async (address) =>
    echoing(echoOf(new Hello(address, insecure, ownConnection).biHello(), world), inFlight),
});

import { credentials } from '@grpc/grpc-js';
import type { HelloReply__Output } from '#protos/generated/hello/HelloReply.ts';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import { loadProto } from '../grpc/load-proto.ts';
import { reply } from '../grpc/unary-call.ts';
import { isServiceError } from '../grpc/service-error.ts';
import { orderOf, type Order } from './condition.ts';

const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;

const call = async (address: string, order: Order): Promise<void> => {
  const stub = new Hello(address, credentials.createInsecure());
  try {
    await reply<HelloReply__Output>((options, done) => stub.hello({}, orderOf(order), options, done));
  } finally {
    stub.close();
  }
};

/** Has a server be well, whatever it was told before, and answer. @throws ServiceError when it does not */
export const mustAnswer = (address: string): Promise<void> => call(address, { isSick: false });

/** Tells one server of the workbook how to be from now on. A sick one refuses this call, too, and heeds it all the same. */
export const tell = async (address: string, order: Order): Promise<void> => {
  try {
    await call(address, order);
  } catch (error) {
    if (!isServiceError(error)) throw error;
  }
};

import { randomUUID } from 'node:crypto';
import { credentials, Metadata, type requestCallback } from '@grpc/grpc-js';
import type { Payment__Output } from '#protos/generated/payment/Payment.ts';
import type { PaymentServiceClient } from '#protos/generated/payment/PaymentService.ts';
import type { ProtoGrpcType } from '#protos/generated/payment.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import type { MethodConfig, ServiceConfig } from '#shared/grpc/service-config.ts';
import { showConfig, showOne, showReads, showTen } from '#shared/payments/demonstrations.ts';
import type { ClientContext, Questions } from '#shared/terminal/ask.ts';

const { PaymentService } = loadProto<ProtoGrpcType>('payment.proto').payment;

// What the channel does by itself when a payment fails.
export const retrying = (): ServiceConfig => {
  // TODO 3 · Call again when the answer may be lost
  throw new Error('Step 3 is not written yet');
};

// Makes one payment, however many calls that takes. `patience` is in milliseconds.
export const pay = (
  stub: PaymentServiceClient,
  payment: { payee: string; amount: number },
  patience: number,
): Promise<Payment__Output> =>
  new Promise((resolve, reject) => {
    const done: requestCallback<Payment__Output> = (error, reply) =>
      error ? reject(error) : resolve(reply!);
    // TODO 4 · One key, and one deadline, for all its calls
    throw new Error('Step 4 is not written yet');
  });

// What the channel does by itself when a read is late.
export const hedging = (): MethodConfig => {
  // TODO 5 · Ask a second time when the answer is late
  throw new Error('Step 5 is not written yet');
};

// The places of a service config that grpc-js would ignore, or take for something else, without a word. `methods` are
// those that there are, each as 'payment.PaymentService/Pay'.
export const silences = ({ methodConfig }: ServiceConfig, methods: readonly string[]): string[] => {
  const places: string[] = [];
  // TODO 6 · Name what would be ignored in silence
  throw new Error('Step 6 is not written yet');
  return places;
};

export const questions = {
  show: {
    message: 'What would you like to see?',
    initial: 'ten',
    choices: ['ten', 'one', 'reads', 'config'],
  },
} satisfies Questions;

// From here on: what the client shows. There is nothing left for you to write.

/** How long a payment may take in all, in milliseconds. */
const patience = 10_000;

/** A client whose channel does what the service config says. */
export const connect = (address: string, config: ServiceConfig): PaymentServiceClient =>
  new PaymentService(address, credentials.createInsecure(), {
    'grpc.service_config': JSON.stringify(config),
    // A server that comes up is found soon.
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 500,
  });

export const main = async ({ address, ask }: ClientContext<typeof questions>): Promise<void> => {
  const what = await ask.one('show');
  const once =
    what === 'config' ? undefined : connect(address, what === 'reads' ? { methodConfig: [] } : retrying());
  const hedged = what === 'reads' ? connect(address, { methodConfig: [hedging()] }) : undefined;
  try {
    if (what === 'one') await showOne(once!, (payment) => pay(once!, payment, patience));
    else if (what === 'reads') await showReads(once!, hedged!);
    else if (what === 'config')
      showConfig({ methodConfig: [...retrying().methodConfig, hedging()] }, silences);
    else await showTen(once!, (payment) => pay(once!, payment, patience));
  } finally {
    once?.close();
    hedged?.close();
  }
};

/** What the client of the payments shows. */
import { randomUUID } from 'node:crypto';
import type { PaymentServiceClient } from '#protos/generated/payment/PaymentService.ts';
import type { ProtoGrpcType } from '#protos/generated/payment.ts';
import { loadProto } from '../grpc/load-proto.ts';
import { reply } from '../grpc/unary-call.ts';
import { silencesIn } from '../grpc/service-config-linter.ts';
import type { ServiceConfig } from '../grpc/service-config.ts';

const { PaymentService } = loadProto<ProtoGrpcType>('payment.proto').payment;

/** How many payments are asked for, and how many totals. */
const [payments, reads] = [10, 100];

/** What one payment is about. */
interface ToPay {
  payee: string;
  amount: number;
}

const totalOf = (stub: PaymentServiceClient, payee: string) =>
  reply<{ payments: number }>((options, done) => stub.GetTotal({ payee }, options, done));

/** Asks for some payments, one after the other, and shows how many there are then. */
const showBooked = async (
  title: string,
  stub: PaymentServiceClient,
  payOne: (payment: ToPay) => Promise<unknown>,
): Promise<void> => {
  // Nobody else pays to this name.
  const payee = `Ada ${randomUUID()}`;
  for (let count = 0; count < payments; count += 1) await payOne({ payee, amount: 1_234 });
  const { payments: booked } = await totalOf(stub, payee);
  console.log(`${title} ${payments} asked for, ${booked} booked ${'█'.repeat(booked)}`);
};

/** Shows what calling again costs without a key, and with one. */
export const showTen = async (
  stub: PaymentServiceClient,
  pay: (payment: ToPay) => Promise<unknown>,
): Promise<void> => {
  await showBooked('without a key:', stub, (payment) =>
    reply((options, done) => stub.Pay(payment, options, done)),
  );
  await showBooked('with a key:   ', stub, pay);
};

/** Shows one payment, and how often somebody was paid then, however the payment has ended. */
export const showOne = async (
  stub: PaymentServiceClient,
  pay: (payment: ToPay) => Promise<unknown>,
): Promise<void> => {
  const payee = 'Ada';
  try {
    console.log(await pay({ payee, amount: 1_234 }));
  } finally {
    await totalOf(stub, payee).then(
      ({ payments: booked }) => console.log(`payments to ${payee} that are booked: ${booked}`),
      // Nobody listens: that is said of the payment.
      () => {},
    );
  }
};

/** Makes reads, one after the other. @returns how long the 99th of a hundred took, from the fastest on */
const showPace = async (title: string, stub: PaymentServiceClient): Promise<number> => {
  const times: number[] = [];
  // The connection is made before the clock starts.
  await totalOf(stub, 'Ada');
  for (let count = 0; count < reads; count += 1) {
    const began = performance.now();
    await totalOf(stub, 'Ada');
    times.push(performance.now() - began);
  }
  const p99 = times.toSorted((one, other) => one - other)[Math.ceil(reads * 0.99) - 1]!;
  console.log(`${title} 99 of ${reads} reads were answered within ${Math.round(p99)} ms`);
  return p99;
};

/** Shows how long most reads take, with each asked once, and hedged. */
export const showReads = async (once: PaymentServiceClient, hedged: PaymentServiceClient): Promise<void> => {
  await showPace('asked once:', once);
  await showPace('hedged:    ', hedged);
};

/** A service config in which nothing is as it seems. */
const full: ServiceConfig = {
  methodConfig: [
    {
      name: [{ service: 'payment.PaymentService', method: 'pay' }],
      timeout: '0.5s',
      waitForReady: true,
      retryPolicy: {
        maxAttempts: 10,
        initialBackoff: '0.1s',
        maxBackoff: '1s',
        backoffMultiplier: 2,
        retryableStatusCodes: ['UNAVAILABLE'],
      },
    },
  ],
};

/** Shows what a linter finds in a service config, and what the workbook's own one says. */
const showFound = (title: string, config: ServiceConfig, found: readonly string[]): void => {
  console.log(`${title}:`);
  const own = silencesIn(config, [PaymentService.service]);
  for (const { place, why } of own) {
    console.log(`  ${found.includes(place) ? 'found ' : 'missed'} ${place} ${why}`);
  }
  for (const place of found.filter((each) => own.every((silence) => silence.place !== each))) {
    console.log(`  ${place}: grpc-js takes it as it is written`);
  }
  if (own.length + found.length === 0) console.log('  nothing is ignored');
};

/** Shows what the linter finds in the client's own config, and in one that is full of traps. */
export const showConfig = (
  own: ServiceConfig,
  silences: (config: ServiceConfig, methods: readonly string[]) => string[],
): void => {
  const methods = Object.values(PaymentService.service).map(({ path }) => path.slice(1));
  showFound('your own service config', own, silences(own, methods));
  showFound('one that is full of traps', full, silences(full, methods));
};

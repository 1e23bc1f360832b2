import { Metadata, status, type StatusObject } from '@grpc/grpc-js';
import type { PaymentServiceHandlers } from '#protos/generated/payment/PaymentService.ts';
import type { ProtoGrpcType } from '#protos/generated/payment.ts';
import { invalidFields, withReason } from '#shared/grpc/error-details.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import type { Listening } from '#shared/grpc/serve.ts';
import { desks, type Desk } from '#shared/payments/desk.ts';
import { wrongIn } from '#shared/payments/rules.ts';
import { serveWithTrouble, troublesOf } from '#shared/payments/lost-replies.ts';
import { PaymentStore } from '#shared/storage/payment-store.ts';
import type { PairSettings, Settings, SettingValues } from '#shared/terminal/ask.ts';

const { PaymentService } = loadProto<ProtoGrpcType>('payment.proto').payment;

export const payments = (store: PaymentStore, desk: Desk): PaymentServiceHandlers => ({
  Pay: ({ request }, callback) => {
    const wrong = wrongIn(request);
    if (wrong) return callback(invalidFields(wrong));
    const wait = desk.wait();
    if (wait > 0) return callback(notNow(wait));
    const { payee, amount, idempotency_key: key } = request;
    // TODO 1 · Book one payment for each key
    throw new Error('Step 1 is not written yet');
  },

  GetTotal: ({ request: { payee } }, callback) => callback(null, store.total(payee)),
});

// The status of a call for which nothing was done. `wait` is in milliseconds; Infinity when it is no use to call again.
export const notNow = (wait: number): Partial<StatusObject> => {
  // TODO 2 · Say when to call again, or never
  throw new Error('Step 2 is not written yet');
};

// From here on: the server as a whole. There is nothing left for you to write.
export const pair = { servers: 1, quiet: ['Pay', 'GetTotal'] } satisfies PairSettings;

export const settings = {
  db: { message: 'Which file keeps the payments?', initial: '.workbook/payments.db' },
  lose: { message: 'Every which answer to Pay is lost? (0: none)', initial: '4' },
  desk: { message: 'Who takes payments?', initial: 'open', choices: Object.keys(desks) },
} satisfies Settings;

export const start = async (
  address: string,
  { db, lose, desk }: SettingValues<typeof settings>,
): Promise<Listening> => {
  const store = new PaymentStore(db);
  try {
    const handlers = payments(store, desks[desk as keyof typeof desks]());
    const { stop, ...listening } = await serveWithTrouble(
      { service: PaymentService.service, handlers },
      address,
      troublesOf(lose),
    );
    const leave = (): void => {
      void stop?.();
      store.close();
    };
    return { ...listening, stop: leave };
  } catch (error) {
    store.close();
    throw error;
  }
};

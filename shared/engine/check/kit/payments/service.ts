import { setImmediate as nextTurn } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import {
  connectivityState,
  status,
  type ClientOptions,
  type sendUnaryData,
  type ServerUnaryCall,
  type StatusObject,
} from '@grpc/grpc-js';
import { onTestFinished, vi } from 'vitest';
import type { PayRequest, PayRequest__Output } from '#protos/generated/payment/PayRequest.ts';
import type { Payment__Output } from '#protos/generated/payment/Payment.ts';
import type {
  PaymentServiceClient,
  PaymentServiceHandlers,
} from '#protos/generated/payment/PaymentService.ts';
import type { ProtoGrpcType } from '#protos/generated/payment.ts';
import { detailsOf } from '#shared/grpc/error-details.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { serve } from '#shared/grpc/serve.ts';
import type { MethodConfig, ServiceConfig } from '#shared/grpc/service-config.ts';
import type { Desk } from '#shared/payments/desk.ts';
import { PaymentStore } from '#shared/storage/payment-store.ts';
import { soon } from '../calls.ts';
import { must, same } from '../check-failure.ts';
import { integer, oneOf, someNames } from '../random-inputs.ts';
import { becomes } from '../time-limits.ts';
import { configuredStub, serving, trackedAddress } from '../peers.ts';

export const { PaymentService } = loadProto<ProtoGrpcType>('payment.proto').payment;

/** @returns a store that is closed after the check */
export const openStore = (file = ':memory:'): PaymentStore => {
  const store = new PaymentStore(file);
  onTestFinished(() => store.close());
  return store;
};

/** @returns payments to somebody, with amounts that all differ */
export const somePayments = (count: number): { payee: string; amount: number }[] => {
  const first = integer(100, 9_000);
  return someNames(count).map((payee, index) => ({ payee, amount: first + 7 * index }));
};

type ToPay = ReturnType<typeof somePayments>[number];

/** @returns a payment to somebody */
export const aPayment = (): ToPay => somePayments(1)[0]!;

/** @returns two payments that have nothing in common */
export const twoPayments = (): [ToPay, ToPay] => somePayments(2) as [ToPay, ToPay];

/** How a payment has ended: the payment, or the status with its reason for programs. */
export interface Paid {
  payment?: Payment__Output;
  code: keyof typeof status;
  reason: string;
  error?: StatusObject;
}

/** Asks for a payment. @returns how that has ended */
export const paid = (stub: PaymentServiceClient, request: PayRequest): Promise<Paid> =>
  new Promise((resolve) => {
    stub.Pay(request, soon(2), (error, payment) => {
      const code = status[error?.code ?? status.OK] as keyof typeof status;
      const reason = error ? (detailsOf(error).reason ?? '') : '';
      resolve({ ...(payment && { payment }), code, reason, ...(error && { error }) });
    });
  });

/**
 * @param advice - what to look for when it was refused
 * @returns the payment
 * @throws CheckFailure when there is none
 */
export const mustBePaid = ({ payment, code, error }: Paid, advice: string): Payment__Output => {
  must(payment, {
    expected: 'a payment',
    came: code === 'DEADLINE_EXCEEDED' ? 'nothing, until the deadline passed' : `${code}: ${error?.details}`,
    advice: code === 'DEADLINE_EXCEEDED' ? 'Every way through the handler calls callback once.' : advice,
  });
  return payment;
};

/** @throws CheckFailure unless both are one payment */
export const mustBeSame = (came: Payment__Output, expected: Payment__Output, advice: string): void =>
  must(isDeepStrictEqual({ ...came }, { ...expected }), {
    expected: 'the payment that was booked first',
    came: came.id === expected.id ? 'the same one, with another payee or amount' : 'another payment',
    advice,
  });

/** @returns how a call has ended, and how many calls that were on the wire */
export const inCalls = (how: string, calls: number): string =>
  `${how}, in ${calls} call${calls === 1 ? '' : 's'}`;

/** A call that has come to a server of the check. */
export interface Came {
  request: Partial<PayRequest__Output> & { payee: string };
  /** When, in milliseconds, and how long it may take from then on. */
  at: number;
  left: number;
  isCancelled: () => boolean;
}

/** What a server of the check does with a call: a status ends it, `true` answers it, and `false` lets it hang. */
export type Decide = (came: Came, index: number) => status | boolean;

/** A server that the learner did not write. It notes each call that comes. */
export interface Cashier {
  address: string;
  pays: Came[];
  totals: Came[];
}

/** @returns the payment that such a server answers with */
export const answerTo = ({ request: { payee, amount = 0 } }: Came): Payment__Output => ({
  id: `the payment to ${payee}`,
  payee,
  amount,
});

/**
 * @param decide - what becomes of each call; by default all are answered
 * @param address - where it listens
 */
export const cashier = async (
  decide: { pay?: Decide; total?: Decide } = {},
  address = '127.0.0.1:0',
): Promise<Cashier> => {
  const [pays, totals]: [Came[], Came[]] = [[], []];
  const noted =
    <Reply>(list: Came[], answer: (came: Came) => Reply, what: Decide = () => true) =>
    (call: ServerUnaryCall<Came['request'], unknown>, callback: sendUnaryData<Reply>): void => {
      const at = performance.now();
      const left = Number(call.getDeadline()) - Date.now();
      const came = { request: call.request, at, left, isCancelled: () => call.cancelled };
      const decided = what(came, list.push(came) - 1);
      if (decided === true) callback(null, answer(came));
      else if (decided !== false) callback({ code: decided, details: 'the check says so' });
    };
  const handlers: PaymentServiceHandlers = {
    Pay: noted(pays, answerTo, decide.pay),
    GetTotal: noted(totals, () => ({ payments: 1, amount: '1' }), decide.total),
  };
  const listening = await serve(PaymentService.service, handlers, address);
  return { address: trackedAddress(listening), pays, totals };
};

/**
 * @param config - what the learner has written, or the check
 * @returns a client whose channel does what the service config says
 * @throws CheckFailure when grpc-js refuses the config
 */
export const configured = (
  address: string,
  config: ServiceConfig,
  options: ClientOptions = {},
): PaymentServiceClient => configuredStub(PaymentService, address, config, options);

/** Calls again at once, `calls` times in all, as a config of the check. */
export const again = (calls: number, initialBackoff = '0.01s'): MethodConfig => ({
  name: [{ service: 'payment.PaymentService' }],
  retryPolicy: {
    maxAttempts: calls,
    initialBackoff,
    maxBackoff: '1s',
    backoffMultiplier: 1,
    retryableStatusCodes: ['UNAVAILABLE'],
  },
});

/** Takes chance out of grpc-js's waits for the rest of a check: by this number they are a fifth longer or shorter. */
export const withoutJitter = (): void => {
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  onTestFinished(() => void vi.restoreAllMocks());
};

/** Asks for a total. @returns the status that this has ended with */
export const totalAsked = (stub: PaymentServiceClient, payee = oneOf(['Ada', 'Grace'])): Promise<string> =>
  new Promise((resolve) => {
    stub.GetTotal({ payee }, soon(2), (error) => resolve(status[error?.code ?? status.OK]!));
  });

/**
 * Asks the learner's service for a payment, over a desk that takes none.
 *
 * @param wait - what the desk says: in how many milliseconds it may be asked again
 * @param calls - how many calls the client makes at most
 * @returns when the desk was asked, and what the client was told of the time to wait
 */
export const sentAway = async (
  payments: (store: PaymentStore, desk: Desk) => PaymentServiceHandlers,
  wait: number,
  calls: number,
) => {
  const asked: number[] = [];
  const desk = {
    wait: () => {
      asked.push(performance.now());
      return wait;
    },
  };
  const store = openStore();
  const address = await serving(PaymentService.service, payments(store, desk));
  const { payee, amount } = aPayment();
  const stub = configured(address, { methodConfig: [again(calls)] });
  const { code, error } = await paid(stub, { payee, amount, idempotency_key: 'a key' });
  must(code === 'UNAVAILABLE' && /\S/.test(error!.details), {
    expected: 'UNAVAILABLE, with details in words of your own',
    came: `${code}: ${error?.details}`,
    advice: 'Return an object of code, details and metadata.',
  });
  same(store.total(payee).payments, 0, 'Nothing is booked: so it is safe to call again.');
  return { asked, told: error!.metadata.get('grpc-retry-pushback-ms') };
};

/**
 * Waits until a channel knows that nobody listens, and whoever was to be told of it has been told.
 *
 * @param isOver - whether there is nothing to wait for any more
 */
export const nobodyFound = async (stub: PaymentServiceClient, isOver: () => boolean): Promise<void> => {
  const { TRANSIENT_FAILURE } = connectivityState;
  await becomes(() => isOver() || stub.getChannel().getConnectivityState(false) === TRANSIENT_FAILURE, {
    expected: 'the channel to look for a server',
    came: 'nothing',
    advice: 'Make the call at once.',
  });
  for (let turn = 0; turn < 20; turn += 1) await nextTurn();
};

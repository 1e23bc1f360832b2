import { status } from '@grpc/grpc-js';
import { describe, it } from 'vitest';
import { reply } from '#shared/grpc/unary-call.ts';
import type { Total__Output } from '#protos/generated/payment/Total.ts';
import type { ServiceConfig } from '#shared/grpc/service-config.ts';
import type { PaymentStore } from '#shared/storage/payment-store.ts';
import { rejectedWith, settled } from '#kit/calls.ts';
import { becomes, begun, within } from '#kit/time-limits.ts';
import { must, same } from '#kit/check-failure.ts';
import { awkwardTexts, everyFailure, integer, oneOf, someOf } from '#kit/random-inputs.ts';
import { expectFault } from '#kit/expected-faults.ts';
import { moveTimeOn } from '#kit/fake-time.ts';
import {
  again,
  answerTo,
  aPayment,
  cashier,
  configured,
  inCalls,
  mustBePaid,
  mustBeSame,
  nobodyFound,
  openStore,
  paid,
  PaymentService,
  sentAway,
  somePayments,
  totalAsked,
  twoPayments,
  withoutJitter,
  type Came,
  type Decide,
} from '#kit/payments/service.ts';
import { drawnConfigs, trapsHave } from '#kit/payments/traps.ts';
import { calling, gone, started, trackedStub } from '#kit/peers.ts';
import { printing } from '#kit/captured-output.ts';
import { tempFolder } from '#kit/test-folder.ts';

const server = () => import('#answers/12-call-again-safely/server.ts');
const client = () => import('#answers/12-call-again-safely/client.ts');

const ignoredName =
  'Is the name that of the contract, package and capitals included? Another one is ignored in silence.';

/** The learner's service over a store. */
const overStore = async (store: PaymentStore) =>
  calling(PaymentService, (await server()).payments(store, { wait: () => 0 }));

describe('Step 1 · Book one payment for each key', () => {
  const sameAgain = "'key taken' means: it is booked already. Then the payment with this key is the reply.";

  it('books a payment, and gives the same one to whoever comes with its key again', async () => {
    const store = openStore();
    const stub = await overStore(store);
    const ids = new Set<string>();
    const keys = someOf(awkwardTexts, 3);
    for (const [index, { payee, amount }] of somePayments(3).entries()) {
      const request = { payee, amount, idempotency_key: keys[index]! };
      const first = mustBePaid(await paid(stub, request), 'Nothing is wrong with this payment.');
      same({ payee: first.payee, amount: first.amount }, { payee, amount }, 'The reply is the payment.');
      for (let call = 2; call <= 3; call += 1) {
        const came = mustBePaid(await paid(stub, request), sameAgain);
        mustBeSame(came, first, sameAgain);
      }
      ids.add(first.id);
      same(store.total(payee), { payments: 1, amount: String(amount) }, 'One key is one payment.');
    }
    same(ids.size, 3, 'Another key is another payment.');
  });

  it('books a payment for each call without a key', async () => {
    const store = openStore();
    const stub = await overStore(store);
    const { payee, amount } = aPayment();
    const ids = new Set<string>();
    for (let call = 0; call < 3; call += 1) {
      ids.add(mustBePaid(await paid(stub, { payee, amount }), 'A payment may have no key.').id);
    }
    same([ids.size, store.total(payee).payments], [3, 3], 'No key is no key: each call is a payment.');
  });

  it('remembers the keys when it is started anew', async () => {
    const file = `${tempFolder()}/payments.db`;
    const { payee, amount } = aPayment();
    const request = { payee, amount, idempotency_key: `key ${integer(0, 999_999)}` };
    const first = mustBePaid(await paid(await overStore(openStore(file)), request), sameAgain);
    const later = openStore(file);
    const came = mustBePaid(await paid(await overStore(later), request), sameAgain);
    mustBeSame(
      came,
      first,
      'What a variable keeps is gone when the server is started anew. The store has it.',
    );
    same(later.total(payee).payments, 1, 'One key is one payment.');
  });

  it('books one payment when two servers get the same key at the same moment', async () => {
    const file = `${tempFolder()}/payments.db`;
    const [store, other] = [openStore(file), openStore(file)];
    const stub = await overStore(store);
    const { payee, amount } = aPayment();
    const key = `key ${integer(0, 999_999)}`;
    // Whatever the handler does first, the other server books just before it can.
    const { book } = store;
    store.book = (booking) => {
      other.book({ payee, amount, key });
      return book.call(store, booking);
    };
    const came = await paid(stub, { payee, amount, idempotency_key: key });
    const advice = 'Another server can book between a question and a booking. So book first, and ask then.';
    mustBeSame(mustBePaid(came, advice), other.withKey(key)!, advice);
    same(other.total(payee).payments, 1, advice);
  });

  it('refuses a key that is another payment, and books nothing', async () => {
    const store = openStore();
    const stub = await overStore(store);
    const [one, other] = twoPayments();
    const idempotency_key = oneOf(awkwardTexts);
    const first = mustBePaid(await paid(stub, { ...one, idempotency_key }), sameAgain);
    for (const [what, request] of [
      ['another payee', { ...one, payee: other.payee }],
      ['another amount', { ...one, amount: other.amount }],
    ] as const) {
      const { code, reason, payment } = await paid(stub, { ...request, idempotency_key });
      must(code === 'ALREADY_EXISTS' && reason === 'KEY_REUSED', {
        expected: `ALREADY_EXISTS with the reason KEY_REUSED for ${what}`,
        came: payment
          ? 'a payment, as if it were the same'
          : `${code}${reason && ` with the reason ${reason}`}`,
        advice:
          'Compare payee and amount of the payment with those of the request; withReason makes the status.',
      });
    }
    same(mustBePaid(await paid(stub, { ...one, idempotency_key }), sameAgain), first, 'The first one stays.');
    const booked = [one, other].map((each) => store.total(each.payee).payments);
    same(booked, [1, 0], 'Nothing else is booked.');
  });

  it('does not answer with a payment when the store fails', async () => {
    const store = openStore();
    const stub = await overStore(store);
    const message = `the disk is ${oneOf(['full', 'gone', 'locked'])}`;
    expectFault(message);
    store.book = () => {
      throw new Error(message);
    };
    const { code } = await paid(stub, { ...aPayment(), idempotency_key: 'a key' });
    must(['INTERNAL', 'UNKNOWN', 'UNAVAILABLE', 'UNIMPLEMENTED'].includes(code), {
      expected: 'a status that says nothing of the payment, such as INTERNAL',
      came: code,
      advice: 'Catch nothing here: what the store throws is no key that is taken.',
    });
  });
});

describe('Step 2 · Say when to call again, or never', () => {
  const toldBy = async (wait: number, calls: number) => sentAway((await server()).payments, wait, calls);

  it('tells in how many milliseconds to call again', async () => {
    for (const wait of [integer(110, 160), integer(210, 260)]) {
      const { asked, told } = await toldBy(wait, 2);
      const advice = "metadata.set('grpc-retry-pushback-ms', …) takes a text: the number of milliseconds.";
      must(told.length === 1 && told[0] === String(wait), {
        expected: `${wait} for grpc-retry-pushback-ms`,
        came: told.join(', ') || 'nothing',
        advice,
      });
      const gap = Math.round(asked[1]! - asked[0]!);
      must(asked.length === 2 && gap >= wait - 5, {
        expected: `a second call after ${wait} ms`,
        came: asked.length === 2 ? `one after ${gap} ms` : `${asked.length} calls`,
        advice,
      });
    }
  });

  it('tells a client not to call again when that is no use', async () => {
    const { asked, told } = await toldBy(Infinity, 4);
    must(asked.length === 1 && Number(told[0]) < 0, {
      expected: inCalls('-1', 1),
      came: inCalls(told.join(', ') || 'nothing', asked.length),
      advice: 'A number below 0 means: not again. Infinity is no number that a client reads.',
    });
  });
});

describe('Step 3 · Call again when the answer may be lost', () => {
  const retried = async (...failures: status[]) => {
    const { retrying } = await client();
    const { address, pays } = await cashier({ pay: (_came, index) => failures[index] ?? true });
    const stub = configured(address, retrying());
    // From here on it is connected.
    await totalAsked(stub);
    const result = await paid(stub, { ...aPayment(), idempotency_key: 'a key' });
    return { ...result, calls: pays.length, lasted: (pays.at(-1)?.at ?? 0) - (pays[0]?.at ?? 0) };
  };
  const { UNAVAILABLE } = status;
  const countsAll = 'maxAttempts counts all calls, the first one too: 4.';

  it('makes a payment again that was UNAVAILABLE, up to three times', async () => {
    const retriedTimes = async (times: number): Promise<void> => {
      const { calls, code } = await retried(...Array<status>(times).fill(UNAVAILABLE));
      same(inCalls(code, calls), inCalls('OK', times + 1), calls > 1 ? countsAll : ignoredName);
    };
    await Promise.all([0, 1, 2, 3].map(retriedTimes));
  });

  it('gives up after four calls, and waits longer each time', async () => {
    withoutJitter();
    const failing = () => retried(...Array<status>(9).fill(UNAVAILABLE));
    const waits = (came: string) => ({
      expected: 'waits of about 0.1, 0.2 and 0.4 seconds',
      came: `${came} ones in sum`,
      advice: "initialBackoff is '0.1s', and backoffMultiplier 2. The longest wait, maxBackoff, is '1s'.",
    });
    let { calls, code, lasted } = await failing();
    // On a busy machine, calls come late now and then. What is too long comes first: the deadline may have passed then.
    for (let more = 0; more < 2 && lasted > 1_000; more += 1) ({ calls, code, lasted } = await failing());
    must(lasted < 1_200, waits('longer'));
    same(inCalls(code, calls), inCalls('UNAVAILABLE', 4), countsAll);
    must(lasted > 560, waits('shorter'));
    const { methodConfig } = (await client()).retrying();
    const longest = methodConfig.map(({ retryPolicy }) => Number.parseFloat(String(retryPolicy?.maxBackoff)));
    same(longest, [1], "No wait is longer than maxBackoff, '1s', however many calls there are.");
  });

  it('calls again after no other status, and for no other method', async () => {
    for (const code of everyFailure.filter((each) => each !== UNAVAILABLE)) {
      const { calls, code: came } = await retried(code);
      must(calls === 1, {
        expected: inCalls(status[code]!, 1),
        came: inCalls(came, calls),
        advice:
          'Only UNAVAILABLE belongs into retryableStatusCodes: after the others, the same call ends the same way.',
      });
    }
    const { retrying } = await client();
    const { address, totals } = await cashier({ total: () => UNAVAILABLE });
    const how = await totalAsked(configured(address, retrying()));
    const advice = 'The name is for Pay alone: GetTotal is for step 5.';
    same(`GetTotal: ${inCalls(how, totals.length)}`, `GetTotal: ${inCalls('UNAVAILABLE', 1)}`, advice);
  });
});

describe('Step 4 · One key, and one deadline, for all its calls', () => {
  it('sends the payment, and passes on how it ends', async () => {
    const { pay } = await client();
    const [one, other] = twoPayments();
    const { DEADLINE_EXCEEDED, UNAVAILABLE } = status;
    const code = oneOf(everyFailure.filter((each) => each !== DEADLINE_EXCEEDED && each !== UNAVAILABLE));
    const { address, pays } = await cashier({ pay: (_came, index) => (index === 0 ? true : code) });
    const stub = configured(address, { methodConfig: [] });
    const payment = await settled(pay(stub, one, 3_000), 'The callback is done: hand it to stub.Pay.');
    same(payment, answerTo(pays[0]!), 'The reply is for whoever has called pay.');
    await rejectedWith(pay(stub, other, 3_000), code);
    same(
      pays.map(({ request: { payee, amount } }) => ({ payee, amount })),
      [one, other],
      'Payee and amount go over the wire as they are.',
    );
  });

  it('has a key of its own for each payment, which all its calls share', async () => {
    const { pay } = await client();
    const { address, pays } = await cashier({
      pay: (_came, index) => (index % 3 < 2 ? status.UNAVAILABLE : true),
    });
    const stub = configured(address, { methodConfig: [again(4)] });
    const [one, other] = twoPayments();
    // The same payment twice, on purpose.
    for (const each of [one, one, other]) {
      await settled(pay(stub, each, 3_000), 'One call of stub.Pay is enough: the channel makes it again.');
    }
    const keys = pays.map(({ request }) => request.idempotency_key ?? '');
    must(keys.every(Boolean), { expected: 'a key', came: 'none', advice: 'The field is idempotency_key.' });
    const isShared = [0, 3, 6].every((first) => new Set(keys.slice(first, first + 3)).size === 1);
    must(isShared, {
      expected: 'one key for all calls of a payment',
      came: 'another one when it is called again',
      advice: 'Draw the key once, before the call. The channel sends the same request again by itself.',
    });
    must(new Set(keys).size === 3, {
      expected: 'another key for another payment, even when payee and amount are the same',
      came: 'the same key',
      advice: 'randomUUID() draws one that nobody else has. What is computed from the payment is no key.',
    });
    const failing = await cashier({ pay: () => status.UNAVAILABLE });
    const stubborn = configured(failing.address, { methodConfig: [again(2)] });
    await rejectedWith(pay(stubborn, one, 3_000), status.UNAVAILABLE);
    same(failing.pays.length, 2, 'Call stub.Pay once, without a loop: its channel makes two calls here.');
  });

  it('waits for a server that is still to come', async () => {
    const { pay } = await client();
    const address = await gone();
    const stub = configured(address, { methodConfig: [] }, { 'grpc.initial_reconnect_backoff_ms': 50 });
    const one = aPayment();
    const paying = await begun(pay(stub, one, 9_000));
    const advice = 'new Metadata({ waitForReady: true }) goes between the request and the options.';
    await nobodyFound(stub, () => !paying.isOpen());
    const failed = paying.isOpen() ? '' : await paying.promise.then(() => 'its end', String);
    must(failed === '', { expected: 'pay to wait until somebody listens', came: failed, advice });
    const { pays } = await cashier({}, address);
    same(await settled(paying.promise, advice), answerTo(pays[0]!), advice);
  });

  it('does not wait longer than it has patience', async () => {
    const [{ pay }, one] = [await client(), aPayment()];
    const { address, pays } = await cashier({ pay: (_came, index) => index < 2 });
    const stub = configured(address, { methodConfig: [] });
    const patience = integer(20, 40) * 1_000;
    await settled(pay(stub, one, patience), 'The server answers at once.');
    const [{ left } = { left: 0 }] = pays;
    must(left > patience - 5_000 && left <= patience, {
      expected: `a deadline in ${patience / 1_000} seconds, which is the patience given`,
      came: left === Infinity ? 'none: that waits for ever' : `one in ${(left / 1_000).toFixed(1)} seconds`,
      advice: 'A deadline is a point in time: Date.now() + patience, for each payment anew.',
    });
    const nobody = configured(await gone(), { methodConfig: [] });
    await rejectedWith(pay(nobody, one, integer(100, 200)), status.DEADLINE_EXCEEDED);
    moveTimeOn(3_600_000);
    await settled(pay(stub, one, patience), 'An hour later, a payment has a deadline of its own.');
  });
});

describe('Step 5 · Ask a second time when the answer is late', () => {
  const hedged = async (total: Decide) => {
    const { hedging } = await client();
    const came = await cashier({ total, pay: () => false });
    return { ...came, stub: configured(came.address, { methodConfig: [hedging()] }) };
  };
  const advice = "hedgingDelay is '0.05s', and maxAttempts 2.";

  it('asks a second time when no answer has come, and gives up the first call', async () => {
    // Every call that would be answered comes second.
    const { stub, totals } = await hedged((_came, index) => index % 2 === 1);
    const gaps: number[] = [];
    for (const read of [1, 2, 3, 4, 5]) {
      const how = await totalAsked(stub);
      must(how === 'OK' && totals.length === 2 * read, {
        expected: 'a second call, and its answer',
        came: `${totals.length - 2 * (read - 1)} call(s), and ${how}`,
        advice: totals.length > 2 * read - 1 ? advice : ignoredName,
      });
      const [first, second] = totals.slice(-2) as [Came, Came];
      gaps.push(second.at - first.at);
      await becomes(first.isCancelled, {
        expected: 'the first call to be cancelled',
        came: 'it is open',
        advice,
      });
    }
    // On a machine that is busy, some of the calls come late: the last but one says what the others would.
    const gap = Math.round(gaps.toSorted((one, other) => one - other)[3]!);
    must(gap > 25 && gap < 400, {
      expected: 'the second call 0.05 seconds after the first',
      came: gap > 25 ? 'one much later' : 'both at once',
      advice: "hedgingDelay is '0.05s'. Without it, all calls go out at once.",
    });
  });

  it('does not ask a second time when the answer comes at once', async () => {
    const { stub, totals } = await hedged(() => true);
    for (let read = 0; read < 8; read += 1) same(await totalAsked(stub), 'OK', advice);
    // A machine that is busy may take longer now and then.
    must(totals.length <= 12, {
      expected: 'one call for most of 8 reads',
      came: `${totals.length} calls`,
      advice: "hedgingDelay is '0.05s'. Without it, all calls go out at once.",
    });
  });

  it('goes on after UNAVAILABLE, and passes on every other status', async () => {
    for (const code of everyFailure) {
      const { stub, totals } = await hedged((_came, index) => (index === 0 ? code : true));
      const isFatal = code !== status.UNAVAILABLE;
      const how = await totalAsked(stub);
      same(
        isFatal ? how : inCalls(how, totals.length),
        isFatal ? status[code] : inCalls('OK', 2),
        'nonFatalStatusCodes has UNAVAILABLE, and nothing else: after the others, another call ends the same way.',
      );
    }
  });

  it('takes a second and a half at most, in two calls', async () => {
    const { stub, totals, pays } = await hedged(() => false);
    void paid(stub, { payee: 'Ada', amount: 1, idempotency_key: 'a key' });
    const how = await within(totalAsked(stub), {
      expected: 'DEADLINE_EXCEEDED after a second and a half',
      came: 'nothing',
      advice: "timeout is '1.500000000s'.",
    });
    same(
      inCalls(how, totals.length),
      inCalls('DEADLINE_EXCEEDED', 2),
      totals.length > 1 ? advice : ignoredName,
    );
    const left = Math.max(...totals.map((each) => each.left));
    must(left > 1_150 && left <= 1_500, {
      expected: 'a deadline in 1.5 seconds',
      came: `one in ${(left / 1_000).toFixed(1)} seconds`,
      advice: "grpc-js takes '1.5s' for one second and 5 nanoseconds. Write nine digits: '1.500000000s'.",
    });
    const forReads = 'The name is for GetTotal alone: a payment is no read.';
    same(`Pay in ${pays.length} call(s)`, 'Pay in 1 call(s)', forReads);
  });
});

describe('Step 6 · Name what would be ignored in silence', () => {
  const silencesOf = async (config: ServiceConfig, methods: string[]): Promise<string[]> => {
    const { silences } = await client();
    const before = structuredClone(config);
    const places = silences(config, methods);
    same(config, before, 'Leave the config as it is.');
    return places.toSorted();
  };

  it('finds nothing where all is well', async () => {
    const { methods, right } = drawnConfigs();
    same(await silencesOf({ methodConfig: right }, methods), [], 'Nothing of this is ignored.');
    same(await silencesOf({ methodConfig: [] }, methods), [], 'An empty list is none to complain about.');
  });

  it.each(trapsHave)('names %s', async (what) => {
    const { methods, right, traps } = drawnConfigs();
    const [config, ...places] = traps[what];
    const index = integer(0, right.length);
    const expected = places.map((place) => `methodConfig[${index}].${place}`).toSorted();
    const came = await silencesOf({ methodConfig: right.toSpliced(index, 0, config) }, methods);
    same(came, expected, `Here it is ${what}. Each place is named once, and the others are right.`);
  });
});

describe('Both halves together', () => {
  it('books each payment once, however many answers are lost', async () => {
    printing();
    const { start } = await server();
    const { connect, retrying, pay } = await client();
    const address = await started(() => start('127.0.0.1:0', { db: ':memory:', lose: '2', desk: 'open' }));
    const stub = trackedStub(connect(address, retrying()));
    const { payee, amount } = aPayment();
    for (let count = 0; count < 4; count += 1) {
      await settled(pay(stub, { payee, amount }, 3_000), 'See with npm run lesson:12 what each side says.');
    }
    const total = await reply<Total__Output>((options, done) => stub.GetTotal({ payee }, options, done));
    same(total.payments, 4, 'Four were asked for: step 4 sends a key, and step 1 knows it again.');
  });
});

import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { status, type ServiceError } from '@grpc/grpc-js';
import { describe, it, vi } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/phoneotp.ts';
import { tryAgainIn } from '#shared/grpc/error-details.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { rejectedWith, settled } from '#kit/calls.ts';
import { CheckFailure, must, same } from '#kit/check-failure.ts';
import { integer } from '#kit/random-inputs.ts';
import { expectFault, faultOf } from '#kit/expected-faults.ts';
import {
  expectInvalid,
  expectReply,
  expectStatus,
  expectWait,
  said,
  staysSecret,
  type Outcome,
} from '#kit/otp/outcome.ts';
import { ada, codes, key, openedStore, phoneService } from '#kit/otp/phone-service.ts';
import { calling, started, stubAt } from '#kit/peers.ts';
import { printing } from '#kit/captured-output.ts';
import { signal } from '#kit/awaited-events.ts';
import { timersStarted } from '#kit/timers.ts';

const { PhoneOTPService } = loadProto<ProtoGrpcType>('phoneotp.proto').phoneotp;
const server = () => import('#answers/08-phone-otp/server.ts');
const client = () => import('#answers/08-phone-otp/client.ts');

const service = async (step: number, own?: Parameters<typeof phoneService>[2]) =>
  phoneService(await server(), step, own);

/** A store whose code another server is always quicker to take. */
const takenElsewhere = (step: number) => service(step, { store: { ...openedStore(), take: () => false } });

/** The same number in the words of a person. */
const adaAsTyped = '+1 (415) 555-0123';
const grace = '+442079460123';
const noNumbers = ['', 'Ada', '4155550123', '+1415555012', '+14155550123 ext. 7'];
const wrong = '999999';
const second = 1_000;
const minute = 60 * second;

/** Makes so many calls at once. */
const atOnce = <T>(count: number, call: () => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, call));

describe('Step 1 · Make a fingerprint of a code', () => {
  it('makes 32 bytes of a number and a code', async () => {
    const { fingerprint } = await server();
    const made: unknown = fingerprint(key, ada, codes[0]);
    const came = Buffer.isBuffer(made) ? `a Buffer of ${made.length} bytes` : inspect(made, { depth: 0 });
    const advice = 'Make it with SHA-256: digest() without an argument gives a Buffer.';
    must(came === 'a Buffer of 32 bytes', { expected: 'a Buffer of 32 bytes', came, advice });
    must(!/^[0-9a-f]{32}$/i.test((made as Buffer).toString('latin1')), {
      expected: 'the 32 bytes that SHA-256 gives',
      came: '32 hexadecimal digits, which are half of them',
      advice,
    });
  });

  const steady = 'Nothing random belongs in it: VerifyOTP makes it anew, and compares.';
  it('makes the same in another server', async () => {
    const one = (await server()).fingerprint(key, ada, codes[0]);
    vi.resetModules();
    const other = (await server()).fingerprint(key, ada, codes[0]);
    must(one.equals(other), { expected: 'the same', came: 'another', advice: steady });
  });

  const both = 'update(…) takes one text with both in it: the number and the code.';
  const keyed = "Without a key, a million codes are soon tried against it: take createHmac('sha256', key).";
  const hmac = "The key goes into createHmac('sha256', key), and only number and code into update(…).";
  // An HMAC hashes a key that is longer than a block, and goes on with that hash as the key.
  const long = Buffer.alloc(100, 'a key that is longer than a block of SHA-256');
  const hashed = createHash('sha256').update(long).digest();
  it.each([
    ['the same', 'nothing is another', key, key, ada, codes[0], steady],
    ['another', 'the code is another', key, key, ada, codes[1], both],
    ['another', 'the number is another', key, key, grace, codes[0], both],
    ['another', 'the country alone is another', key, key, ada.replace('+1', '+2'), codes[0], both],
    ['another', 'the key is another', key, Buffer.alloc(32), ada, codes[0], keyed],
    ['the same', 'a long key is hashed first', long, hashed, ada, codes[0], hmac],
  ] as const)('makes %s fingerprint when %s', async (expected, _when, first, other, number, code, advice) => {
    const { fingerprint } = await server();
    const one = fingerprint(first, ada, codes[0]);
    const isSame = one.equals(fingerprint(other, number, code));
    if (isSame === (expected === 'the same')) return;
    // A server that has made none before tells whether this one goes by what it has made before.
    vi.resetModules();
    const isSameAnew = one.equals((await server()).fingerprint(other, number, code));
    throw new CheckFailure({
      expected,
      came: isSame ? 'the same' : 'another',
      advice: isSame === isSameAnew ? advice : 'Make it anew in each call, and remember no fingerprint.',
    });
  });
});

describe('Step 2 · Say when it is too soon', () => {
  it('answers RESOURCE_EXHAUSTED until another code may be sent, and says how long that is', async () => {
    const { send, sendUntilCode, clock } = await service(2);
    const tooSoon = 'When claimSend gives more than 0, answer with tryAgainIn(…) and return.';
    const counted = 'When claimSend gives 0, the send is counted, and the code may go: ask it once a call.';
    const five = 'Ask claimSend once a call, with now(): it lets five sends through in ten minutes.';
    for (const [later, phone, wait, advice] of [
      [0, ada, 0, 'The first code for a number may be sent at once.'],
      [2_500, ada, 28, tooSoon],
      [0, adaAsTyped, 28, 'This is the same number in other words: hand claimSend `number`, not what came.'],
      [27_499, ada, 1, tooSoon],
      [1, ada, 0, counted],
      [0, grace, 0, 'Each number has a counter of its own: hand claimSend the number.'],
      [minute, ada, 0, five],
      [minute, ada, 0, five],
      [minute, ada, 0, five],
      [minute, ada, 5.5 * 60, five],
      [5.5 * minute, ada, 0, 'Ten minutes after the first send, there is room for another one.'],
    ] as const) {
      clock.now += later;
      expectWait(await (wait > 0 ? send : sendUntilCode)(phone), wait, advice);
    }
  });

  it('has no code for what is no phone number', async () => {
    const { send, sms } = await service(2);
    for (const phone of noNumbers) expectInvalid(await send(phone), 'phone_number');
    same(sms, [], 'Nothing is sent to what is no number.');
  });
});

describe('Step 3 · Deliver a code', () => {
  const success = 'When the SMS is on its way: callback(null, { success: true }).';

  it('delivers a new code for each send, and tells it nobody else', async () => {
    const { send, sms } = await service(3);
    const printed = printing();
    for (const [index, number] of ['+14155550123', '+14155550124', '+14155550125'].entries()) {
      const code = codes[index]!;
      const outcome = await send(number.replace('+1415', '+1 (415) '));
      expectReply(outcome, true, success);
      staysSecret(code, 'the code', outcome, printed);
      const sent = sms.slice(index);
      must(sent.length === 1 && sent[0]!.startsWith(`to ${number}: `) && sent[0]!.includes(code), {
        expected: `one SMS, to ${number}, with the code ${code}, which the generator gave`,
        came: sent.join(', and ') || 'no SMS',
        advice: 'Call generate() and sender.send(number, text) once a send, with `number` as it was read.',
      });
    }
  });

  it('keeps the fingerprint of the new code in place of the old one, and then delivers the code', async () => {
    const good: boolean[] = [];
    const sender = { send: async () => void good.push(isGood(codes[0])) };
    const { send, give, isGood } = await service(3, { sender });
    give(wrong);
    expectReply(await send(adaAsTyped), true, success);
    good.push(isGood(codes[0]));
    const advice =
      'The new code is good at its delivery, and afterwards: store.keep comes before sender.send.';
    same(good, [true, true], advice);
  });

  it.for(['success', 'UNAVAILABLE', 'UNAVAILABLE, and leaves a newer code'])(
    'waits for its own delivery alone, then answers %s',
    async (answer) => {
      const reached = signal();
      const othersDone = signal();
      const newer = answer.includes('newer') ? codes[2] : undefined;
      const { send, give, isGood } = await service(3, {
        sender: {
          send: async (to) => {
            if (to !== ada) return;
            reached.send();
            await othersDone.sent;
            const refusal = `the provider refuses "your code is ${codes[0]}"`;
            // Anything may be thrown.
            if (answer !== 'success') throw newer ? refusal : new Error(refusal);
          },
        },
      });
      const printed = printing();
      const timers = timersStarted();
      const quiet = 'no answer while the sender is still at work';
      let early = quiet;
      const sending = send(ada).then((outcome) => {
        early = said(outcome);
        return outcome;
      });
      await Promise.race([sending, reached.sent]);
      // On the same connection: what was answered before this one comes before this one.
      expectReply(await send(grace), true, success);
      must(early === quiet, {
        expected: quiet,
        came: early,
        advice: 'sender.send gives a promise: await it.',
      });
      if (newer) give(newer);
      othersDone.send();
      const outcome = await sending.finally(timers.stop);
      timers.noneOfLesson('sender.send gives a promise: wait for it, however long that takes.');
      if (answer === 'success') return expectReply(outcome, true, success);
      expectStatus(
        outcome,
        status.UNAVAILABLE,
        'When sender.send rejects, answer { code: status.UNAVAILABLE }.',
      );
      staysSecret(codes[0], "the sender's error, which tells the code,", outcome, printed);
      const advice =
        'Take back what nobody has received, and that alone: keep its fingerprint in the handler.';
      const good = {
        itsCodeIsGood: isGood(codes[0]),
        othersCodeIsGood: isGood(codes[1], grace),
        ...(newer && { newerCodeIsGood: isGood(newer) }),
      };
      const expected = {
        itsCodeIsGood: false,
        othersCodeIsGood: true,
        ...(newer && { newerCodeIsGood: true }),
      };
      same(good, expected, advice);
    },
  );

  it('delivers nothing when the store fails, and lets the error pass', async () => {
    const failure = 'the store cannot keep it';
    expectFault(failure);
    const keep = (): never => {
      throw new Error(failure);
    };
    const { send, sms } = await service(3, { store: { ...openedStore(), keep } });
    const advice = 'What keep throws is no failed delivery: call it before your try, and let it throw.';
    expectStatus(await send(), status.INTERNAL, advice);
    same(sms, [], advice);
  });

  it('makes codes of six digits when it is given no generator', async () => {
    const { sixDigits } = await server();
    const { send, sms } = await service(3, { generate: undefined });
    expectReply(await send(), true, success);
    const sent = /(?<!\d)\d{6}(?!\d)/.exec(sms[0] ?? '')?.[0] ?? `the SMS ${sms[0]}`;
    const many = [sent, ...Array.from({ length: 400 }, () => sixDigits())];
    const odd = many.find((code) => !/^\d{6}$/.test(code));
    must(odd === undefined && many.some((code) => code.startsWith('0')), {
      expected: 'six digits, the first of which may be 0',
      came: odd ?? 'no code that begins with 0, among 400',
      advice: "This was there already: String(randomInt(1_000_000)).padStart(6, '0'). Keep it a text.",
    });
  });
});

describe('Step 4 · Spend a try before you look', () => {
  const oneTry = 'Call store.spendTry(number, now()) once a call, with the number as it was read.';

  it('answers what redeem says of the code', async () => {
    const { redeem } = await server();
    for (const otp of [codes[0], wrong]) {
      const { give, verify, store, clock } = await service(4);
      const printed = printing();
      give(codes[0]);
      const outcome = await verify(otp, adaAsTyped);
      staysSecret(otp, 'what was typed as a code', outcome, printed);
      give(codes[0]);
      const { kept } = store.spendTry(ada, clock.now);
      // It may throw, and it may be wrong: that is for its own step.
      const redeemed = await (async () => redeem({ store, key }, ada, otp, kept))().then(
        (says) => ({ success: Boolean(says) }),
        (error: unknown) => ({ error: faultOf(error).message }),
      );
      const came = outcome.error ? { error: outcome.error.details } : outcome.reply;
      same(came, redeemed, 'Answer what redeem says, with the `kept` that spendTry gave.');
    }
  });

  it('spends one of the five tries of a code for each call, even when they come at once', async () => {
    for (const calls of [4, 5]) {
      const { give, isGood, verify } = await takenElsewhere(4);
      give(codes[0]);
      for (const outcome of await atOnce(calls, () => verify(wrong, adaAsTyped))) {
        expectWait(outcome, 0, 'While the number need not wait, answer with what redeem says.');
      }
      same({ calls, codeIsGood: isGood(codes[0]) }, { calls, codeIsGood: calls < 5 }, oneTry);
    }
  });

  it('makes a number wait from the tenth failure in a row on, longer each time', async () => {
    const { verify, clock } = await takenElsewhere(4);
    const tooMany = 'When the `wait` of spendTry is more than 0, answer with tryAgainIn(…) and return.';
    for (const phone of [ada, grace]) {
      for (const [later, wait, advice] of [
        ...Array.from({ length: 10 }, () => [0, 0, `The first ten come without a wait. ${oneTry}`] as const),
        [0, 60, tooMany],
        [minute - 1, 1, tooMany],
        [1, 0, 'After the wait, one more try is allowed.'],
        [0, 120, 'Each further failure doubles the wait.'],
      ] as const) {
        clock.now += later;
        expectWait(await verify(wrong, phone), wait, advice);
      }
    }
  });

  it('spends nothing on what cannot be a code or a number', async () => {
    const { verify } = await takenElsewhere(4);
    const noCodes = ['', '12345', '1234567', '12345a', ' 12345', '１２３４５６', '123456\n'];
    for (const otp of [...noCodes, ...noCodes]) expectInvalid(await verify(otp), 'otp');
    for (const phone of noNumbers) expectInvalid(await verify(wrong, phone), 'phone_number');
    expectWait(await verify(wrong), 0, 'None of these was a try: spend one only behind the given lines.');
  });
});

describe('Step 5 · Compare in constant time, and take the code once', () => {
  const right = 'timingSafeEqual compares, redeem returns what it says, and a wrong code takes nothing away.';
  const onlySame = 'Only the same fingerprint is a success.';
  const once =
    'A code is good for one success: store.take takes it away, before you answer, for the second call may come at once.';

  it('says true for the newest code of a number, once and within five minutes', async () => {
    const { give, verify, clock } = await service(5);
    const [old, newest, another, late] = codes;
    const [linus, radia] = ['+14155550124', '+14155550125'];
    give(old);
    give(newest);
    give(another, grace);
    give(late, linus);
    give('012345', radia);
    for (const [later, otp, phone, success, advice] of [
      [0, wrong, ada, false, onlySame],
      ...['000000', '123456', '111111'].map((usual) => [0, usual, grace, false, onlySame] as const),
      [0, old, ada, false, 'Only the newest code is good.'],
      [0, another, ada, false, "Another number's code is a wrong code."],
      [0, newest, adaAsTyped, true, right],
      [0, newest, ada, false, once],
      [0, '012345', radia, true, 'This was the right code: `otp` is a text, whose first digit may be 0.'],
      [5 * minute - 1, another, grace, true, right],
      [1, late, linus, false, 'The store knows how old a code is: go by its `kept` alone.'],
    ] as const) {
      clock.now += later;
      expectReply(await verify(otp, phone), success, advice);
    }
  });

  it('compares all 32 bytes of the fingerprint', async () => {
    const { fingerprint } = await server();
    const { verify, store, clock } = await service(5);
    for (const place of [0, 31]) {
      const other = Buffer.from(fingerprint(key, ada, codes[0]));
      other[place]! ^= 1;
      store.keep(ada, other, clock.now);
      expectReply(await verify(codes[0]), false, 'Hand both fingerprints to timingSafeEqual as they are.');
    }
  });

  it('says true behind four wrong codes that came at once, each time anew, and false behind five', async () => {
    const { give, verify } = await service(5);
    const good = 'A code is good for five tries with its `kept`, and taking it ends the row of failures.';
    const row =
      'The number has to wait, although its code was right before: store.take ends the row of failures, and withdraw does not.';
    for (const [round, tries] of [4, 4, 4, 5].entries()) {
      give(codes[round]!);
      const adviceFor = ({ error }: Outcome, advice: string): string =>
        round > 0 && error?.code === status.RESOURCE_EXHAUSTED ? row : advice;
      for (const guess of await atOnce(tries, () => verify(wrong)))
        expectReply(guess, false, adviceFor(guess, onlySame));
      const outcome = await verify(codes[round]!);
      expectReply(outcome, tries < 5, adviceFor(outcome, good));
    }
  });

  it('says false when another server has taken the code a moment ago', async () => {
    const { give, verify } = await takenElsewhere(5);
    give(codes[0]);
    const advice = 'The code was right, yet store.take said false: another was quicker. Answer what it says.';
    expectReply(await verify(codes[0]), false, advice);
  });

  it('says the same to who guesses at a number that was never sent a code', async () => {
    const { give, verify } = await service(5);
    give(codes[0]);
    const heard = async (phone: string): Promise<string[]> =>
      (await atOnce(12, () => verify(wrong, phone))).map(said);
    const known = await heard(ada);
    same(await heard(grace), known, 'No answer may tell whether a number was sent a code.');
  });
});

describe('Step 6 · Know when to try again', () => {
  const now = Date.UTC(2030, 0, 1);

  /** A point in time in words. */
  const inWords = (at: unknown): string =>
    typeof at === 'number' && Math.abs(at - now) < 24 * 60 * minute
      ? `${(at - now) / second} seconds from now`
      : inspect(at, { depth: 0 });

  it('counts from now for how long the server tells it to wait, and says undefined when it does not', async () => {
    const { retryAt, sendOtp } = await client();
    const milliseconds = 'detailsOf(error).retryAfter is in seconds: add them to `now`, as milliseconds.';
    const untold = 'With words alone, retryAfter is undefined, and undefined is what you return.';
    const tooSoon = (seconds: number) =>
      [tryAgainIn('too soon', seconds), now + seconds * second, milliseconds] as const;
    for (const [refusal, expected, advice] of [
      tooSoon(0),
      tooSoon(integer(1, 59)),
      tooSoon(integer(60, 3_600)),
      [{ code: status.RESOURCE_EXHAUSTED, details: 'in 5 seconds' }, undefined, untold],
    ] as const) {
      const handler = (_call: unknown, callback: (error: Partial<ServiceError>) => void) => callback(refusal);
      const stub = await calling(PhoneOTPService, { SendOTP: handler });
      const error = await rejectedWith(sendOtp(stub, ada), status.RESOURCE_EXHAUSTED);
      const at: unknown = retryAt(error, now);
      must(at === expected, { expected: inWords(expected), came: inWords(at), advice });
    }
  });
});

describe('Both halves together', () => {
  it('sends a code, refuses a wrong one and takes the right one, once', async () => {
    const { start } = await server();
    const { retryAt, sendOtp, verifyOtp } = await client();
    const printed = printing();
    const address = await started(() => start('127.0.0.1:0', { db: ':memory:' }));
    const stub = stubAt(PhoneOTPService, address);
    await settled(sendOtp(stub, ada), 'Does SendOTP answer?');
    const sms = /^SMS to \+14155550123: .*?(?<!\d)(\d{6})(?!\d)/ms.exec(printed.join('\n'));
    must(sms, {
      expected: `a line "SMS to ${ada}: your code is 123456" in the server's terminal`,
      came: printed.join('\n') || 'none',
      advice: 'The text of the SMS has the code in it: "your code is …", for example.',
    });
    const code = sms[1]!;
    for (const [otp, success, advice] of [
      [code === wrong ? '000000' : wrong, false, 'This was a wrong code.'],
      [code, true, 'This was the right code.'],
      [code, false, 'A code is good for one success.'],
    ] as const) {
      same(await settled(verifyOtp(stub, ada, otp), 'Does VerifyOTP answer?'), success, advice);
    }
    const at = retryAt(await rejectedWith(sendOtp(stub, ada), status.RESOURCE_EXHAUSTED), 0);
    must(at !== undefined && at > 0 && at <= 30 * second, {
      expected: 'your server to say when to try again, within 30 seconds, and your client to read it',
      came: String(at),
      advice: 'Look at steps 2 and 6.',
    });
  });
});

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { inspect } from 'node:util';
import {
  Metadata,
  status,
  type CallOptions,
  type ClientUnaryCall,
  type handleUnaryCall,
  type requestCallback,
  type ServiceError,
} from '@grpc/grpc-js';
import { describe, it, onTestFinished, vi } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/phoneotp.ts';
import type {
  PhoneOTPServiceClient,
  PhoneOTPServiceHandlers,
} from '#protos/generated/phoneotp/PhoneOTPService.ts';
import { detailsOf, tryAgainIn } from '#shared/grpc/error-details.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import type { SmsSender } from '#shared/sms/sms-sender.ts';
import { openOtpStore, type OtpStore } from '#shared/storage/otp-store.ts';
import { within } from '#kit/bounds.ts';
import { rejectedWith, saidBeside, settled, soon } from '#kit/calls.ts';
import { CheckFailure, must, same } from '#kit/check-failure.ts';
import { integer } from '#kit/drawn.ts';
import { calling, started, stubAt } from '#kit/peers.ts';
import { printing } from '#kit/printing.ts';
import { signal } from '#kit/signals.ts';
import { tempFolder } from '#kit/temp-folder.ts';
import { faultOf } from '#kit/faults.ts';

const { PhoneOTPService } = loadProto<ProtoGrpcType>('phoneotp.proto').phoneotp;
const server = () => import('#answers/08-phone-otp/server.ts');
const client = () => import('#answers/08-phone-otp/client.ts');

const ada = '+14155550123';
/** The same number in the words of a person. */
const adaAsTyped = '+1 (415) 555-0123';
const grace = '+442079460123';
const key = Buffer.alloc(32, 'a key of the checks');
/** What the generator of the checks gives, one after the other. */
const codes = ['012345', '271828', '314159', '161803', '141421', '173205', '223606', '244948', '264575'];
const wrong = '999999';
const second = 1_000;
const minute = 60 * second;

/** What came of a call. */
interface Outcome {
  reply?: { success: boolean };
  error?: ServiceError;
  /** Metadata, trailers and details. */
  beside?: readonly string[];
}

/** Says which call of a check a handler has before it. */
const callKey = 'check-call';

const isStatus = (error: unknown): error is { code: status } =>
  !(error instanceof Error) && typeof (error as { code?: unknown } | undefined)?.code === 'number';

/**
 * Watches a handler of the learner: what it does after its answer no caller can see.
 *
 * @param handler - the handler
 * @param slip - told what the handler did wrong, and on which call
 * @param others - whether an error is for a later step to judge: it only ends the call then
 */
const watched =
  <Request, Reply>(
    handler: handleUnaryCall<Request, Reply>,
    slip: (id: string, failure: CheckFailure) => void,
    others: () => boolean,
  ): handleUnaryCall<Request, Reply> =>
  async (call, callback) => {
    const id = String(call.metadata.get(callKey)[0]);
    let answered: CheckFailure | undefined;
    let more = 'the callback called a second time: only the first answer is sent';
    const goesOn = (): void => {
      if (answered) slip(id, Object.assign(answered, { came: more }));
    };
    try {
      await handler(call, (...answer) => {
        if (answered) return goesOn();
        // Made here, so that it knows the line of the learner's that has answered.
        answered = new CheckFailure({
          expected: 'the handler to be done once it has answered',
          came: '',
          advice:
            'Calling the callback does not end a handler: return there, so that the lines below it are not reached.',
        });
        callback(...answer);
      });
    } catch (error) {
      const { message } = faultOf(error);
      if (answered) {
        more = `an answer, and then the lines below it: ${message}`;
        goesOn();
      } else if (isStatus(error)) {
        slip(
          id,
          new CheckFailure({
            expected: 'a status in the callback',
            came: `${status[error.code]}, thrown`,
            advice:
              'A status is the first argument of the callback: return callback(tryAgainIn(…)). Nothing is thrown.',
          }),
        );
        callback({ code: status.INTERNAL, details: 'a status was thrown' });
      } else if (others() && !message.includes('is not written yet')) {
        callback({ code: status.INTERNAL, details: message });
      } else throw error;
    }
  };

const said = ({ reply, error }: Outcome): string => {
  if (!error) return `the reply { success: ${reply?.success} }`;
  if (error.code === status.DEADLINE_EXCEEDED) {
    return 'nothing, until the deadline passed (DEADLINE_EXCEEDED): is the callback called?';
  }
  return `${status[error.code]}: ${error.details}`;
};

/**
 * The learner's service, with a clock, a generator and a phone of the check's own.
 *
 * @param own - what the check brings itself
 * @param judged - with 'part', errors of what comes behind a claimed send or a spent try are left to later steps
 */
const service = async (
  own: { store?: OtpStore; sender?: SmsSender; generate?: undefined } = {},
  judged: 'all' | 'part' = 'all',
) => {
  const { phoneOtp, fingerprint } = await server();
  const store = own.store ?? opened(':memory:');
  const clock = { now: Date.UTC(2030, 0, 1, 12) };
  const sms: { to: string; text: string }[] = [];
  let sends = 0;
  let onGenerate = (): void => {};
  let passed = false;
  /** The first time that the store was asked with another clock than the one of the check. */
  let otherClock: CheckFailure | undefined;
  /** Each method is judged in the checks of its own step alone; in all others the store goes by the right clock. */
  const timeFor = (method: string, at: unknown, judgedIn: typeof judged): number => {
    if (at !== clock.now && judged === judgedIn) {
      otherClock ??= new CheckFailure({
        expected: `store.${method} to be told the time of now()`,
        came: typeof at === 'number' ? 'another time' : inspect(at, { depth: 0 }),
        advice: 'now() is handed to you, as the store is: a check has a clock of its own.',
      });
    }
    return clock.now;
  };
  const parts = {
    key,
    now: () => clock.now,
    generate: () => {
      onGenerate();
      passed = true;
      return codes[sends++ % codes.length]!;
    },
    sender: { send: async (to: string, text: string) => void sms.push({ to, text }) },
    ...own,
    store: {
      ...store,
      claimSend: (number: string, at: number) => store.claimSend(number, timeFor('claimSend', at, 'part')),
      keep: (number: string, kept: Buffer, at: number) =>
        store.keep(number, kept, timeFor('keep', at, 'all')),
      spendTry: (number: string, at: number) => {
        const spent = store.spendTry(number, timeFor('spendTry', at, 'part'));
        passed ||= spent.wait === 0;
        return spent;
      },
    },
  };
  const { SendOTP, VerifyOTP } = phoneOtp(parts as Parameters<typeof phoneOtp>[0]);
  const slips = new Map<string, CheckFailure>();
  const watch = <Request, Reply>(handler: handleUnaryCall<Request, Reply>) =>
    watched(
      handler,
      (id, failure) => slips.set(id, failure),
      () => judged === 'part' && passed,
    );
  const stub = await calling(PhoneOTPService, { SendOTP: watch(SendOTP), VerifyOTP: watch(VerifyOTP) });
  let calls = 0;
  /** Makes a call. Whatever the handler does wrong after its answer is done before the answer is here. */
  const outcomeOf = async (
    make: (
      metadata: Metadata,
      options: CallOptions,
      done: requestCallback<{ success: boolean }>,
    ) => ClientUnaryCall,
  ): Promise<Outcome> => {
    const id = String((calls += 1));
    const metadata = new Metadata();
    metadata.set(callKey, id);
    let beside: readonly string[] = [];
    const outcome = await new Promise<Outcome>((resolve) => {
      let came: Outcome = {};
      const call = make(metadata, soon(), (error, reply) => {
        came = error ? { error } : { reply: reply! };
      });
      beside = saidBeside(call);
      call.on('status', () => resolve({ ...came, beside }));
    });
    const slip = slips.get(id) ?? otherClock;
    if (slip) throw slip;
    return outcome;
  };
  const send = (phone_number = ada): Promise<Outcome> =>
    outcomeOf((...rest) => stub.SendOTP({ phone_number }, ...rest));
  return {
    store,
    clock,
    sms,
    /** Puts a code into the store, as a send would. */
    give: (code: string, number = ada) => store.keep(number, fingerprint(key, number, code), clock.now),
    send,
    /** Sends, and looks no further than to the making of a code: what comes behind it is for another step. */
    sendUntilCode: (phone_number?: string) => {
      const reached = signal<Outcome>();
      onGenerate = () => reached.send({ reply: { success: true } });
      return Promise.race([send(phone_number), reached.sent]);
    },
    verify: (otp: string, phone_number = ada) =>
      outcomeOf((...rest) => stub.VerifyOTP({ phone_number, otp }, ...rest)),
  };
};

const opened = (file: string): OtpStore => {
  const store = openOtpStore(file, key);
  onTestFinished(() => store.close());
  return store;
};

const expectReply = (outcome: Outcome, success: boolean, advice: string): void =>
  must(outcome.reply?.success === success, {
    expected: `the reply { success: ${success} }`,
    came: said(outcome),
    advice,
  });

/** What is for one person's eyes is in nothing that the server sends back, and in no line that it prints. */
const staysSecret = (secret: string, what: string, { beside = [] }: Outcome, printed: string[]): void => {
  for (const [where, texts] of [
    ['what the server sends back', beside],
    ['the log of the server', printed],
  ] as const) {
    const text = texts.find((each) => each.includes(secret));
    must(text === undefined, {
      expected: `${what} to be nowhere but where it belongs`,
      came: `in ${where}: ${text}`,
      advice: 'Who reads it there could log in with it. Print it while you try something out, and no longer.',
    });
  }
};

/** What a call that went past a step cannot end with; any other end is for the steps behind it to judge. */
const notPassed = [
  status.RESOURCE_EXHAUSTED,
  status.INVALID_ARGUMENT,
  status.DEADLINE_EXCEEDED,
  status.UNIMPLEMENTED,
];

/** A call went on to what comes after a step, which may not be written yet. */
const expectPassed = (outcome: Outcome, step: number, advice: string): void => {
  const later = /step (\d+) is not written yet/.exec(outcome.error?.details ?? '')?.[1];
  const passed = !outcome.error || !notPassed.includes(outcome.error.code) || Number(later) > step;
  must(passed, { expected: 'a reply', came: said(outcome), advice });
};

const inSeconds = (count: number): string => `to be tried again in ${count} second${count === 1 ? '' : 's'}`;

const expectWait = (outcome: Outcome, seconds: number, advice: string): void => {
  const expected = `RESOURCE_EXHAUSTED, ${inSeconds(seconds)}`;
  must(outcome.error?.code === status.RESOURCE_EXHAUSTED, { expected, came: said(outcome), advice });
  const { retryAfter } = detailsOf(outcome.error);
  must(retryAfter === seconds, {
    expected,
    came: `RESOURCE_EXHAUSTED, ${retryAfter === undefined ? 'without a time for programs' : inSeconds(retryAfter)}`,
    advice:
      'tryAgainIn(details, seconds) makes the status. Ask the store with now(), and hand on the seconds that it gives, as they are.',
  });
  const told = outcome.error.details.match(/\d+/g)?.map(Number) ?? [];
  must(told.includes(seconds), {
    expected: `details that tell people too when to try again: in ${seconds} seconds`,
    came: outcome.error.details,
    advice: 'Put the seconds into the details.',
  });
};

const expectInvalid = (outcome: Outcome, field: string): void => {
  const { error } = outcome;
  must(error?.code === status.INVALID_ARGUMENT && detailsOf(error).violations[0]?.field === field, {
    expected: `INVALID_ARGUMENT that names the field ${field}`,
    came: said(outcome),
    advice: 'This was there already: the first lines of the handler answer with invalidArgument(field, …).',
  });
};

describe('Step 1 · Make a fingerprint of a code', () => {
  it('makes 32 bytes of a number and a code, always the same ones', async () => {
    const { fingerprint } = await server();
    const made = fingerprint(key, ada, codes[0]!);
    must(Buffer.isBuffer(made) && made.length === 32, {
      expected: 'a Buffer of 32 bytes',
      came: Buffer.isBuffer(made) ? `a Buffer of ${made.length} bytes` : inspect(made, { depth: 0 }),
      advice:
        made === undefined
          ? 'Return what digest() gives.'
          : "Make it with SHA-256. digest() without an argument gives a Buffer; digest('hex') gives text.",
    });
    must(made.equals(fingerprint(key, ada, codes[0]!)), {
      expected: 'the same fingerprint for the same number and code',
      came: 'another one',
      advice: 'Nothing random belongs into it: VerifyOTP makes it anew, and compares.',
    });
  });

  it.each([
    ['the code', key, ada, codes[1]!],
    ['the number', key, grace, codes[0]!],
    ['the key', Buffer.alloc(32, 'another key'), ada, codes[0]!],
  ])('makes another one when %s is another', async (what, otherKey, number, code) => {
    const { fingerprint } = await server();
    must(!fingerprint(key, ada, codes[0]!).equals(fingerprint(otherKey, number, code)), {
      expected: `another fingerprint when ${what} is another`,
      came: 'the same one',
      advice:
        what === 'the key'
          ? "A plain hash needs no key, and a million codes are quickly tried against it: take createHmac('sha256', key)."
          : 'update(…) takes one text with both in it: the number and the code.',
    });
  });

  it('is an HMAC, and no hash of the key and the text', async () => {
    const { fingerprint } = await server();
    // An HMAC hashes a key that is longer than a block of SHA-256, and goes on with that hash as the key.
    const long = Buffer.alloc(100, 'a key that is longer than a block');
    const short = createHash('sha256').update(long).digest();
    must(fingerprint(long, ada, codes[0]!).equals(fingerprint(short, ada, codes[0]!)), {
      expected: 'an HMAC-SHA-256',
      came: 'something else that depends on the key',
      advice: "The key goes into createHmac('sha256', key), and only number and code into update(…).",
    });
  });
});

describe('Step 2 · Say when it is too soon', () => {
  /** What is done with a code is for the next step. */
  const untilCode = () => service({ store: { ...opened(':memory:'), keep: () => {} } }, 'part');

  it('answers RESOURCE_EXHAUSTED until 30 seconds have passed, and says how long that is', async () => {
    const { send, sendUntilCode, clock } = await untilCode();
    expectPassed(await sendUntilCode(), 2, 'The first code for a number may be sent at once.');
    clock.now += 2_500;
    const advice = 'When claimSend gives more than 0, answer with tryAgainIn(…) and return.';
    expectWait(await send(), 28, advice);
    expectWait(
      await send(adaAsTyped),
      28,
      'This is the same number, written in another way: hand claimSend `number`, not what came.',
    );
    clock.now += 27_499;
    expectWait(await send(), 1, advice);
    clock.now += 1;
    expectPassed(
      await sendUntilCode(),
      2,
      'When claimSend gives 0, the send is counted, and the code may go. Ask it once a call.',
    );
    expectPassed(
      await sendUntilCode(grace),
      2,
      'Each number has its own counter: hand claimSend the number.',
    );
  });

  it('lets five sends through in ten minutes', async () => {
    const { send, sendUntilCode, clock } = await untilCode();
    for (let count = 1; count <= 5; count += 1) {
      expectPassed(
        await sendUntilCode(),
        2,
        `Send ${count} of five, a minute after the last one, may go: claimSend is called once for each, with now().`,
      );
      clock.now += minute;
    }
    expectWait(
      await send(),
      5 * 60,
      'The store counts what claimSend has let through, at the time of now().',
    );
    clock.now += 5 * minute;
    expectPassed(
      await sendUntilCode(),
      2,
      'Ten minutes after the first send, there is room for another one.',
    );
  });

  it('has no code for what is no phone number', async () => {
    const { send, sms } = await service();
    for (const phone of ['', 'Ada', '4155550123', '+1415555012', '+14155550123 ext. 7']) {
      expectInvalid(await send(phone), 'phone_number');
    }
    same(sms, [], 'Nothing is sent to what is no number.');
  });
});

describe('Step 3 · Deliver a code', () => {
  const successAdvice = 'When the SMS is on its way: callback(null, { success: true }).';

  it('delivers a new code for each send, and answers success', async () => {
    const { send, sms } = await service();
    const printed = printing();
    for (const [count, number] of ['+14155550123', '+14155550124', '+14155550125'].entries()) {
      const code = codes[count]!;
      const outcome = await send(number.replace('+1415', '+1 (415) '));
      expectReply(outcome, true, successAdvice);
      staysSecret(code, 'the code', outcome, printed);
      const last = sms.at(-1);
      must(last?.to === number && last.text.includes(code), {
        expected: `an SMS to ${number} with the code ${code}, which the generator gave`,
        came: last ? `an SMS to ${last.to}: ${last.text}` : 'no SMS',
        advice:
          'generate() is handed to you, and called once a send; sender.send(number, text) delivers, to `number` as it was read.',
      });
    }
    same(sms.length, 3, 'One SMS for each send.');
  });

  it('keeps the fingerprint of the code before it delivers the code', async () => {
    const { fingerprint } = await server();
    const store = opened(':memory:');
    let kept: Buffer | undefined;
    const { send, clock } = await service({
      store,
      sender: { send: async () => void (kept = store.spendTry(ada, clock.now).kept) },
    });
    expectReply(await send(), true, successAdvice);
    must(kept?.equals(fingerprint(key, ada, codes[0]!)), {
      expected: 'the fingerprint of the code to be in the store when the SMS goes out',
      came: kept ? 'no fingerprint of this code there' : 'no SMS',
      advice:
        'store.keep(number, fingerprint(key, number, code), now()) comes before sender.send: a phone can be quick.',
    });
  });

  it('puts a new code in place of the one before', async () => {
    const { fingerprint } = await server();
    const { send, store, clock } = await service();
    store.keep(ada, fingerprint(key, ada, wrong), clock.now);
    expectReply(await send(adaAsTyped), true, successAdvice);
    must(store.spendTry(ada, clock.now).kept.equals(fingerprint(key, ada, codes[0]!)), {
      expected: 'the new code to be the one that is good',
      came: 'the old one, or none',
      advice: 'store.keep overwrites what was there. Use `number` everywhere: people write it in many ways.',
    });
  });

  it('answers only when the SMS is on its way', async () => {
    const reached = signal();
    const delivered = signal();
    const { send, verify } = await service({
      sender: {
        send: () => {
          reached.send();
          return delivered.sent;
        },
      },
    });
    let answered: Outcome | undefined;
    const sending = send().then((outcome) => (answered = outcome));
    await Promise.race([sending, reached.sent]);
    // A call that overtakes it, on the same connection: what was answered before this came before this.
    await verify(wrong, 'no number');
    must(!answered, {
      expected: 'no answer while the sender is still at work',
      came: answered ? said(answered) : '',
      advice: 'sender.send gives a promise: await it before you answer.',
    });
    delivered.send();
    expectReply(await sending, true, 'When the promise of sender.send resolves, answer with success: true.');
  });

  it('answers UNAVAILABLE when the SMS cannot be sent, and leaves no code behind', async () => {
    const { fingerprint } = await server();
    const secret = `the provider refuses "your code is ${codes[0]}"`;
    const { send, store, clock } = await service({
      sender: { send: () => Promise.reject(new Error(secret)) },
    });
    const printed = printing();
    const outcome = await send();
    must(outcome.error?.code === status.UNAVAILABLE, {
      expected: 'UNAVAILABLE',
      came: said(outcome),
      advice: 'When sender.send rejects, answer { code: status.UNAVAILABLE, details: … }.',
    });
    must(!outcome.error.details.includes(codes[0]!), {
      expected: 'details without the code',
      came: outcome.error.details,
      advice: "The sender's error may tell the text of the SMS: use words of your own.",
    });
    staysSecret(codes[0]!, "the sender's error, which tells the code,", outcome, printed);
    must(!store.spendTry(ada, clock.now).kept.equals(fingerprint(key, ada, codes[0]!)), {
      expected: 'no code to be good that nobody has received',
      came: 'a code in the store that is still good',
      advice: 'Take it back with store.withdraw(number, …).',
    });
    must(store.claimSend(ada, clock.now) > 0, {
      expected: 'the send to count, although it has failed',
      came: 'another one that may go at once',
      advice: 'What claimSend has counted stays counted.',
    });
  });

  it('takes back the code of its own call, whatever others do meanwhile', async () => {
    const { fingerprint } = await server();
    const reached = signal();
    const othersDone = signal();
    const { send, store, clock } = await service({
      sender: {
        send: async (to) => {
          if (to !== ada) return;
          reached.send();
          await othersDone.sent;
          throw new Error('no credit');
        },
      },
    });
    const failing = send(ada);
    await Promise.race([failing, reached.sent]);
    expectReply(await send(grace), true, successAdvice);
    othersDone.send();
    await failing;
    const isGood = (number: string, code: string): boolean =>
      store.spendTry(number, clock.now).kept.equals(fingerprint(key, number, code));
    same(
      { ofTheFailedSend: isGood(ada, codes[0]!), ofTheOther: isGood(grace, codes[1]!) },
      { ofTheFailedSend: false, ofTheOther: true },
      'While you wait for the sender, other calls go on: keep the fingerprint in the handler, and nowhere else.',
    );
  });

  it('writes neither the code nor the number into the database', async () => {
    const folder = tempFolder();
    const { send, sms } = await service({ store: opened(path.join(folder, 'otp.db')) });
    expectReply(await send(), true, successAdvice);
    same(sms.length, 1, 'One SMS for each send.');
    for (const file of readdirSync(folder)) {
      const bytes = readFileSync(path.join(folder, file));
      for (const [what, text] of [
        ['the code', codes[0]!],
        ['the number', ada.slice(1)],
      ] as const) {
        must(!bytes.includes(text), {
          expected: `${what} to be nowhere in the database`,
          came: `${what}, in ${file}`,
          advice: 'Keep nothing but fingerprint(key, number, code).',
        });
      }
    }
  });

  it('makes codes of six digits when it is given no generator', async () => {
    const { send, sms } = await service({ generate: undefined });
    expectReply(await send(), true, successAdvice);
    must(/(?<!\d)\d{6}(?!\d)/.test(sms[0]?.text ?? ''), {
      expected: 'an SMS with a code of six digits',
      came: sms[0]?.text ?? 'no SMS',
      advice: 'generate() gives six digits as text. Made a number, 012345 would lose its zero.',
    });
    const { sixDigits } = await server();
    const many = Array.from({ length: 400 }, () => sixDigits());
    must(many.every((code) => /^\d{6}$/.test(code)) && many.some((code) => code.startsWith('0')), {
      expected: 'sixDigits() to give six digits, the first of which may be 0',
      came: many.find((code) => !/^\d{6}$/.test(code)) ?? 'no code that begins with 0, among 400',
      advice: "This was there already: String(randomInt(1_000_000)).padStart(6, '0').",
    });
  });
});

describe('Step 4 · Spend a try before you look', () => {
  /** What is done with the code is for the next step. */
  const untilRedeemed = (store = opened(':memory:')) =>
    service({ store: { ...store, take: () => false } }, 'part');

  it('answers what redeem says of the code', async () => {
    const { fingerprint, redeem } = await server();
    for (const otp of [codes[0]!, wrong]) {
      const { give, verify, clock } = await service({}, 'part');
      give(codes[0]!);
      const printed = printing();
      const outcome = await verify(otp, adaAsTyped);
      staysSecret(otp, 'what was typed as a code', outcome, printed);
      const store = opened(':memory:');
      store.keep(ada, fingerprint(key, ada, codes[0]!), clock.now);
      const { kept } = store.spendTry(ada, clock.now);
      // It may throw, and it may be wrong: that is for its own step. The call has to end just so.
      const [expected, agreed] = await (async () => redeem({ store, key }, ada, otp, kept))().then(
        (says) => [`the reply { success: ${says} }`, outcome.reply?.success === Boolean(says)] as const,
        (error: unknown) => {
          const { message } = faultOf(error);
          return [`what redeem says: ${message}`, outcome.error?.details === message] as const;
        },
      );
      must(agreed, {
        expected: `${expected}, for ${otp === wrong ? 'a wrong' : 'the right'} code`,
        came: said(outcome),
        advice:
          'redeem compares: callback(null, { success: redeem({ store, key }, number, otp, kept) }), with what spendTry gave as `kept`.',
      });
    }
  });

  it('spends one of the five tries of a code for each call, even when they come at once', async () => {
    const { fingerprint } = await server();
    const store = opened(':memory:');
    const { verify, clock } = await untilRedeemed(store);
    const right = fingerprint(key, ada, codes[0]!);
    const advice =
      'Each call of VerifyOTP calls store.spendTry(number, now()) once, with the number as it was read.';
    for (const [calls, good] of [
      [4, true],
      [5, false],
    ] as const) {
      store.keep(ada, right, clock.now);
      for (const outcome of await Promise.all(
        Array.from({ length: calls }, () => verify(wrong, adaAsTyped)),
      )) {
        expectPassed(outcome, 4, 'While the number need not wait, answer with what redeem says.');
      }
      must(store.spendTry(ada, clock.now).kept.equals(right) === good, {
        expected: `${calls} of the five tries to be spent after ${calls} calls`,
        came: good ? 'none left' : 'one left',
        advice,
      });
      // Nobody has failed so far.
      store.keep(ada, right, clock.now);
      store.take(ada, right);
    }
  });

  it('makes a number wait from the tenth failure in a row on, longer each time', async () => {
    const { verify, clock } = await untilRedeemed();
    for (const phone of [ada, grace]) {
      for (let count = 1; count <= 10; count += 1) {
        expectPassed(
          await verify(wrong, phone),
          4,
          `Failure ${count} comes without a wait: spend one try a call, in the name of the number.`,
        );
      }
      const advice = 'When spendTry says that the number has to wait, answer with tryAgainIn(…) and return.';
      expectWait(await verify(wrong, phone), 60, advice);
      clock.now += minute - 1;
      expectWait(await verify(wrong, phone), 1, advice);
      clock.now += 1;
      expectPassed(await verify(wrong, phone), 4, 'After the wait, one more try is allowed.');
      expectWait(await verify(wrong, phone), 120, 'Each further failure doubles the wait.');
    }
  });

  it('spends nothing on what cannot be a code or a number', async () => {
    const { verify } = await untilRedeemed();
    for (const otp of ['', '12345', '1234567', '12345a', ' 12345', '１２３４５６', '123456\n']) {
      expectInvalid(await verify(otp), 'otp');
    }
    for (const phone of ['', 'Ada', '+1415555012']) expectInvalid(await verify(wrong, phone), 'phone_number');
    for (let count = 1; count <= 4; count += 1) expectInvalid(await verify('x'), 'otp');
    expectPassed(await verify(wrong), 4, 'None of these was a try: spend one only behind the given lines.');
  });
});

describe('Step 5 · Compare in constant time, and take the code once', () => {
  const rightAdvice =
    'The fingerprint that is kept, and that of the code which came, are the same: timingSafeEqual says so, where === does not, and redeem returns it.';
  const wrongAdvice = 'Only the same fingerprint is a success.';

  it('says true for the right code, and never again', async () => {
    const { give, verify } = await service();
    give(codes[0]!);
    expectReply(await verify(codes[0]!, adaAsTyped), true, rightAdvice);
    expectReply(
      await verify(codes[0]!),
      false,
      'A code is good for one success: store.take takes it away. And where there is no code, the answer is false.',
    );
  });

  it('says false for a wrong code, and true for the right one behind it', async () => {
    const { give, verify } = await service();
    give(codes[0]!);
    give(codes[1]!, grace);
    expectReply(await verify(wrong), false, wrongAdvice);
    expectReply(await verify(codes[1]!), false, "Another number's code is a wrong code.");
    expectReply(await verify(codes[0]!), true, `A wrong code takes nothing away but a try. ${rightAdvice}`);
    expectReply(await verify(codes[1]!, grace), true, rightAdvice);
  });

  it('compares all 32 bytes of the fingerprint', async () => {
    const { fingerprint } = await server();
    const { verify, store, clock } = await service();
    for (const place of [0, 31]) {
      const other = Buffer.from(fingerprint(key, ada, codes[0]!));
      other[place]! ^= 1;
      store.keep(ada, other, clock.now);
      expectReply(await verify(codes[0]!), false, 'Hand both fingerprints to timingSafeEqual as they are.');
    }
  });

  it('says false for the right code after five wrong ones that came at once', async () => {
    for (const [tries, success] of [
      [4, true],
      [5, false],
    ] as const) {
      const { give, verify } = await service();
      give(codes[0]!);
      for (const outcome of await Promise.all(Array.from({ length: tries }, () => verify(wrong)))) {
        expectReply(outcome, false, wrongAdvice);
      }
      const advice = success
        ? 'The fifth try may be the right one.'
        : 'A code is good for five tries: then `kept` equals nothing. Compare with it, and take nothing else.';
      expectReply(await verify(codes[0]!), success, advice);
    }
  });

  it('says true to one of two who come with the right code at the same time', async () => {
    const { give, verify } = await service();
    give(codes[0]!);
    const outcomes = await Promise.all([1, 2, 3].map(() => verify(codes[0]!)));
    same(
      outcomes.map((outcome) => outcome.reply?.success).toSorted(),
      [false, false, true],
      'store.take says true to exactly one caller: its answer is part of yours.',
    );
  });

  it('says false when another server has taken the code a moment ago', async () => {
    const store = opened(':memory:');
    const { give, verify } = await service({
      store: {
        ...store,
        spendTry: (number, now) => {
          const spent = store.spendTry(number, now);
          store.take(number, spent.kept);
          return spent;
        },
      },
    });
    give(codes[0]!);
    expectReply(
      await verify(codes[0]!),
      false,
      'The code was right, and yet store.take said false: somebody else was quicker. Answer what it says.',
    );
  });

  it('says true for five minutes, and not a millisecond longer', async () => {
    for (const [age, success] of [
      [5 * minute - 1, true],
      [5 * minute, false],
    ] as const) {
      const { give, verify, clock } = await service();
      give(codes[0]!);
      clock.now += age;
      const advice = 'The store knows how old a code is, when keep and spendTry are both told now().';
      expectReply(await verify(codes[0]!), success, advice);
    }
  });

  it('says false for a code once a newer one was sent', async () => {
    const { give, verify } = await service();
    give(codes[0]!);
    give(codes[1]!);
    expectReply(await verify(codes[0]!), false, 'Only the newest code is good.');
    expectReply(await verify(codes[1]!), true, rightAdvice);
  });

  it('forgets the failures of a number after a success', async () => {
    const { give, verify } = await service();
    for (const code of codes.slice(0, 3)) {
      give(code);
      for (let count = 1; count <= 4; count += 1) expectReply(await verify(wrong), false, wrongAdvice);
      expectReply(await verify(code), true, `${rightAdvice} Then take it: that ends the row of failures.`);
    }
  });

  it('says the same to who guesses at a number that was never sent a code', async () => {
    const { give, verify } = await service();
    give(codes[0]!);
    const transcript = async (phone: string): Promise<string[]> => {
      const lines: string[] = [];
      for (let count = 1; count <= 12; count += 1) lines.push(said(await verify(wrong, phone)));
      return lines;
    };
    const known = await transcript(ada);
    same(
      await transcript(grace),
      known,
      'Nobody may learn from an answer whether a number was sent a code: the same replies, the same words.',
    );
  });
});

describe('Step 6 · Know when to try again', () => {
  /** What the learner's code has given as a point in time. */
  const momentSeen = (at: unknown, now: number): string => {
    if (typeof at !== 'number' || Number.isNaN(at)) return inspect(at, { depth: 0 });
    if (Math.abs(at - now) < 24 * 60 * minute) return `${(at - now) / second} seconds from now`;
    return at < 24 * 60 * minute
      ? `${at}: how long, and not when`
      : 'a moment that is not counted from `now`';
  };

  const refusing = async (refusal: Partial<ServiceError>): Promise<ServiceError> => {
    const { sendOtp } = await client();
    const stub = await calling(PhoneOTPService, {
      SendOTP: ((_call, callback) => callback(refusal)) satisfies PhoneOTPServiceHandlers['SendOTP'],
    });
    return rejectedWith(sendOtp(stub, ada), status.RESOURCE_EXHAUSTED);
  };

  it('reads from the status how long to wait, and counts it from now', async () => {
    const { retryAt } = await client();
    for (const seconds of [0, integer(1, 59), integer(60, 3_600)]) {
      const now = Date.UTC(2030, 0, 1);
      const at: unknown = retryAt(await refusing(tryAgainIn('too soon', seconds)), now);
      must(at === now + seconds * second, {
        expected: `a number of milliseconds: ${seconds} seconds from now`,
        came: momentSeen(at, now),
        advice:
          'detailsOf(error).retryAfter is in seconds, and times are in milliseconds. Count from `now`, which is handed to you, and return what comes out.',
      });
    }
  });

  it('says undefined when the server does not tell', async () => {
    const { retryAt } = await client();
    const at = retryAt(await refusing({ code: status.RESOURCE_EXHAUSTED, details: 'in 5 seconds' }), 0);
    must(at === undefined, {
      expected: 'undefined: this status has no details for programs, only words',
      came: inspect(at, { depth: 0 }),
      advice: 'Then retryAfter is undefined, and undefined is what you return.',
    });
  });
});

describe('Both halves together', () => {
  it('sends a code, refuses a wrong one and takes the right one, once', async () => {
    const { start } = await server();
    const { retryAt, sendOtp, verifyOtp } = await client();
    const sms = signal<string>();
    const log = vi.spyOn(console, 'log').mockImplementation((line: unknown) => {
      const code = /^SMS to \+14155550123: .*?(?<!\d)(\d{6})(?!\d)/s.exec(String(line))?.[1];
      if (code) sms.send(code);
    });
    onTestFinished(() => log.mockRestore());
    const address = await started(() => start('127.0.0.1:0', { db: ':memory:' }));
    const stub: PhoneOTPServiceClient = stubAt(PhoneOTPService, address);
    await settled(sendOtp(stub, ada), 'Does SendOTP answer?');
    const code = await within(sms.sent, {
      expected: `a line "SMS to ${ada}: your code is 123456" in the server's terminal`,
      came: 'none',
      advice: 'The text of the SMS has the code in it: "your code is …", for example.',
    });
    const never = 'Does VerifyOTP answer?';
    const other = code === wrong ? '000000' : wrong;
    same(await settled(verifyOtp(stub, ada, other), never), false, 'This was a wrong code.');
    same(await settled(verifyOtp(stub, ada, code), never), true, 'This was the right code.');
    same(await settled(verifyOtp(stub, ada, code), never), false, 'A code is good for one success.');
    const refused = await rejectedWith(sendOtp(stub, ada), status.RESOURCE_EXHAUSTED);
    const at = retryAt(refused, 0);
    if (at === undefined || at <= 0 || at > 30 * second) {
      throw new CheckFailure({
        expected: 'your server to say when to try again, within 30 seconds, and your client to read it',
        came: String(at),
        advice: 'Look at steps 2 and 6.',
      });
    }
  });
});

import { Metadata, status } from '@grpc/grpc-js';
import { describe, it, onTestFinished, vi } from 'vitest';
import type { User__Output } from '#protos/generated/user/User.ts';
import { admin, own as ownOnly, signedIn, type AccessTable } from '#shared/access/access-table.ts';
import { Session } from '#shared/access/session.ts';
import { signIn as signInAt } from '#shared/access/sign-in-dialogue.ts';
import { badTokens } from '#kit/access/bad-tokens.ts';
import { PhoneOTPService } from '#kit/access/echo-services.ts';
import { guardedServices } from '#kit/access/guarded-services.ts';
import { expectStatus, said, unary, unwrittenIn } from '#kit/access/outcome.ts';
import { ada, bearing, now, people, root, seconds } from '#kit/access/people.ts';
import { runOut, sessionCalls, type Decisions } from '#kit/access/session-calls.ts';
import { AccountService, signInDesk } from '#kit/access/sign-in-desk.ts';
import { tokenCheckpoint } from '#kit/access/token-checkpoint.ts';
import { within } from '#kit/time-limits.ts';
import { rejectedWith, settled } from '#kit/calls.ts';
import { must, same } from '#kit/check-failure.ts';
import { started, stubAt } from '#kit/peers.ts';
import { printing } from '#kit/captured-output.ts';
import { signal } from '#kit/awaited-events.ts';
import { UserService } from '#kit/users/service.ts';

const server = () => import('#answers/09-access-control/server.ts');
const client = () => import('#answers/09-access-control/client.ts');

/** Services behind the lesson's guard, where a token is a name: what is in one is the business of the steps before. */
const guarded = async (rules?: AccessTable) => guardedServices(await server(), rules);

describe('Step 1 · Sign a token', () => {
  const claimed =
    'The claims: setIssuer(issuer), setAudience(audience), setSubject(caller.id), and { phone_number, role } in the constructor.';
  const timed =
    "Times in a token are whole seconds since 1970, and `now` is in milliseconds: Math.floor(now / 1_000), and `life` more of them for the end. setIssuedAt, setNotBefore and setExpirationTime take numbers: a text such as '600s' begins at the real clock.";
  const named = 'setProtectedHeader({ alg, typ, kid }): kid names the key, which is keys.newest each time.';

  it('gives a token that says whose it is, for whom, and how long', async () => {
    const lesson = await server();
    const { issuer: iss, audience: aud, alg, typ } = lesson;
    for (const { newToken, phoneFor, life, keys } of [await signInDesk(lesson), await signInDesk(lesson)]) {
      for (const { id: sub, phone: phone_number, role } of [ada, root, ada]) {
        const { iat, nbf, exp, header, ...claims } = await newToken(phone_number);
        same(claims, { iss, aud, sub, phone_number, role }, claimed);
        same({ iat, nbf, exp }, { iat: seconds, nbf: seconds, exp: seconds + life }, timed);
        same(header, { alg, typ, kid: 'that of the newest key' }, named);
        keys.rotate();
      }
      const noPhone = await phoneFor({ id: ada.id, role: ada.role });
      same(noPhone, undefined, 'Hand over caller.phone as it is.');
    }
  });
});

describe('Step 2 · Verify a token', () => {
  const checkpoint = async () => tokenCheckpoint(await server());

  it('lets a good token through, to unary and streaming methods alike', async () => {
    const { token, expectLetIn } = await checkpoint();
    const advice =
      'jwtVerify takes the token, keys.keyFor, and options. Its clock is currentDate: new Date(now), for `now` is not the real time here. Return identityIn(payload).';
    await expectLetIn('a good token', await token(), advice);
  });

  it('asks the token itself how long it is good, however long that is', async () => {
    const { token, expectLetIn } = await checkpoint();
    const ago = seconds - 3_000;
    const long = await token({ iat: ago, nbf: ago, exp: ago + 3_600 });
    const advice = 'exp says when a token ends, and jwtVerify looks at it: set no other limit to its age.';
    await expectLetIn('a token that was made to last an hour, after 50 minutes,', long, advice);
  });

  it('still takes tokens that an older key has signed', async () => {
    const { keys, token, expectLetIn, expectRefused } = await checkpoint();
    const [old, unseen] = [await token(), await token({ exp: seconds + 78 })];
    keys.rotate();
    const found = 'keys.keyFor finds the key that the token names: hand it over as it is.';
    await expectLetIn('a token of the key before', old, found);
    await expectLetIn('a token of the new key', await token(), found);
    keys.rotate();
    keys.rotate();
    const asked =
      'jwtVerify asks keys.keyFor for the key that the token names. Reading a token is not checking it.';
    await expectRefused('a token whose key is gone', bearing(unseen), asked);
    const anew = 'Check a token anew in each call, and remember none: its key may be gone since.';
    await expectRefused('a token that was let in before, and whose key is gone', bearing(old), anew);
  });

  it.each(badTokens)('answers UNAUTHENTICATED to %s, and tells nobody why but the log', async (...row) => {
    const [what, advice, make] = row;
    const own = await checkpoint();
    const brought = await make(own);
    await own.expectRefused(what, typeof brought === 'string' ? bearing(brought) : brought, advice);
  });
});

describe('Step 3 · Ask the table', () => {
  type Row = [who: string, method: string, request: object];
  const may: Row[] = [
    ['nobody', 'SendOTP', { phone_number: ada.phone }],
    ['ada', 'GetUser', { id: 'ada' }],
    ['ada', 'UpdateUser', { user: { id: 'ada', name: 'Ada' } }],
    ['root', 'GetUser', { id: 'ada' }],
    ['root', 'UpdateUser', { user: { id: 'ada', name: 'Ada' } }],
    ['root', 'DeleteUser', { id: 'ada' }],
    ['root', 'ListUsers', {}],
    // By the rules of the check, and not by the lesson's table.
    ['ada', 'hello', { name: 'World' }],
  ];
  it.each(may)('lets %s call %s with %o, and tells the handler who it is', async (who, method, request) => {
    const { call, reached } = await guarded();
    const advice =
      'refusal(rules, path, caller, request) returns undefined when the call is allowed: return true then. Ask for `rules`, and not for the table: whoever makes a guard may bring others, as this check has.';
    const outcome = await call(method, who === 'nobody' ? new Metadata() : bearing(who), request);
    expectStatus(outcome, status.OK, advice, `${method} by ${who} to be let through`);
    same(reached, [{ method, caller: people[who]?.caller }], 'The handler is reached once.');
  });

  const mayNot: Row[] = [
    ['ada', 'GetUser', { id: 'grace' }],
    ['ada', 'GetUser', { id: '' }],
    ['ada', 'UpdateUser', { user: { id: 'root', name: 'Ada' } }],
    ['ada', 'UpdateUser', {}],
    ['ada', 'DeleteUser', { id: 'ada' }],
    ['ada', 'ListUsers', {}],
    ['ada', 'CreateUser', { user: { name: 'Ada' } }],
    // These two are not in the table.
    ['root', 'CreateUser', { user: { name: 'Ada' } }],
    ['root', 'VerifyOTP', { phone_number: ada.phone }],
    // By the lesson's table she may.
    ['ada', 'SendMessage', { text: 'Hello' }],
  ];
  it.each(mayNot)('answers PERMISSION_DENIED when %s calls %s with %o', async (who, method, request) => {
    const { call, reached, expectLogged } = await guarded();
    const outcome = await call(method, bearing(who), request);
    // A server that has had no other call tells whether this one goes by what it has said before.
    const codeAnew = async (): Promise<status> => {
      vi.resetModules();
      const services = await guardedServices(await server(), undefined, undefined, () => undefined);
      return (await services.call(method, bearing(who), request)).code;
    };
    const isRemembered = outcome.code === status.OK && (await codeAnew()) === status.PERMISSION_DENIED;
    const remembered =
      'Ask refusal(…) in each call, and remember no answer: another caller may have been allowed this.';
    const advice =
      outcome.code === status.UNAUTHENTICATED
        ? 'It is known who this is: signing in again would change nothing. The status is PERMISSION_DENIED.'
        : isRemembered
          ? remembered
          : 'When refusal(…) returns a text, refuse(status.PERMISSION_DENIED, that text) and return false. Hand it `rules` and the request.';
    const expected = `PERMISSION_DENIED for ${method} by ${people[who]!.caller.role} ${who}`;
    expectStatus(outcome, status.PERMISSION_DENIED, advice, expected);
    const passedOn = 'When you have refused, return false: with true, the call goes on to its handler.';
    same(reached, [], passedOn);
    // Whether there is such a user, and such a method, is told to nobody who may not know.
    same(outcome.details, 'You may not do this.', 'The same words for all: why, is for the log.');
    const logs = 'refuse(code, why) writes it: call it once, with the text that refusal(…) returned.';
    expectLogged(method, logs, { caller: people[who]!.caller, request });
  });

  it('asks for every request of a stream, and not for the first alone', async () => {
    // Before there is a request nobody is refused; after that everybody has to greet in their own name.
    const rule = ownOnly((request?: { name: string }) => (request ? request.name : 'ada'));
    const { call, received } = await guarded({ '/hello.Hello/biHello': rule });
    const requests = ['ada', 'ada', 'root'].map((name) => ({ name, greeting: '' }));
    const outcome = await call('biHello', bearing('ada'), ...requests);
    // A stream that is let in gets a timer, and that is the next step.
    if (unwrittenIn(outcome) > 3) return;
    const isRefused = outcome.code === status.PERMISSION_DENIED;
    const reachedIt = isRefused
      ? 'it was refused, and reached the handler all the same'
      : 'it reached the handler';
    must(isRefused && received.length < 3, {
      expected: 'PERMISSION_DENIED for the third request of a stream, which the table does not allow',
      came: received.length < 3 ? said(outcome) : reachedIt,
      advice: isRefused
        ? 'When you have refused, return false: with true, the request goes on to its handler.'
        : 'allowed() is asked with each request: ask refusal(…) each time, and remember no answer.',
    });
    const asItIs =
      'Ask refusal(…) with the request as it is: at the beginning of such a call there is none, and it is undefined.';
    same(received, requests.slice(0, 2), asItIs);
  });

  it.each(['clientHello', 'biHello'])('decides about %s before its handler begins', async (method) => {
    const { call, reached, met } = await guarded({ [`/hello.Hello/${method}`]: admin });
    const advice =
      'allowed() is asked once before there is a request: hand undefined on to refusal(…), and do what it says. When you have refused, return false: with true, the call goes on to its handler. When it says undefined, return true.';
    const denied = await call(method, bearing('ada'), { name: 'World' });
    const before = 'PERMISSION_DENIED before the handler of such a stream begins';
    expectStatus(denied, status.PERMISSION_DENIED, advice, before);
    // Whoever goes on comes to the timer of the next step; while that is not written, no further.
    const expected = 'a stream that is refused to reach no handler';
    must(reached.length === 0 && met.length === 0, { expected, came: 'it was passed on', advice });
    const passed = await call(method, bearing('root'), { name: 'World' });
    const isLetIn = reached.map(({ caller }) => caller?.id).includes('root') || unwrittenIn(passed) > 3;
    must(isLetIn, { expected: 'a stream that the table allows to be let in', came: said(passed), advice });
  });
});

describe('Step 4 · End a stream when its token runs out', () => {
  const advice =
    'later(run, milliseconds) calls run in so many milliseconds: until - now() of them. Keep what it returns in stopTimer.';

  it('ends it with UNAUTHENTICATED, behind everything that was sent', async () => {
    for (const method of ['ReceiveMessage', 'biHello']) {
      const own = await guarded();
      const { heard } = await own.listening(advice, method);
      same(own.reached, [{ method, caller: ada }], 'The handler knows whose stream it is.');
      const { until } = people.ada!;
      const isReal = (wait: number): boolean => Math.abs(wait - (until - Date.now())) < 60_000;
      const waits = own.timers.map(({ milliseconds: wait }) => (isReal(wait) ? 'by the real clock' : wait));
      same(waits, [until - now], advice);
      const goesOn = 'a timer that goes on for as long as the stream does';
      const kept = 'Keep in stopTimer what later(…) returns, and do not call it: onCancel does.';
      const [timer] = own.timers;
      must(!timer!.isStopped, { expected: goesOn, came: 'one that is stopped already', advice: kept });
      timer!.run();
      const { messages, ended } = await heard;
      const refuses = "The timer calls refuse(status.UNAUTHENTICATED, 'the token has run out').";
      const expected = 'the stream to end with UNAUTHENTICATED when the timer runs';
      expectStatus(ended, status.UNAUTHENTICATED, refuses, expected);
      same(messages.length, 1, 'What was sent before still comes.');
      const told = "the handler to be told, by the event 'cancelled'";
      await within(own.cancelled, { expected: told, came: 'nothing', advice: 'refuse(…) does that.' });
      own.expectLogged(method, 'refuse(…) writes it. Call it once.');
    }
  });

  it('sets a timer for streams of every kind, also when the token has just run out', async () => {
    for (const [method, who] of [
      ['clientHello', 'ada'],
      ['biHello', 'late'],
      ['ReceiveMessage', 'late'],
    ] as const) {
      const own = await guarded({ '/hello.Hello/clientHello': signedIn, '/hello.Hello/biHello': signedIn });
      await own.call(method, bearing(who), {});
      const waits = own.timers.map(({ milliseconds }) => Math.max(0, milliseconds));
      same(waits, [Math.max(0, people[who]!.until - now)], advice);
    }
  });

  it('stops the timer when the stream ends before', async () => {
    const own = await guarded();
    await own.call('GetUser', bearing('ada'), { id: 'ada' });
    same(own.timers.length, 0, 'Only streams are long.');
    const [one, other] = [await own.listening(advice), await own.listening(advice)];
    const areStopped = () => own.timers.map(({ isStopped }) => isStopped);
    const each = 'Each stream has a timer of its own, which another stream does not stop.';
    same(areStopped(), [false, false], each);
    one.stream.cancel();
    await within(own.stopped, {
      expected: 'the timer to be stopped when the client has gone',
      came: 'one that is still set',
      advice:
        'later(…) returns a function that stops the timer: keep it in stopTimer, and it is called when the call is over.',
    });
    same(areStopped(), [true, false], each);
    own.timers[1]!.run();
    expectStatus((await other.heard).ended, status.UNAUTHENTICATED, advice);
  });
});

/** Refuses the first token alone. */
const firstHasRunOut = (token: string) => (token === 't1' ? runOut : undefined);

describe('Step 5 · Attach the token', () => {
  const calls = async (own?: Decisions) => {
    const { attachToken } = await client();
    return sessionCalls((session) => [attachToken(session)], own);
  };
  const advice =
    "metadata.set('authorization', …) with Bearer, a space, and what session.token() resolves with.";
  const thrice = [['Bearer t1'], ['Bearer t1'], ['Bearer t1']];

  it('sends the token with every call, unary and streaming', async () => {
    const { seen, counts, get, listen, session } = await calls();
    const outcome = await get();
    const twice =
      'next(metadata, listener) stands below your lines already: called twice, it makes two calls of one.';
    const isTwice = outcome.details.includes('Too many responses');
    expectStatus(outcome, status.OK, isTwice ? twice : advice, 'the reply of the server');
    expectStatus(await listen(), status.OK, advice);
    // Whoever makes a call may have used its metadata before.
    await get('ada', bearing('of-yesterday'));
    same(seen, thrice, advice);
    same(counts().signIns, 1, 'session.token() keeps a token that is good: ask it with each call.');
    session.forget(bearing('t1'));
    await get();
    same(
      seen.at(-1),
      ['Bearer t2'],
      'Ask session.token() with each call, and keep nothing of the call before.',
    );
  });

  it('waits for a sign-in, which calls at the same time share', async () => {
    const entered = signal();
    const { seen, counts, get } = await calls({ signIn: (count) => entered.sent.then(() => `t${count}`) });
    const three = [get(), get(), get()];
    entered.send();
    const codes = (await Promise.all(three)).map(({ code }) => status[code]);
    same(codes, ['OK', 'OK', 'OK'], `session.token() gives a promise: await it. ${advice}`);
    same(seen, thrice, advice);
    same(counts().signIns, 1, 'One sign-in is enough for all of them.');
  });

  it('ends a call with the status of a sign-in that failed', async () => {
    const refusal = { code: status.RESOURCE_EXHAUSTED, details: 'too soon', metadata: new Metadata() };
    const signIn = () => Promise.reject(Object.assign(new Error('too soon'), refusal));
    const { seen, get, counts } = await calls({ signIn });
    expectStatus(await get(), status.RESOURCE_EXHAUSTED, 'Let the error of session.token() pass.');
    same([seen, counts().signIns], [[], 1], 'Without a token the call does not go out; ask for one once.');
  });
});

describe('Step 6 · Sign in again when it has run out', () => {
  const calls = async (own: Decisions) => sessionCalls((await client()).interceptorsFor, own);
  const advice =
    'For UNAUTHENTICATED: session.forget(sent), and return true. The call is then made again, and asks the session for a token.';

  it('makes the call again with a new token, so that nobody notices', async () => {
    const otherWords = { ...runOut, details: 'who are you?' };
    const { get, seen, counts } = await calls({ refuses: (token) => firstHasRunOut(token) && otherWords });
    const outcome = await get('grace', bearing('of-yesterday'));
    const isSame = outcome.code === status.OK && (outcome.reply as User__Output).id === 'grace';
    must(isSame, {
      expected: 'the reply to the same request, with a new token',
      came: said(outcome),
      advice,
    });
    same(seen, [['Bearer t1'], ['Bearer t2']], advice);
    await get();
    same(counts(), { calls: 3, signIns: 2 }, 'The new token is kept.');
  });

  it('makes a unary call twice and not for ever, and no stream again', async () => {
    for (const [method, times] of [['get', 2] as const, ['listen', 1] as const]) {
      const own = await calls({ refuses: () => runOut });
      expectStatus(await own[method](), status.UNAUTHENTICATED, 'A second refusal is for the caller.');
      same(own.counts(), { calls: times, signIns: times }, advice);
    }
  });

  it('leaves every other status alone', async () => {
    const inVain =
      'Only UNAUTHENTICATED says something about the token: for every other status return false, and no promise, which counts as true.';
    const stillGood = 'The token is still good: session.forget(sent) is for UNAUTHENTICATED alone.';
    for (const code of [status.PERMISSION_DENIED, status.NOT_FOUND, status.UNAVAILABLE]) {
      // In the same words as the refusal of a token: only the code counts.
      const { get, counts } = await calls({ refuses: () => ({ ...runOut, code }) });
      const told = () => ({ code: status[code], ...counts() });
      expectStatus(await get(), code, 'Pass on what a new token cannot change: return false.');
      same(told(), { code: status[code], calls: 1, signIns: 1 }, inVain);
      await get();
      same(told(), { code: status[code], calls: 2, signIns: 1 }, stillGood);
    }
  });

  it('signs in once for all calls whose token has run out', async () => {
    const { get, counts } = await calls({ refuses: firstHasRunOut });
    const codes = (await Promise.all([get(), get(), get(), get()])).map(({ code }) => status[code]);
    same(codes, ['OK', 'OK', 'OK', 'OK'], advice);
    const forgets = 'session.forget(sent) forgets the token that was sent, and no newer one.';
    same(counts(), { calls: 8, signIns: 2 }, forgets);
  });

  it('gives the person time to type a code: the deadline of the second call begins after it', async () => {
    // The person takes an hour. Every timer that was set before it is due then, and a deadline is a timer.
    const anHour = () => vi.advanceTimersByTimeAsync(3_600_000);
    const signIn = (count: number) => (count > 1 ? anHour().then(() => 't2') : Promise.resolve('t1'));
    const { get } = await calls({ refuses: firstHasRunOut, signIn });
    const begun = signal();
    const answered = begun.sent.then(() => get()).finally(() => vi.useRealTimers());
    const outcome = within(answered, {
      expected: 'the reply, however long the person took',
      came: 'nothing',
      advice: 'This was there already: prepare gets the token before the second call begins.',
    });
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    begun.send();
    expectStatus(await outcome, status.OK, advice);
  });
});

describe('Both halves together', () => {
  it('signs people in, and lets each do what the table says', async () => {
    const [{ start }, { interceptorsFor }] = [await server(), await client()];
    const printed = printing();
    const settings = { db: ':memory:', admin: root.phone, life: '600', rotate: 'no' };
    const address = await started(() => start('127.0.0.1:0', settings));
    const [otp, desk] = [stubAt(PhoneOTPService, address), stubAt(AccountService, address)];
    const secrets: string[] = [];
    const person = async (phone_number: string) => {
      const sent = await unary(otp, 'SendOTP', { phone_number });
      expectStatus(sent, status.OK, 'Does lesson 8 hold? npm run lesson:8 check');
      const sms = printed.find((line) => line.startsWith(`SMS to ${phone_number}: `)) ?? '';
      const code = /(?<!\d)\d{6}(?!\d)/.exec(sms)?.[0] ?? '';
      const wrong = code === '000000' ? '000001' : '000000';
      await rejectedWith(signInAt(desk, phone_number, wrong), status.UNAUTHENTICATED);
      const never = 'Does SignIn answer? Look at step 1, and at npm run lesson:8 check.';
      const { access_token: token, user } = await settled(signInAt(desk, phone_number, code), never);
      await rejectedWith(signInAt(desk, phone_number, code), status.UNAUTHENTICATED);
      secrets.push(code, ...token.split('.'));
      const session = new Session(async () => ({ token, life: 600_000 }));
      return { id: user!.id, stub: stubAt(UserService, address, { interceptors: interceptorsFor(session) }) };
    };
    const [grace, chief] = [await person(ada.phone), await person(root.phone)];
    const { id } = grace;
    const user = { id, name: 'Grace', phone_number: root.phone };
    const rename = (...paths: string[]) => ({ user, update_mask: { paths } });
    for (const [who, method, request, code, what] of [
      [grace, 'GetUser', { id }, 'OK', 'somebody reads their own profile'],
      [grace, 'UpdateUser', rename('name'), 'OK', 'somebody changes their own name'],
      [grace, 'UpdateUser', rename('role'), 'INVALID_ARGUMENT', 'somebody names a role in the mask'],
      // What stands on a profile proves nothing.
      [grace, 'UpdateUser', rename('phone_number'), 'OK', 'somebody writes a phone number'],
      [grace, 'ListUsers', {}, 'PERMISSION_DENIED', 'a user lists users'],
      [grace, 'GetUser', { id: chief.id }, 'PERMISSION_DENIED', "a user reads another one's profile"],
      [grace, 'GetUser', { id: 'nobody' }, 'PERMISSION_DENIED', 'a user reads what is not there'],
      [chief, 'ListUsers', {}, 'OK', 'an admin lists users'],
      [chief, 'DeleteUser', { id }, 'OK', 'an admin deletes a user'],
      [chief, 'GetUser', { id }, 'NOT_FOUND', 'an admin reads what is gone'],
      [chief, 'CreateUser', { user: {} }, 'PERMISSION_DENIED', 'the table does not name the method'],
    ] as const) {
      const advice = 'Look at what goes over the wire with npm run lesson:9, and at npm run lesson:7 check.';
      expectStatus(await unary(who.stub, method, request), status[code], advice, `${code} when ${what}`);
    }
    const logged = printed.filter((line) => !line.startsWith('SMS to')).join('\n');
    const told = secrets.filter((secret) => logged.includes(secret));
    same(told, [], 'Print no tokens and no codes, not even a part.');
  });
});

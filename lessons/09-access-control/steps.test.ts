import { createHmac, generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import {
  credentials,
  Metadata,
  status,
  type Client,
  type Interceptor,
  type ServerInterceptor,
  type StatusObject,
} from '@grpc/grpc-js';
import {
  compactVerify,
  decodeProtectedHeader,
  SignJWT,
  type JWTHeaderParameters,
  type JWTPayload,
} from 'jose';
import { describe, it, onTestFinished, vi } from 'vitest';
import type { ProtoGrpcType as Account } from '#protos/generated/account.ts';
import type { SignInResponse__Output } from '#protos/generated/account/SignInResponse.ts';
import type { ProtoGrpcType as HelloTypes } from '#protos/generated/hello.ts';
import type { HelloHandlers } from '#protos/generated/hello/Hello.ts';
import type { ProtoGrpcType as LiveChat } from '#protos/generated/live_chat.ts';
import type { ChatServiceHandlers } from '#protos/generated/livechat/ChatService.ts';
import type { ProtoGrpcType as PhoneOtp } from '#protos/generated/phoneotp.ts';
import type { PhoneOTPServiceHandlers } from '#protos/generated/phoneotp/PhoneOTPService.ts';
import type { UserServiceClient, UserServiceHandlers } from '#protos/generated/user/UserService.ts';
import type { User__Output } from '#protos/generated/user/User.ts';
import type { ProtoGrpcType as Users } from '#protos/generated/user_service.ts';
import { admin, own as ownOnly, signedIn, type AccessTable } from '#shared/access/access-table.ts';
import { callerOf, type Caller } from '#shared/access/caller.ts';
import { account } from '#shared/access/serve-accounts.ts';
import { Session } from '#shared/access/session.ts';
import { signIn as signInAt } from '#shared/access/sign-in-dialogue.ts';
import { SigningKeys } from '#shared/access/signing-keys.ts';
import { NotIdentified, type Identity } from '#shared/access/tokens.ts';
import { tryAgainIn } from '#shared/grpc/error-details.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { serveAll, type Served } from '#shared/grpc/serve.ts';
import { isServiceError } from '#shared/grpc/service-error.ts';
import { timestampOf } from '#shared/grpc/timestamp.ts';
import { within } from '#kit/bounds.ts';
import { hear, rejectedWith, settled, soon } from '#kit/calls.ts';
import { must, same } from '#kit/check-failure.ts';
import { integer } from '#kit/drawn.ts';
import { started, stubAt, tracked, trackedStub } from '#kit/peers.ts';
import { printing } from '#kit/printing.ts';
import { signal } from '#kit/signals.ts';
import { faultOf, faults, type Fault } from '#kit/faults.ts';

const { AccountService } = loadProto<Account>('account.proto').account;
const { Hello } = loadProto<HelloTypes>('hello.proto').hello;
const { ChatService } = loadProto<LiveChat>('live_chat.proto').livechat;
const { PhoneOTPService } = loadProto<PhoneOtp>('phoneotp.proto').phoneotp;
const { UserService } = loadProto<Users>('user_service.proto').user;
const server = () => import('#answers/09-access-control/server.ts');
const client = () => import('#answers/09-access-control/client.ts');

/** The checks live in 2030: whoever looks at the real clock is seen. */
const now = Date.UTC(2030, 0, 1, 12);
const seconds = now / 1_000;
const life = 600;
const adaPhone = '+14155550123';
const rootPhone = '+14155550100';
const ada: Caller = { id: 'ada', phone: adaPhone, role: 'user' };
const root: Caller = { id: 'root', phone: rootPhone, role: 'admin' };

const userOf = (id: string): User__Output => ({
  id,
  name: 'Ada',
  email: 'ada@example.com',
  phone_number: '',
  create_time: timestampOf(now),
  update_time: timestampOf(now),
});

/** How a call ended. */
interface Outcome {
  code: status;
  details: string;
  reply?: unknown;
}

const said = ({ code, details, reply }: Outcome): string => {
  if (code === status.OK) return `OK, with ${JSON.stringify(reply)}`;
  if (code === status.DEADLINE_EXCEEDED) return 'nothing, until the deadline passed (DEADLINE_EXCEEDED)';
  return `${status[code]}: ${details}`;
};

const endsWith = (outcome: Outcome | undefined, code: status, advice: string): void =>
  must(outcome?.code === code, {
    expected: status[code],
    came: outcome ? said(outcome) : 'no end',
    advice,
  });

/** Makes a unary call with these headers, whatever its type. */
const unary = (stub: Client, method: string, request: object, metadata = new Metadata()): Promise<Outcome> =>
  new Promise((resolve) => {
    (stub as unknown as Record<string, (...args: unknown[]) => void>)[method]!(
      request,
      metadata,
      soon(),
      (error: StatusObject | null, reply: unknown) =>
        resolve(
          error ? { code: error.code, details: error.details } : { code: status.OK, details: '', reply },
        ),
    );
  });

const bearing = (token: string): Metadata => {
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${token}`);
  return metadata;
};

/** The parts of a token that nobody else may see. */
const partsOf = (token: string): string[] => token.split('.').filter(({ length }) => length > 3);

const staysSecret = (token: string, printed: string[]): void => {
  const line = printed.find((text) => partsOf(token).some((part) => text.includes(part)));
  must(line === undefined, {
    expected: 'no part of a token in the log of the server',
    came: 'a token, printed',
    advice: 'A log is read by many, and kept for long: whoever reads a token there can use it.',
  });
};

/** A server that the learner's interceptor stands before, with handlers of the check's own. */
const behind = async (interceptor: ServerInterceptor, services: Served[]): Promise<string> => {
  const { server: own, port } = await serveAll(services, '127.0.0.1:0', { interceptors: [interceptor] });
  tracked(own);
  return `127.0.0.1:${port}`;
};

/** Handlers that say whose call they have got. */
const reachable = () => {
  const reached: { method: string; caller: Caller }[] = [];
  const subscribed = signal<Parameters<ChatServiceHandlers['ReceiveMessage']>[0]>();
  const note = (method: string, call: { metadata: Metadata }): void =>
    void reached.push({ method, caller: callerOf(call) });
  const users: UserServiceHandlers = {
    GetUser: (call, callback) => (note('GetUser', call), callback(null, userOf(call.request.id))),
    UpdateUser: (call, callback) => (note('UpdateUser', call), callback(null, userOf(call.request.user!.id))),
    DeleteUser: (call, callback) => (note('DeleteUser', call), callback(null, {})),
    ListUsers: (call, callback) => (
      note('ListUsers', call),
      callback(null, { users: [], next_page_token: '' })
    ),
    CreateUser: (call, callback) => (note('CreateUser', call), callback(null, userOf('new'))),
  };
  const chat: ChatServiceHandlers = {
    SendMessage: (call, callback) => (note('SendMessage', call), callback(null, call.request)),
    ReceiveMessage: (call) => {
      note('ReceiveMessage', call);
      call.write({ user_name: 'Ada', text: 'Hello' });
      subscribed.send(call);
    },
  };
  const otp: PhoneOTPServiceHandlers = {
    SendOTP: (_call, callback) => callback(null, { success: true }),
    VerifyOTP: (_call, callback) => callback(null, { success: true }),
  };
  return {
    reached,
    subscribed: subscribed.sent,
    services: [
      { service: UserService.service, handlers: users as never },
      { service: ChatService.service, handlers: chat as never },
      { service: PhoneOTPService.service, handlers: otp as never },
    ] satisfies Served[],
  };
};

/** The step that an outcome says is not written yet. */
const unwritten = ({ details }: Outcome): number =>
  Number(/step (\d+) is not written yet/.exec(details)?.[1]);

describe('Step 1 · Sign a token', () => {
  /** The tokens that were given out. Each desk has keys of its own, so that no two are the same. */
  const given = new Set<string>();
  /** Signs in over the wire, with a phone and a code that somebody else has looked at. */
  const desk = async (
    verifyOtp: PhoneOTPServiceHandlers['VerifyOTP'] = (_call, callback) => callback(null, { success: true }),
    ownLife = integer(300, 7_200),
  ) => {
    const { sign } = await server();
    const keys = new SigningKeys(':memory:');
    const handlers = account({
      sign,
      verifyOtp,
      userOf: (phone) => userOf(phone === rootPhone ? 'root' : 'ada'),
      keys,
      admins: new Set([rootPhone]),
      life: ownLife,
      now: () => now + 999,
    });
    const { server: own, port } = await serveAll(
      [{ service: AccountService.service, handlers: handlers as never }],
      '127.0.0.1:0',
    );
    tracked(own);
    const stub = stubAt(AccountService, `127.0.0.1:${port}`);
    const signIn = (phone_number = '+1 (415) 555-0123'): Promise<Outcome> =>
      unary(stub, 'SignIn', { phone_number, otp: '123456' });
    const tokenFor = async (phone?: string): Promise<string> => {
      const outcome = await signIn(phone);
      must(outcome.code === status.OK, {
        expected: 'a reply with an access_token',
        came: said(outcome),
        advice: 'Return the promise of sign(…): it resolves with the token.',
      });
      const { access_token } = outcome.reply as SignInResponse__Output;
      must(access_token.split('.').length === 3, {
        expected: 'a token: three parts with dots between',
        came: access_token === '' ? 'an empty text' : inspect(access_token),
        advice: 'Return what .sign(privateKey) gives, the promise of a token: the caller of sign awaits it.',
      });
      must(!given.has(access_token), {
        expected: 'a token made for this call',
        came: 'one that was given out before',
        advice: 'Sign a new token in each call of sign: what is kept outside of it belongs to all callers.',
      });
      given.add(access_token);
      return access_token;
    };
    return { keys, signIn, tokenFor, life: ownLife };
  };

  /** What stands in a token for a time; a time of the real clock is never the same. */
  const timeIn = (value: unknown): unknown =>
    typeof value === 'number' && Math.abs(value - Date.now() / 1_000) < 86_400
      ? 'a time of the real clock'
      : value;
  /** The name of a key, which is another one each time. */
  const kidIn = (kid: unknown, keys: SigningKeys): unknown =>
    kid === keys.newest.kid ? 'that of the newest key' : keys.find(kid) ? 'that of an older key' : kid;

  /** The claims of a token whose signature is right. When it is good, and for whom, is looked at afterwards. */
  const claimsOf = async (token: string, keys: SigningKeys): Promise<JWTPayload> => {
    try {
      const { payload } = await compactVerify(token, keys.newest.publicKey, { algorithms: ['EdDSA'] });
      return JSON.parse(new TextDecoder().decode(payload)) as JWTPayload;
    } catch (error) {
      must(false, {
        expected: 'a token that is signed with the newest key',
        came: `one that is refused: ${(error as Error).message}`,
        advice: 'alg goes into the protected header, and .sign(…) takes the privateKey of keys.newest.',
      });
    }
  };

  it('gives a token that says whose it is, for whom, and how long', async () => {
    const { keys, tokenFor, life: ownLife } = await desk();
    const printed = printing();
    const token = await tokenFor();
    staysSecret(token, printed);
    const { iss, aud, sub, phone_number, role, iat, nbf, exp } = await claimsOf(token, keys);
    const expected = await server();
    same(
      { iss, aud, sub, phone_number, role },
      { iss: expected.issuer, aud: expected.audience, sub: 'ada', phone_number: adaPhone, role: 'user' },
      'The claims: setIssuer(issuer), setAudience(audience), setSubject(caller.id), and { phone_number, role } in the constructor.',
    );
    same(
      { iat: timeIn(iat), nbf: timeIn(nbf), exp: timeIn(exp) },
      { iat: seconds, nbf: seconds, exp: seconds + ownLife },
      "Times in a token are whole seconds since 1970, and `now` is in milliseconds: Math.floor(now / 1_000), and `life` more of them for the end. setIssuedAt, setNotBefore and setExpirationTime take numbers: a text such as '600s' begins at the real clock.",
    );
    const { alg, typ, kid } = decodeProtectedHeader(token);
    same(
      { alg, typ, kid: kidIn(kid, keys) },
      { alg: expected.alg, typ: expected.typ, kid: 'that of the newest key' },
      'setProtectedHeader({ alg, typ, kid }): kid names the key.',
    );
  });

  it('writes into it the role that the server has decided on', async () => {
    const { keys, tokenFor } = await desk();
    const { sub, role } = await claimsOf(await tokenFor(rootPhone), keys);
    same({ sub, role }, { sub: 'root', role: 'admin' }, 'Take the role from the caller.');
  });

  it('signs with the newest key', async () => {
    const { keys, tokenFor } = await desk();
    keys.rotate();
    const token = await tokenFor();
    await claimsOf(token, keys);
    same(
      kidIn(decodeProtectedHeader(token).kid, keys),
      'that of the newest key',
      'Ask keys.newest each time: there may be a new one.',
    );
  });

  it('gives nothing for a wrong code, and passes on every other refusal', async () => {
    const wrong = await desk((_call, callback) => callback(null, { success: false }));
    endsWith(
      await wrong.signIn(),
      status.UNAUTHENTICATED,
      'This was there already: reply.success is looked at.',
    );
    const early = await desk((_call, callback) => callback(tryAgainIn('too soon', 60)));
    endsWith(await early.signIn(), status.RESOURCE_EXHAUSTED, 'This was there already: error is passed on.');
    // Both were there already. What the step is about comes after them.
    await (await desk()).tokenFor();
  });
});

describe('Step 2 · Verify a token', () => {
  const stranger = generateKeyPairSync('ed25519');

  /** Whether this is thrown on purpose, and is neither an error of jose's nor one that a slip has brought about. */
  const isOwnError = (error: unknown): boolean =>
    !(error instanceof Error) || (error.constructor === Error && faultOf(error).kind !== 'unwritten');

  const service = async () => {
    const { guard, verify, issuer, audience, typ, alg } = await server();
    const keys = new SigningKeys(':memory:');
    const log: string[] = [];
    const state: { verified?: boolean; confused?: string; instead?: string } = {};
    const identify = async (token: string): Promise<Identity> => {
      try {
        const identity = await verify(keys, token, now);
        state.verified = Boolean(identity?.caller);
        if (state.verified) return identity;
        state.instead = inspect(identity, { depth: 0 });
        throw new NotIdentified('there is no identity');
      } catch (error) {
        if (isOwnError(error)) {
          state.instead = error instanceof Error ? String(error) : `${inspect(error, { depth: 0 })}, thrown`;
          throw new NotIdentified('an error of another kind');
        }
        // What jose throws when a token was allowed to choose how its signature is checked.
        if (!(error instanceof TypeError) || !/^KeyObject|algorithm/.test(error.message)) throw error;
        state.confused = error.message;
        throw new NotIdentified('the token has chosen its algorithm');
      }
    };
    const { reached, services } = reachable();
    const address = await behind(
      guard({
        identify,
        now: () => now,
        later: () => () => {},
        log: (line) => log.push(line),
      }),
      services,
    );
    const users = stubAt(UserService, address);
    const chat = stubAt(ChatService, address);
    const claims = {
      iss: issuer,
      aud: audience,
      sub: 'ada',
      phone_number: adaPhone,
      role: 'user',
      iat: seconds,
      nbf: seconds,
      exp: seconds + life,
    };
    /** A token that is good, but for what is asked to be otherwise. */
    const token = (
      other: Record<string, unknown> = {},
      header: Record<string, unknown> = {},
      key = keys.newest.privateKey,
    ): Promise<string> =>
      new SignJWT({ ...claims, ...other })
        .setProtectedHeader({ alg, typ, kid: keys.newest.kid, ...header } as JWTHeaderParameters)
        .sign(key);
    const get = (metadata: Metadata): Promise<Outcome> => unary(users, 'GetUser', { id: 'ada' }, metadata);
    const listen = async (metadata: Metadata): Promise<Outcome> => {
      const { ended } = await hear(chat.ReceiveMessage({}, metadata, soon()), 1);
      return ended ?? { code: status.OK, details: '', reply: 'a message' };
    };
    return { keys, log, state, reached, claims, token, get, listen };
  };

  type Service = Awaited<ReturnType<typeof service>>;

  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  /** A token made by hand, with a signature that is an HMAC. */
  const confused = ({ keys, claims }: Service, secret: string | Buffer): string => {
    const text = `${part({ alg: 'HS256', typ: 'at+jwt', kid: keys.newest.kid })}.${part(claims)}`;
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  };

  /** Whether a call has come past the token, to what the steps after this one decide. */
  const letIn = (outcome: Outcome): boolean => outcome.code === status.OK || unwritten(outcome) > 2;

  /** What a learner's verify has to do, whatever the token. */
  const expectIdentity = ({ state }: Service): void =>
    must(state.instead === undefined, {
      expected: 'verify to return an identity, or to let pass what jwtVerify and identityIn throw',
      came: state.instead ?? '',
      advice:
        'Return identityIn(payload), and catch nothing: the interceptor writes the reason into the log, and answers.',
    });

  const expectPassed = (outcome: Outcome, own: Service, what: string, advice: string): void => {
    const { log, state } = own;
    expectIdentity(own);
    must(letIn(outcome) || state.verified, {
      expected: `${what} to be let in`,
      came: [said(outcome), ...log.slice(-1)].join(' · the log says: '),
      advice,
    });
  };

  const expectRefused = (outcome: Outcome, own: Service, what: string, advice: string): void => {
    expectIdentity(own);
    must(outcome.code === status.UNAUTHENTICATED, {
      expected: `UNAUTHENTICATED for ${what}`,
      came: letIn(outcome) ? 'let in' : said(outcome),
      advice,
    });
  };

  it('lets a good token through, to unary and streaming methods alike', async () => {
    const own = await service();
    const printed = printing();
    const token = await own.token();
    const good = bearing(token);
    const advice =
      'jwtVerify takes the token, keys.keyFor, and options. Its clock is currentDate: new Date(now), for `now` is not the real time here. Return identityIn(payload).';
    expectPassed(await own.get(good), own, 'a good token', advice);
    expectPassed(await own.listen(good), own, 'a good token', advice);
    staysSecret(token, printed);
  });

  it('asks the token itself how long it is good, however long that is', async () => {
    const own = await service();
    const long = bearing(await own.token({ iat: seconds - 3_000, nbf: seconds - 3_000, exp: seconds + 600 }));
    const advice = 'exp says when a token ends, and jwtVerify looks at it: set no other limit to its age.';
    expectPassed(
      await own.get(long),
      own,
      'a token that was made to last an hour, after 50 minutes,',
      advice,
    );
  });

  it('gives the handlers nobody else than the token tells', async () => {
    const { verify } = await server();
    const { keys, token } = await service();
    const text = await token({ exp: seconds + 77 });
    const came = await within(verify(keys, text, now), {
      expected: 'verify() to settle',
      came: 'nothing',
      advice: 'Return what jwtVerify and identityIn give.',
    });
    same(came, { caller: ada, until: now + 77_000 } satisfies Identity, 'Return identityIn(payload).');
  });

  it('still takes tokens that an older key has signed', async () => {
    const own = await service();
    const { keys, token, get } = own;
    const old = bearing(await token());
    keys.rotate();
    const advice = 'keys.keyFor finds the key that the token names: hand it over as it is.';
    expectPassed(await get(old), own, 'a token of the key before', advice);
    expectPassed(await get(bearing(await token())), own, 'a token of the new key', advice);
    keys.rotate();
    keys.rotate();
    expectRefused(
      await get(old),
      own,
      'a token whose key is gone',
      'jwtVerify asks keys.keyFor for the key that the token names. Reading a token is not checking it.',
    );
  });

  const bad: [what: string, make: (own: Service) => Promise<string> | string, advice: string][] = [
    [
      'a token that somebody else has signed',
      ({ token }) => token({}, {}, stranger.privateKey),
      'Reading a token is not checking it: only jwtVerify looks at the signature.',
    ],
    [
      'a token whose claims were changed',
      async ({ token, claims }) => {
        const [head, , signature] = (await token()).split('.');
        return `${head}.${part({ ...claims, role: 'admin' })}.${signature}`;
      },
      'Only jwtVerify looks at the signature.',
    ],
    [
      'a token that brings its own key',
      ({ token }) =>
        token({}, { jwk: stranger.publicKey.export({ format: 'jwk' }), kid: 'mine' }, stranger.privateKey),
      'The key comes from keys.keyFor, and never from the token.',
    ],
    [
      'a token that names no key',
      ({ token }) => token({}, { kid: undefined }),
      'keys.keyFor looks for the name in the header.',
    ],
    [
      'a token that has run out',
      ({ token }) => token({ exp: seconds - 1 }),
      'jwtVerify looks at exp, by the clock of currentDate: is that new Date(now)? And is there a clockTolerance, which makes every token live longer?',
    ],
    [
      'a token that runs out now',
      ({ token }) => token({ exp: seconds }),
      'No tolerance: it is over when it is over.',
    ],
    [
      'a token that is not good yet',
      ({ token }) => token({ nbf: seconds + 1 }),
      'jwtVerify looks at nbf, by the clock of currentDate.',
    ],
    [
      'a token without an end',
      ({ token }) => token({ exp: undefined }),
      "requiredClaims: ['exp', 'nbf']: what is not there is not checked.",
    ],
    [
      'a token without a beginning',
      ({ token }) => token({ nbf: undefined }),
      "requiredClaims: ['exp', 'nbf']: what is not there is not checked.",
    ],
    [
      'a token for somebody else',
      ({ token }) => token({ aud: 'another service' }),
      'Give jwtVerify the audience: a token of the same issuer may be for another service.',
    ],
    [
      'a token for nobody in particular',
      ({ token }) => token({ aud: undefined }),
      'Give jwtVerify the audience.',
    ],
    [
      'a token from somebody else',
      ({ token }) => token({ iss: 'another issuer' }),
      'Give jwtVerify the issuer.',
    ],
    [
      'a token of another kind',
      ({ token }) => token({}, { typ: 'JWT' }),
      'Give jwtVerify the typ: the same key may sign other things one day.',
    ],
    [
      'a token without a user',
      ({ token }) => token({ sub: undefined }),
      'identityIn(payload) looks at the claims.',
    ],
    [
      'a token with a role that there is not',
      ({ token }) => token({ role: 'root' }),
      'identityIn(payload) looks at the claims.',
    ],
    [
      'a token with alg none',
      ({ claims, keys }) => `${part({ alg: 'none', typ: 'at+jwt', kid: keys.newest.kid })}.${part(claims)}.`,
      'algorithms: [alg] is the list of what you accept.',
    ],
    [
      'a token signed with the public key as if it were a secret',
      (own) => confused(own, own.keys.newest.publicKey.export({ format: 'pem', type: 'spki' })),
      'algorithms: [alg] is the list of what you accept. What the token says about itself is a wish.',
    ],
    [
      'a token signed with the bytes of the public key',
      (own) => confused(own, own.keys.newest.publicKey.export({ format: 'der', type: 'spki' })),
      'algorithms: [alg] is the list of what you accept.',
    ],
    ['something that is no token', () => 'a.b.c', 'jwtVerify throws for it. Let it throw.'],
  ];

  it.each(bad)(
    'answers UNAUTHENTICATED to %s, and tells nobody why but the log',
    async (what, make, advice) => {
      const own = await service();
      const text = await make(own);
      for (const outcome of [await own.get(bearing(text)), await own.listen(bearing(text))]) {
        must(own.state.confused === undefined, {
          expected: `${what} to be refused because of its alg`,
          came: `a token that may choose: jose has stopped at the kind of the key (${own.state.confused})`,
          advice:
            'algorithms: [alg] is the list of what you accept. What the token says about itself is a wish.',
        });
        expectRefused(outcome, own, what, advice);
        same(
          outcome.details,
          'This call needs a token that is good. Sign in.',
          'All refusals have the same words: why, is for the log.',
        );
      }
      same(own.reached, [], 'No handler is reached.');
      must(own.log.length === 2 && own.log.every((line) => /^refused \/\S+: \S/.test(line)), {
        expected: 'a line "refused /the/method: why" in the log for each call',
        came: own.log.join(' | ') || 'nothing',
        advice: 'This was there already: let jwtVerify throw its own errors.',
      });
      for (const piece of partsOf(text)) {
        must(!own.log.join('\n').includes(piece), {
          expected: 'no part of a token in the log',
          came: own.log.join(' | '),
          advice: 'A log is read by many, and kept for long.',
        });
      }
    },
  );

  it('answers the same when there is not exactly one token', async () => {
    const own = await service();
    const { token, get, log } = own;
    const good = await token();
    const none = new Metadata();
    const wrongScheme = new Metadata();
    wrongScheme.set('authorization', `Basic ${good}`);
    const bare = new Metadata();
    bare.set('authorization', good);
    const pair = new Metadata();
    pair.set('authorization', `Bearer ${good}, Bearer ${good}`);
    const elsewhere = new Metadata();
    elsewhere.set('token', good);
    for (const metadata of [
      none,
      wrongScheme,
      bare,
      pair,
      elsewhere,
      bearing(''),
      bearing('x'.repeat(5_000)),
    ]) {
      const outcome = await get(metadata);
      expectRefused(outcome, own, 'what is not "Bearer" and one token', 'This was there already.');
      same(outcome.details, 'This call needs a token that is good. Sign in.', 'The same words for all.');
    }
    same(log.length, 7, 'Each refusal has its line in the log.');
    expectPassed(await get(bearing(good)), own, 'a good token', 'The options of jwtVerify.');
  });
});

/** Tokens are names here: what is in them is the business of the steps before. */
const named =
  (people: Record<string, Identity>) =>
  (token: string): Promise<Identity> => {
    const identity = people[token];
    return identity ? Promise.resolve(identity) : Promise.reject(new NotIdentified('nobody has this name'));
  };
const people = {
  // Each token has an end of its own.
  ada: { caller: ada, until: now + 37_000 },
  root: { caller: root, until: now + life * 1_000 },
};

describe('Step 3 · Ask the table', () => {
  const service = async (rules?: AccessTable) => {
    const { guard } = await server();
    const log: string[] = [];
    const { reached, services } = reachable();
    const address = await behind(
      guard({
        identify: named(people),
        now: () => now,
        later: () => () => {},
        log: (line) => log.push(line),
        ...(rules && { rules }),
      }),
      services,
    );
    return {
      log,
      reached,
      users: stubAt(UserService, address),
      chat: stubAt(ChatService, address),
      otp: stubAt(PhoneOTPService, address),
    };
  };

  it.each<[who: keyof typeof people, method: string, request: object]>([
    ['ada', 'GetUser', { id: 'ada' }],
    ['ada', 'UpdateUser', { user: { id: 'ada', name: 'Ada' } }],
    ['root', 'GetUser', { id: 'ada' }],
    ['root', 'UpdateUser', { user: { id: 'ada', name: 'Ada' } }],
    ['root', 'DeleteUser', { id: 'ada' }],
    ['root', 'ListUsers', {}],
  ])('lets %s call %s with %o, and tells the handler who it is', async (name, method, request) => {
    const who = people[name].caller;
    const { users, reached } = await service();
    const outcome = await unary(users, method, request, bearing(who.id));
    must(outcome.code === status.OK, {
      expected: `${method} by ${who.role} ${who.id} to be let through`,
      came: said(outcome),
      advice:
        'refusal(rules, path, caller, request) returns undefined when the call is allowed: return true then.',
    });
    same(reached, [{ method, caller: who }], 'The handler is reached once.');
  });

  it.each<[who: keyof typeof people, method: string, request: object]>([
    ['ada', 'GetUser', { id: 'grace' }],
    ['ada', 'GetUser', { id: '' }],
    ['ada', 'UpdateUser', { user: { id: 'root', name: 'Ada' } }],
    ['ada', 'UpdateUser', {}],
    ['ada', 'DeleteUser', { id: 'ada' }],
    ['ada', 'ListUsers', {}],
    ['ada', 'CreateUser', { user: { name: 'Ada' } }],
    ['root', 'CreateUser', { user: { name: 'Ada' } }],
  ])('answers PERMISSION_DENIED when %s calls %s with %o', async (name, method, request) => {
    const who = people[name].caller;
    const { users, reached, log } = await service();
    const outcome = await unary(users, method, request, bearing(who.id));
    must(outcome.code === status.PERMISSION_DENIED, {
      expected: `PERMISSION_DENIED for ${method} by ${who.role} ${who.id}`,
      came: said(outcome),
      advice:
        outcome.code === status.UNAUTHENTICATED
          ? 'It is known who this is: signing in again would change nothing. The status is PERMISSION_DENIED.'
          : 'When refusal(…) returns a text, refuse(status.PERMISSION_DENIED, that text) and return false. Hand it the request.',
    });
    same(reached, [], 'No handler is reached.');
    // Whether there is such a user, and such a method, is told to nobody who may not know.
    same(outcome.details, 'You may not do this.', 'The same words for all: why, is for the log.');
    must(log.length === 1 && log[0]!.startsWith(`refused /user.UserService/${method}: `), {
      expected: `one line "refused /user.UserService/${method}: why" in the log`,
      came: log.join(' | ') || 'nothing',
      advice: 'refuse(code, why) writes it. Call it once.',
    });
  });

  it('refuses a method that the table does not name, and asks nobody for a token who needs none', async () => {
    const { otp } = await service();
    const phone_number = adaPhone;
    endsWith(
      await unary(otp, 'SendOTP', { phone_number }),
      status.OK,
      'anyone may call SendOTP: refusal(…) is undefined for it.',
    );
    endsWith(
      await unary(otp, 'VerifyOTP', { phone_number }),
      status.UNAUTHENTICATED,
      'Without a token: nobody is known.',
    );
    const missing = await unary(otp, 'VerifyOTP', { phone_number }, bearing('root'));
    must(missing.code === status.PERMISSION_DENIED, {
      expected: 'PERMISSION_DENIED for a method that is not in the table, for admins too',
      came: said(missing),
      advice: 'refusal(…) says so. Do what it says.',
    });
  });

  it('asks the table that it was given', async () => {
    const other = await service({
      '/user.UserService/ListUsers': signedIn,
      '/user.UserService/GetUser': admin,
    });
    const advice =
      'Ask refusal(rules, …), and not the table: whoever makes a guard may bring other rules, as this check has.';
    endsWith(await unary(other.users, 'ListUsers', {}, bearing('ada')), status.OK, advice);
    endsWith(
      await unary(other.users, 'GetUser', { id: 'ada' }, bearing('ada')),
      status.PERMISSION_DENIED,
      advice,
    );
    endsWith(
      await unary(other.users, 'UpdateUser', { user: { id: 'root' } }, bearing('root')),
      status.PERMISSION_DENIED,
      advice,
    );
  });

  /** A server with streams that go to it, whose handlers note whose they are as they begin. */
  const streams = async () => {
    const { guard } = await server();
    const begun: string[] = [];
    const handlers: Pick<HelloHandlers, 'clientHello' | 'biHello'> = {
      clientHello: (call, callback) => {
        begun.push(`clientHello of ${callerOf(call).id}`);
        call.on('data', () => {}).on('end', () => callback(null, { message: '', request: [] }));
      },
      biHello: (call) => {
        begun.push(`biHello of ${callerOf(call).id}`);
        call.on('data', () => {}).on('end', () => call.end());
      },
    };
    const rules = { '/hello.Hello/clientHello': admin, '/hello.Hello/biHello': admin };
    const address = await behind(
      guard({ identify: named(people), rules, now: () => now, later: () => () => {}, log: () => {} }),
      [{ service: Hello.service, handlers: handlers as never }],
    );
    const stub = stubAt(Hello, address);
    const clientHello = (token: string): Promise<Outcome> =>
      new Promise((resolve) => {
        const call = stub.clientHello(bearing(token), soon(), (error) =>
          resolve({ code: error?.code ?? status.OK, details: error?.details ?? '' }),
        );
        call.on('error', () => {});
        call.write({ name: 'World' });
        call.end();
      });
    const biHello = async (token: string): Promise<Outcome> => {
      const call = stub.biHello(bearing(token), soon());
      call.write({ name: 'World' });
      call.end();
      return (await hear(call)).ended ?? { code: status.UNKNOWN, details: 'no end' };
    };
    return { begun, clientHello, biHello };
  };

  it('asks for every request of a stream, and not for the first alone', async () => {
    const { guard } = await server();
    const came: string[] = [];
    const handlers: Pick<HelloHandlers, 'biHello'> = {
      biHello: (call) => {
        call.on('data', ({ name }: { name: string }) => came.push(name)).on('end', () => call.end());
      },
    };
    // Before there is a request nobody is refused; after that everybody has to greet in their own name.
    const rule = ownOnly((request?: { name: string }) => (request ? request.name : 'ada'));
    const address = await behind(
      guard({
        identify: named(people),
        rules: { '/hello.Hello/biHello': rule as never },
        now: () => now,
        later: () => () => {},
        log: () => {},
      }),
      [{ service: Hello.service, handlers: handlers as never }],
    );
    const call = stubAt(Hello, address).biHello(bearing('ada'), soon());
    for (const name of ['ada', 'ada', 'root']) call.write({ name });
    call.end();
    const { ended } = await hear(call);
    // A stream that is let in gets a timer, and that is the next step.
    if (ended && unwritten({ code: ended.code, details: ended.details }) > 3) return;
    must(ended?.code === status.PERMISSION_DENIED && !came.includes('root'), {
      expected: 'PERMISSION_DENIED for the third request of a stream, which the table does not allow',
      came: came.includes('root') ? 'it reached the handler' : `${status[ended?.code ?? 0]}`,
      advice: 'allowed() is asked with each request: ask refusal(…) each time, and remember no answer.',
    });
    same(
      came,
      ['ada', 'ada'],
      'Ask refusal(…) with the request as it is: at the beginning of such a call there is none, and it is undefined.',
    );
  });

  /** The steps that are met from now on and are not written yet. */
  const unwrittenSteps = (): number[] => {
    const met: number[] = [];
    const note = (fault: unknown): void => {
      const { kind, step } = fault as Fault;
      if (kind === 'unwritten') met.push(step!);
    };
    faults.subscribe(note);
    onTestFinished(() => void faults.unsubscribe(note));
    return met;
  };

  it.each(['clientHello', 'biHello'] as const)(
    'decides about the stream %s before its handler begins',
    async (method) => {
      const own = await streams();
      const met = unwrittenSteps();
      const denied = await own[method]('ada');
      must(denied.code === status.PERMISSION_DENIED, {
        expected: 'PERMISSION_DENIED before the handler of such a stream begins',
        came: said(denied),
        advice:
          'allowed() is asked once before there is a request: hand undefined on to refusal(…), and do what it says.',
      });
      // Whoever goes on comes to the timer of the next step; while that is not written, no further.
      must(own.begun.length === 0 && met.length === 0, {
        expected: 'a stream that is refused to reach no handler',
        came: own.begun.join(', ') || 'it was passed on',
        advice:
          'allowed() is asked once before there is a request. Ask refusal(…) then as well, and when you have refused, return false: with true, the call goes on to its handler.',
      });
      const passed = await own[method]('root');
      // A stream that is let in gets a timer, and that is the next step.
      must(own.begun.includes(`${method} of root`) || unwritten(passed) > 3, {
        expected: 'a stream that the table allows to be let in',
        came: said(passed),
        advice:
          'Before there is a request, refusal(…) is asked with undefined: return true when it says undefined.',
      });
    },
  );
});

describe('Step 4 · End a stream when its token runs out', () => {
  /** Timers that run when the check says so. */
  const clockwork = () => {
    const set: { run: () => void; milliseconds: number; stopped: boolean }[] = [];
    const stopped = signal();
    const later = (run: () => void, milliseconds: number) => {
      const timer = { run, milliseconds, stopped: false };
      set.push(timer);
      return () => {
        timer.stopped = true;
        stopped.send();
      };
    };
    return { set, later, stopped: stopped.sent };
  };

  const service = async (rules?: AccessTable, more: Served[] = []) => {
    const { guard } = await server();
    const log: string[] = [];
    const timers = clockwork();
    const handlers = reachable();
    const address = await behind(
      guard({
        identify: named(people),
        now: () => now,
        later: timers.later,
        log: (line) => log.push(line),
        ...(rules && { rules }),
      }),
      [...handlers.services, ...more],
    );
    return { ...handlers, address, log, timers };
  };

  const advice =
    'later(run, milliseconds) calls run in so many milliseconds: until - now() of them. Keep what it returns in stopTimer.';

  it('ends it with UNAUTHENTICATED, behind everything that was sent', async () => {
    const { address, timers, subscribed, reached, log } = await service();
    const stub = stubAt(ChatService, address);
    const call = stub.ReceiveMessage({}, bearing('ada'), soon());
    const first = signal();
    call.once('data', () => first.send());
    const heard = hear(call);
    const handlersCall = await Promise.race([
      subscribed,
      heard.then(({ ended }) => {
        must(false, {
          expected: 'the stream to begin',
          came: ended ? said(ended) : 'its end',
          advice,
        });
      }),
    ]);
    await first.sent;
    same(reached, [{ method: 'ReceiveMessage', caller: ada }], 'The handler knows whose stream it is.');
    same(
      timers.set.map(({ milliseconds }) =>
        Math.abs(milliseconds - (people.ada.until - Date.now())) < 60_000
          ? 'as long as the real clock says'
          : milliseconds,
      ),
      [people.ada.until - now],
      advice,
    );
    must(!timers.set[0]!.stopped, {
      expected: 'a timer that goes on for as long as the stream does',
      came: 'one that is stopped already',
      advice: 'Keep in stopTimer what later(…) returns, and do not call it: onCancel does.',
    });
    const told = signal();
    handlersCall.on('cancelled', () => told.send());
    timers.set[0]!.run();
    const { messages, ended } = await heard;
    must(ended?.code === status.UNAUTHENTICATED, {
      expected: 'the stream to end with UNAUTHENTICATED when the timer runs',
      came: ended ? said(ended) : 'no end',
      advice: "The timer calls refuse(status.UNAUTHENTICATED, 'the token has run out').",
    });
    same(messages.length, 1, 'What was sent before still comes.');
    await within(told.sent, {
      expected: "the handler to be told, by the event 'cancelled'",
      came: 'nothing',
      advice: 'refuse(…) does that.',
    });
    must(log.length === 1 && log[0]!.includes('/livechat.ChatService/ReceiveMessage: '), {
      expected: 'one line in the log',
      came: log.join(' | ') || 'nothing',
      advice: 'refuse(…) writes it. Call it once.',
    });
  });

  it('stops the timer when the stream ends before', async () => {
    const { address, timers, subscribed } = await service();
    const stub = stubAt(ChatService, address);
    const { ended, messages } = await hear(stub.ReceiveMessage({}, bearing('ada'), soon()), 1);
    must(messages.length === 1, { expected: 'a message', came: ended ? said(ended) : 'no end', advice });
    await subscribed;
    await within(timers.stopped, {
      expected: 'the timer to be stopped when the client has gone',
      came: 'one that is still set',
      advice:
        'later(…) returns a function that stops the timer: keep it in stopTimer, and it is called when the call is over.',
    });
  });

  it('sets no timer for a unary call, and one for each stream', async () => {
    const { address, timers } = await service();
    await unary(stubAt(UserService, address), 'GetUser', { id: 'ada' }, bearing('ada'));
    same(timers.set.length, 0, 'Only streams are long.');
    const stub = stubAt(ChatService, address);
    const both = [1, 2].map(() => {
      const call = stub.ReceiveMessage({}, bearing('ada'), soon());
      const begun = signal();
      call.once('data', () => begun.send());
      return { begun, heard: hear(call) };
    });
    for (const { begun, heard } of both) await Promise.race([begun.sent, heard]);
    same(
      timers.set.map(({ stopped }) => stopped),
      [false, false],
      'Each stream has a timer of its own, which another stream does not stop.',
    );
    for (const { run } of timers.set) run();
    for (const { heard } of both) endsWith((await heard).ended, status.UNAUTHENTICATED, advice);
  });

  it('stands before streams of every kind', async () => {
    const begun: string[] = [];
    const hello: Pick<HelloHandlers, 'biHello'> = {
      biHello: (call) => {
        begun.push(callerOf(call).id);
        call.on('data', ({ name }: { name: string }) => call.write({ message: name }));
        call.on('end', () => call.end());
      },
    };
    const { address, timers } = await service({ '/hello.Hello/biHello': signedIn }, [
      { service: Hello.service, handlers: hello as never },
    ]);
    const stub = stubAt(Hello, address);
    const talk = stub.biHello(bearing('ada'), soon());
    talk.once('data', () => timers.set[0]?.run());
    talk.write({ name: 'World' });
    const { ended, messages } = await hear(talk);
    same(messages.length, 1, advice);
    endsWith(ended, status.UNAUTHENTICATED, advice);
    same(begun, ['ada'], 'The handler knows whose stream it is.');
    const unknown = stub.biHello(soon());
    endsWith((await hear(unknown)).ended, status.UNAUTHENTICATED, 'A stream needs a token as well.');
  });
});

/** A session whose sign-ins give t1, t2, and so on. */
const sessionOf = (signIn?: (count: number) => Promise<string>) => {
  const state = { signIns: 0 };
  const session = new Session(async () => {
    state.signIns += 1;
    const token = signIn ? await signIn(state.signIns) : `t${state.signIns}`;
    return { token, life: life * 1_000 };
  });
  return { session, state };
};

/** A server of the check's own, which answers as the check decides, and a stub with the learner's interceptors. */
const answering = async (
  interceptors: Interceptor[],
  decide: (authorization: unknown, calls: number) => Partial<StatusObject> | undefined,
) => {
  const seen: unknown[][] = [];
  const judge = (call: { metadata: Metadata }): Partial<StatusObject> | undefined => {
    const values = call.metadata.get('authorization');
    seen.push(values);
    return decide(values[0], seen.length);
  };
  const users: Pick<UserServiceHandlers, 'GetUser'> = {
    GetUser: (call, callback) => {
      const refused = judge(call);
      if (refused) callback(refused);
      else callback(null, userOf(call.request.id));
    },
  };
  const chat: Pick<ChatServiceHandlers, 'ReceiveMessage'> = {
    ReceiveMessage: (call) => {
      const refused = judge(call);
      if (refused) call.emit('error', refused);
      else call.end();
    },
  };
  const { server: own, port } = await serveAll(
    [
      { service: UserService.service, handlers: users as never },
      { service: ChatService.service, handlers: chat as never },
    ],
    '127.0.0.1:0',
  );
  tracked(own);
  const options = { interceptors, 'grpc.use_local_subchannel_pool': 1 };
  const insecure = credentials.createInsecure();
  const stub: UserServiceClient = trackedStub(new UserService(`127.0.0.1:${port}`, insecure, options));
  const chatStub = trackedStub(new ChatService(`127.0.0.1:${port}`, insecure, options));
  return {
    seen,
    get: (id = 'ada', metadata?: Metadata) => unary(stub, 'GetUser', { id }, metadata),
    listen: () => hear(chatStub.ReceiveMessage({}, soon())),
  };
};

const runOut = { code: status.UNAUTHENTICATED, details: 'Sign in.' };

describe('Step 5 · Attach the token', () => {
  const advice =
    "metadata.set('authorization', …) with Bearer, a space, and what session.token() resolves with.";

  it('sends the token with every call, unary and streaming', async () => {
    const { attachToken } = await client();
    const { session, state } = sessionOf();
    const { seen, get, listen } = await answering([attachToken(session)], () => undefined);
    const outcome = await get();
    must(outcome.code === status.OK, {
      expected: 'the reply of the server',
      came: said(outcome),
      advice: outcome.details.includes('Too many responses')
        ? 'next(metadata, listener) stands below your lines already: called twice, it makes two calls of one.'
        : advice,
    });
    endsWith((await listen()).ended, status.OK, advice);
    // Whoever makes a call may have used its metadata before.
    const used = new Metadata();
    used.set('authorization', 'Bearer of-yesterday');
    await get('ada', used);
    same(seen, [['Bearer t1'], ['Bearer t1'], ['Bearer t1']], advice);
    same(state.signIns, 1, 'session.token() keeps a token that is good: ask it with each call.');
  });

  it('waits for a sign-in, which calls at the same time share', async () => {
    const { attachToken } = await client();
    const entered = signal();
    const { session, state } = sessionOf(async (count) => {
      await entered.sent;
      return `t${count}`;
    });
    const { seen, get } = await answering([attachToken(session)], () => undefined);
    const calls = Promise.all([get(), get(), get()]);
    entered.send();
    same(
      (await calls).map(({ code }) => code),
      [status.OK, status.OK, status.OK],
      `session.token() gives a promise: await it. ${advice}`,
    );
    same(seen, [['Bearer t1'], ['Bearer t1'], ['Bearer t1']], advice);
    same(state.signIns, 1, 'One sign-in is enough for all of them.');
  });

  it('ends a call with the status of a sign-in that failed', async () => {
    const { attachToken } = await client();
    const { session } = sessionOf(() =>
      Promise.reject(
        Object.assign(new Error('too soon'), {
          code: status.RESOURCE_EXHAUSTED,
          details: 'too soon',
          metadata: new Metadata(),
        }),
      ),
    );
    const { seen, get } = await answering([attachToken(session)], () => undefined);
    endsWith(
      await get(),
      status.RESOURCE_EXHAUSTED,
      'Let the error of session.token() pass: the lines below take it.',
    );
    same(seen, [], 'Without a token the call does not go out.');
  });
});

describe('Step 6 · Sign in again when it has run out', () => {
  const service = async (
    decide: Parameters<typeof answering>[1],
    signIn?: (count: number) => Promise<string>,
  ) => {
    const { interceptorsFor } = await client();
    const { session, state } = sessionOf(signIn);
    return { ...(await answering(interceptorsFor(session), decide)), state };
  };
  const advice =
    'For UNAUTHENTICATED: session.forget(sent), and return true. The call is then made again, and asks the session for a token.';

  it('makes the call again with a new token, so that nobody notices', async () => {
    const otherWords = { ...runOut, details: 'who are you?' };
    const { get, seen, state } = await service((token) => (token === 'Bearer t1' ? otherWords : undefined));
    const metadata = new Metadata();
    metadata.set('x-request', '7');
    const outcome = await get('grace', metadata);
    must(outcome.code === status.OK && (outcome.reply as User__Output).id === 'grace', {
      expected: 'the reply to the same request, with a new token',
      came: said(outcome),
      advice,
    });
    same(seen, [['Bearer t1'], ['Bearer t2']], advice);
    same(state.signIns, 2, advice);
    await get();
    same(seen.length, 3, 'The new token is kept.');
  });

  it('tries twice, and not for ever', async () => {
    const { get, seen, state } = await service(() => runOut);
    endsWith(await get(), status.UNAUTHENTICATED, 'The second refusal is for whoever has made the call.');
    same({ calls: seen.length, signIns: state.signIns }, { calls: 2, signIns: 2 }, advice);
  });

  it('leaves every other status alone', async () => {
    for (const code of [status.PERMISSION_DENIED, status.NOT_FOUND, status.UNAVAILABLE]) {
      // In the same words as the refusal of a token: only the code counts.
      const { get, seen, state } = await service(() => ({ code, details: runOut.details }));
      endsWith(await get(), code, 'Pass on what a new token cannot change: return false.');
      same(
        { calls: seen.length, signIns: state.signIns },
        { calls: 1, signIns: 1 },
        'Who may not do something may not do it with a new token either: return false, and no promise, which counts as true.',
      );
      await get();
      same(
        { calls: seen.length, signIns: state.signIns },
        { calls: 2, signIns: 1 },
        'The token is still good: session.forget(sent) is for UNAUTHENTICATED alone.',
      );
    }
  });

  it('signs in once for all calls whose token has run out', async () => {
    const { get, seen, state } = await service((token) => (token === 'Bearer t1' ? runOut : undefined));
    const codes = (await Promise.all([get(), get(), get(), get()])).map(({ code }) => code);
    same(codes, [0, 0, 0, 0], advice);
    same(state.signIns, 2, 'session.forget(sent) forgets the token that was sent, and no newer one.');
    same(seen.length, 8, 'Each call is made twice.');
  });

  it('gives the person time to type a code: the deadline of the second call begins after it', async () => {
    const { get } = await service(
      (token) => (token === 'Bearer t1' ? runOut : undefined),
      async (count) => {
        // The person takes an hour. Every timer that was set before it is due then, and a deadline is a timer.
        if (count > 1) await vi.advanceTimersByTimeAsync(3_600_000);
        return `t${count}`;
      },
    );
    const answered = signal<Outcome>();
    const outcome = within(answered.sent, {
      expected: 'the reply, however long the person took',
      came: 'nothing',
      advice: 'This was there already: prepare gets the token before the second call begins.',
    });
    vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    void get().then((came) => {
      vi.useRealTimers();
      answered.send(came);
    });
    endsWith(await outcome, status.OK, advice);
  });

  it('makes no stream again', async () => {
    const { listen, seen } = await service(() => runOut);
    endsWith(
      (await listen()).ended,
      status.UNAUTHENTICATED,
      'What was read of a stream cannot be taken back.',
    );
    same(seen.length, 1, 'This was there already.');
    // What a unary call does, the checks above have seen; here it shows that the step is written.
    const unaryCalls = await service((token) => (token === 'Bearer t1' ? runOut : undefined));
    endsWith(await unaryCalls.get(), status.OK, advice);
  });
});

describe('Both halves together', () => {
  it('signs people in, and lets each do what the table says', async () => {
    const { start } = await server();
    const { interceptorsFor } = await client();
    const lines: string[] = [];
    const codes = new Map<string, string>();
    const spy = vi.spyOn(console, 'log').mockImplementation((line: unknown) => {
      lines.push(String(line));
      const sms = /^SMS to (\S+): .*?(?<!\d)(\d{6})(?!\d)/s.exec(String(line));
      if (sms) codes.set(sms[1]!, sms[2]!);
    });
    onTestFinished(() => spy.mockRestore());
    const address = await started(() =>
      start('127.0.0.1:0', {
        db: ':memory:',
        admin: rootPhone,
        life: String(life),
        rotate: 'no',
      }),
    );
    const otp = stubAt(PhoneOTPService, address);
    const desk = stubAt(AccountService, address);
    const tokens: string[] = [];

    const person = async (phone: string) => {
      endsWith(
        await unary(otp, 'SendOTP', { phone_number: phone }),
        status.OK,
        'Does lesson 8 hold? npm run lesson:8 check',
      );
      const wrong = codes.get(phone) === '000000' ? '000001' : '000000';
      await rejectedWith(signInAt(desk, phone, wrong), status.UNAUTHENTICATED);
      const { access_token, user } = await settled(
        signInAt(desk, phone, codes.get(phone)!),
        'Does SignIn answer? Look at step 1, and at npm run lesson:8 check.',
      );
      await rejectedWith(signInAt(desk, phone, codes.get(phone)!), status.UNAUTHENTICATED);
      tokens.push(access_token);
      const session = new Session(() => Promise.resolve({ token: access_token, life: life * 1_000 }));
      const stub = trackedStub(
        new UserService(address, credentials.createInsecure(), { interceptors: interceptorsFor(session) }),
      );
      return { id: user!.id, can: (method: string, request: object) => unary(stub, method, request) };
    };
    const grace = await person(adaPhone);
    const chief = await person(rootPhone);
    const expectCode = async (outcome: Promise<Outcome>, code: status, what: string): Promise<void> => {
      const came = await outcome;
      must(came.code === code, {
        expected: `${status[code]} when ${what}`,
        came: said(came),
        advice: 'Look at what goes over the wire with npm run lesson:9, and at npm run lesson:7 check.',
      });
    };
    const { id } = grace;
    await expectCode(grace.can('GetUser', { id }), status.OK, 'somebody reads their own profile');
    const rename = (paths: string[]) => ({
      user: { id, name: 'Grace', phone_number: rootPhone },
      update_mask: { paths },
    });
    await expectCode(grace.can('UpdateUser', rename(['name'])), status.OK, 'somebody changes their own name');
    await expectCode(
      grace.can('UpdateUser', rename(['role'])),
      status.INVALID_ARGUMENT,
      'somebody names a role in the mask',
    );
    // What stands on a profile proves nothing.
    await expectCode(
      grace.can('UpdateUser', rename(['phone_number'])),
      status.OK,
      'somebody writes a phone number',
    );
    await expectCode(grace.can('ListUsers', {}), status.PERMISSION_DENIED, 'a user lists users');
    await expectCode(grace.can('DeleteUser', { id }), status.PERMISSION_DENIED, 'a user deletes users');
    await expectCode(
      grace.can('GetUser', { id: chief.id }),
      status.PERMISSION_DENIED,
      "a user reads another one's profile",
    );
    await expectCode(
      grace.can('GetUser', { id: 'nobody' }),
      status.PERMISSION_DENIED,
      'a user reads what is not there',
    );
    await expectCode(chief.can('ListUsers', {}), status.OK, 'an admin lists users');
    await expectCode(chief.can('GetUser', { id }), status.OK, 'an admin reads a profile');
    await expectCode(chief.can('UpdateUser', rename(['name'])), status.OK, 'an admin changes a profile');
    await expectCode(chief.can('DeleteUser', { id }), status.OK, 'an admin deletes a user');
    await expectCode(chief.can('GetUser', { id }), status.NOT_FOUND, 'an admin reads what is gone');
    await expectCode(
      chief.can('CreateUser', { user: {} }),
      status.PERMISSION_DENIED,
      'the table does not name the method',
    );

    const logged = lines.filter((line) => !line.startsWith('SMS to')).join('\n');
    for (const secret of [...tokens.flatMap((token) => token.split('.')), ...codes.values()]) {
      must(!logged.includes(secret), {
        expected: 'neither tokens nor codes in the log',
        came: logged,
        advice: 'Print nothing of them, not even a part.',
      });
    }
    must(isServiceError(await rejectedWith(signInAt(desk, '12345', '000000'), status.INVALID_ARGUMENT)), {
      expected: 'INVALID_ARGUMENT',
      came: 'something else',
      advice: "The refusals of lesson 8's VerifyOTP are passed on.",
    });
  });
});

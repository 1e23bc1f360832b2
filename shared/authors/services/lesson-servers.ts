/** The servers that are measured and attacked, each as its lesson's `start` brings it up, or near to that. */
import path from 'node:path';
import type { ProtoGrpcType as Hello } from '#protos/generated/hello.ts';
import type { ProtoGrpcType as PhoneOtp } from '#protos/generated/phoneotp.ts';
import type { ProtoGrpcType as Users } from '#protos/generated/user_service.ts';
import type { Variant } from './server-process.ts';

const anywhere = '127.0.0.1:0';

/** The phone with which an admin signs in to lesson 9. */
export const adminPhone = '+14155550199';

/** The code that the server with a known code always makes: who measures it has no phone to read it from. */
export const knownCode = '123456';

/** The key that signs the tokens of `access control alone`, for both processes: 32 bytes in base64. */
export const knownKey = Buffer.alloc(32, 'a key of the benchmark').toString('base64');

const secureServer = async (folder: string, clients: 'known' | 'any') => {
  const { start } = await import('#answers/10-secure-connection/server.ts');
  return start(anywhere, { clients }, path.join(folder, 'certificates'));
};

const shared = async () => ({
  ...(await import('#shared/grpc/load-proto.ts')),
  ...(await import('#shared/grpc/serve.ts')),
});

/** Brings each server up. It keeps what it keeps in the folder. */
export const lessonServers = {
  'lesson 1': async () => (await import('#answers/01-unary-hello/server.ts')).start(anywhere),
  // A pause between the parrot's replies that nobody has to wait for long.
  'lesson 2': async () => (await import('#answers/02-server-streaming/server.ts')).start(anywhere, 20),
  'lesson 3': async () => (await import('#answers/03-client-streaming/server.ts')).start(anywhere),
  'lesson 4': async () => (await import('#answers/04-bidirectional-streaming/server.ts')).start(anywhere),
  'lesson 4 without pauses': async () => {
    const [{ loadProto, serve }, lesson1, lesson2, lesson3, lesson4] = await Promise.all([
      shared(),
      import('#answers/01-unary-hello/server.ts'),
      import('#answers/02-server-streaming/server.ts'),
      import('#answers/03-client-streaming/server.ts'),
      import('#answers/04-bidirectional-streaming/server.ts'),
    ]);
    const handlers = {
      hello: lesson1.hello,
      parrotHello: lesson2.parrotHello(0),
      clientHello: lesson3.clientHello,
      biHello: lesson4.biHello,
    };
    return serve(loadProto<Hello>('hello.proto').hello.Hello.service, handlers, anywhere);
  },
  'lesson 5': async () => (await import('#answers/05-chat/server.ts')).start(anywhere),
  'lesson 6': async () => (await import('#answers/06-live-chat/server.ts')).start(anywhere),
  'lesson 7': async (folder: string) =>
    (await import('#answers/07-users/server.ts')).start(anywhere, { db: path.join(folder, 'users.db') }),
  'lesson 8': async (folder: string) =>
    (await import('#answers/08-phone-otp/server.ts')).start(anywhere, { db: path.join(folder, 'otp.db') }),
  'lesson 8 with a known code': async (folder: string) => {
    const db = path.join(folder, 'known-otp.db');
    const [{ loadProto, serve }, { openOtpStore }, { secretKey }, { phoneOtp }] = await Promise.all([
      shared(),
      import('#shared/storage/otp-store.ts'),
      import('#shared/storage/secret-key.ts'),
      import('#answers/08-phone-otp/server.ts'),
    ]);
    const key = secretKey(db);
    const handlers = phoneOtp({
      store: openOtpStore(db, key),
      key,
      sender: { send: async () => {} },
      generate: () => knownCode,
    });
    return serve(loadProto<PhoneOtp>('phoneotp.proto').phoneotp.PhoneOTPService.service, handlers, anywhere);
  },
  'lesson 9': async (folder: string) =>
    (await import('#answers/09-access-control/server.ts')).start(anywhere, {
      db: path.join(folder, 'accounts.db'),
      admin: adminPhone,
      life: '600',
      rotate: 'no',
    }),
  'access control alone': async (_folder: string, variant: Variant) => {
    process.env.TOKEN_KEYS = knownKey;
    const [{ loadProto, serveAll }, bare, { SigningKeys }, { remembering }, { guard, verify }] =
      await Promise.all([
        shared(),
        import('./bare-services.ts'),
        import('#shared/access/signing-keys.ts'),
        import('#shared/access/tokens.ts'),
        import('#answers/09-access-control/server.ts'),
      ]);
    const keys = new SigningKeys(':memory:');
    const identify = remembering((token) => verify(keys, token, Date.now()));
    const { service } = loadProto<Users>('user_service.proto').user.UserService;
    return serveAll([{ service, handlers: bare.users }], anywhere, {
      // What differs is the interceptor alone: the same modules are loaded, the same handlers answer.
      interceptors: variant === 'bare' ? [] : [guard({ identify })],
    });
  },
  'lesson 10': (folder: string) => secureServer(folder, 'known'),
  'lesson 10, to anybody': (folder: string) => secureServer(folder, 'any'),
  'lesson 11': async (folder: string) =>
    (await import('#answers/11-stop-without-losing-a-call/server.ts')).start(anywhere, {
      db: path.join(folder, 'ready-users.db'),
    }),
  // No answer is lost on purpose: who attacks would take that for a fault.
  'lesson 12': async (folder: string) => {
    const { start } = await import('#answers/12-call-again-safely/server.ts');
    return start(anywhere, { db: path.join(folder, 'payments.db'), lose: '0', desk: 'open' });
  },
  'lesson 13': async () => (await import('#answers/13-calls-that-call/server.ts')).start(anywhere),
  'lesson 14': async () =>
    (await import('#answers/14-many-servers-one-name/server.ts')).start(anywhere, { age: '0' }),
  'lesson 15': async (folder: string) =>
    (await import('#answers/15-live-chat-on-several-servers/server.ts')).start(anywhere, {
      log: path.join(folder, 'chat.db'),
      keep: '100000',
    }),
};

export type ServiceName = keyof typeof lessonServers;

/** The process of one server of the benchmark. Its command line: the service, and who serves it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ProtoGrpcType as Hello } from '#protos/generated/hello.ts';
import type { ProtoGrpcType as PhoneOtp } from '#protos/generated/phoneotp.ts';
import type { ProtoGrpcType as Users } from '#protos/generated/user_service.ts';
import type { Listening } from '#shared/grpc/serve.ts';
import { knownCode, knownKey, type Service, type Usage, type Variant } from './server-process.ts';

const anywhere = '127.0.0.1:0';
const [service, variant] = process.argv.slice(2) as [Service, Variant];

/** The lessons' own servers. */
const workbook: Record<Service, (folder: string) => Promise<Listening>> = {
  hello: async () => {
    const [{ loadProto }, { serve }, lesson1, lesson2, lesson3, lesson4] = await Promise.all([
      import('#shared/grpc/load-proto.ts'),
      import('#shared/grpc/serve.ts'),
      import('#answers/01-unary-hello/server.ts'),
      import('#answers/02-server-streaming/server.ts'),
      import('#answers/03-client-streaming/server.ts'),
      import('#answers/04-bidirectional-streaming/server.ts'),
    ]);
    // What lesson 4 starts, without the two seconds between the parrot's replies.
    return serve(
      loadProto<Hello>('hello.proto').hello.Hello.service,
      {
        hello: lesson1.hello,
        parrotHello: lesson2.parrotHello(0),
        clientHello: lesson3.clientHello,
        biHello: lesson4.biHello,
      },
      anywhere,
    );
  },
  chat: async () => (await import('#answers/05-chat/server.ts')).start(anywhere),
  'live-chat': async () => (await import('#answers/06-live-chat/server.ts')).start(anywhere),
  users: async (folder) =>
    (await import('#answers/07-users/server.ts')).start(anywhere, { db: path.join(folder, 'users.db') }),
  'phone-otp': async (folder) => {
    const db = path.join(folder, 'otp.db');
    const [{ loadProto }, { serve }, { openOtpStore }, { secretKey }, { phoneOtp }] = await Promise.all([
      import('#shared/grpc/load-proto.ts'),
      import('#shared/grpc/serve.ts'),
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
  access: async () => {
    process.env.TOKEN_KEYS = knownKey;
    const [{ loadProto }, { serveAll }, bare, { SigningKeys }, { remembering }, { guard, verify }] =
      await Promise.all([
        import('#shared/grpc/load-proto.ts'),
        import('#shared/grpc/serve.ts'),
        import('./bare.ts'),
        import('#shared/access/signing-keys.ts'),
        import('#shared/access/tokens.ts'),
        import('#answers/09-access-control/server.ts'),
      ]);
    const keys = new SigningKeys(':memory:');
    const identify = remembering((token) => verify(keys, token, Date.now()));
    const { service: users } = loadProto<Users>('user_service.proto').user.UserService;
    return serveAll([{ service: users, handlers: bare.users }], anywhere, {
      // What differs is the interceptor alone: the same modules are loaded, the same handlers answer.
      interceptors: variant === 'bare' ? [] : [guard({ identify })],
    });
  },
};

const listen = async (): Promise<number> => {
  if (variant === 'ws') return (await import('./websocket.ts')).serveWebSocket(service);
  if (variant === 'bare' && service !== 'access')
    return (await (await import('./bare.ts')).serveBare(service, anywhere)).port;
  if (variant === 'watched') await import('../../../engine/wire/guard/server-guard.ts');
  const folder = mkdtempSync(path.join(tmpdir(), 'grpc-workbook-benchmark-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return (await workbook[service](folder)).port;
};

process.on('message', (message: 'usage' | 'stop') => {
  if (message === 'stop') process.exit();
  const { user, system } = process.cpuUsage();
  // Twice: the first may leave what only finalizers let go.
  globalThis.gc?.();
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  process.send!({ cpu: user + system, resident: rss, held: heapUsed + external } satisfies Usage);
});
process.on('disconnect', () => process.exit());

process.send!(await listen());

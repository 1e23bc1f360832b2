import { credentials, status } from '@grpc/grpc-js';
import { contract, methodAt, type Method } from '../services/contracts.ts';
import { adminPhone, type ServiceName } from '../services/lesson-servers.ts';
import type { ServerProcess } from '../services/server-process.ts';
import { ServiceClient } from '../services/service-client.ts';
import { newNumber, newText } from './fresh-values.ts';
import { peerTimeoutMs } from './raw-client.ts';
import * as client from './well-behaved-client.ts';

/** A method of a server under attack. */
export interface Target {
  method: Method;
  /** @returns a request with which all is right; another one with each call, where that matters */
  good(): object;
  /** The statuses that may be the answer to any request of the right type. */
  answers: readonly status[];
}

/** A server under attack: what the solution of a lesson starts. */
export interface AttackedService {
  name: ServiceName;
  targets: Target[];
  /** Which certificates a client shows; undefined where there is no TLS. */
  secured?: 'its own' | 'none';
  /** Who signs in before an attack: the phone number. */
  attacker?: string;
  /** Makes the client that wants to be served well beside an attack. */
  wellBehaved(means: client.Means): client.WellBehavedClient | Promise<client.WellBehavedClient>;
}

const { OK, INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, RESOURCE_EXHAUSTED, UNAUTHENTICATED } = status;
const { PERMISSION_DENIED } = status;

const greeting = (): object => ({ greeting: 'Hello', name: 'Ada' });
const someUser = (): object => ({
  user: { name: 'Eve', email: `${newText().replace(' ', '')}@example.com` },
});
const someId = (): object => ({ id: '7d1f0f5e-6a8e-4f43-9d8e-000000000000' });
const changed = (): object => ({ user: { ...someId(), name: 'Eve' }, update_mask: { paths: ['name'] } });
const code = (): object => ({ phone_number: newNumber(), otp: '000000' });
const phone = (): object => ({ phone_number: newNumber() });
const empty = (): object => ({});
const payment = (): object => ({ payee: 'Eve', amount: 1, idempotency_key: newText() });

/** A good request for each method, and how it may answer to any. */
const methods: Record<string, [good: () => object, ...answers: status[]]> = {
  '/hello.Hello/hello': [greeting, OK],
  '/hello.Hello/parrotHello': [greeting, OK],
  '/hello.Hello/clientHello': [greeting, OK],
  '/hello.Hello/biHello': [greeting, OK],
  '/chat.ChatService/GetStats': [empty, OK],
  '/chat.ChatService/GetMessages': [empty, OK],
  '/chat.ChatService/SendAndReceiveMessage': [
    () => ({ user_from: 'Eve', chat_room: 'lobby', message: newText() }),
    OK,
    INVALID_ARGUMENT,
  ],
  '/livechat.ChatService/SendMessage': [() => ({ user_name: 'Eve', text: newText() }), OK, INVALID_ARGUMENT],
  '/livechat.ChatService/ReceiveMessage': [empty, OK],
  '/user.UserService/CreateUser': [someUser, OK, INVALID_ARGUMENT, ALREADY_EXISTS],
  '/user.UserService/GetUser': [someId, OK, INVALID_ARGUMENT, NOT_FOUND],
  '/user.UserService/UpdateUser': [changed, OK, INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS],
  '/user.UserService/DeleteUser': [someId, OK, INVALID_ARGUMENT, NOT_FOUND],
  '/user.UserService/ListUsers': [() => ({ page_size: 2 }), OK, INVALID_ARGUMENT],
  '/grpc.health.v1.Health/Check': [() => ({ service: '' }), OK, NOT_FOUND],
  '/grpc.health.v1.Health/Watch': [() => ({ service: 'user.UserService' }), OK],
  '/phoneotp.PhoneOTPService/SendOTP': [phone, OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED],
  '/phoneotp.PhoneOTPService/VerifyOTP': [code, OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED],
  '/payment.PaymentService/Pay': [payment, OK, INVALID_ARGUMENT, ALREADY_EXISTS],
  '/payment.PaymentService/GetTotal': [() => ({ payee: 'Eve' }), OK],
  '/account.AccountService/SignIn': [code, OK, INVALID_ARGUMENT, UNAUTHENTICATED, RESOURCE_EXHAUSTED],
};

/** @returns the target at a path, which may answer with other statuses than its row says */
const targetAt = (path: string, only?: status[]): Target => {
  const [good, ...answers] = methods[path]!;
  return { method: methodAt(path), good, answers: only ?? answers };
};

const targetsOf = (service: string): Target[] =>
  Object.values(contract(service)).map(({ path }) => targetAt(path));

/** All servers under attack, and what they offer. */
export const services: AttackedService[] = [
  { name: 'lesson 1', targets: [targetAt('/hello.Hello/hello')], wellBehaved: client.ofHello },
  { name: 'lesson 2', targets: [targetAt('/hello.Hello/parrotHello')], wellBehaved: client.ofHello },
  { name: 'lesson 3', targets: [targetAt('/hello.Hello/clientHello')], wellBehaved: client.ofHello },
  { name: 'lesson 4', targets: targetsOf('hello.Hello'), wellBehaved: client.ofHello },
  { name: 'lesson 5', targets: targetsOf('chat.ChatService'), wellBehaved: client.ofChat },
  { name: 'lesson 6', targets: targetsOf('livechat.ChatService'), wellBehaved: client.ofLiveChat },
  { name: 'lesson 7', targets: targetsOf('user.UserService'), wellBehaved: client.ofUsers },
  { name: 'lesson 8', targets: targetsOf('phoneotp.PhoneOTPService'), wellBehaved: client.ofPhoneOtp },
  {
    name: 'lesson 9',
    attacker: adminPhone,
    // Eve is an admin here: she gets as far as the handlers. What the access table does not name is not for her either.
    targets: [
      ...['account.AccountService', 'phoneotp.PhoneOTPService', 'user.UserService', 'livechat.ChatService']
        .flatMap(targetsOf)
        .filter(({ method }) => !/CreateUser|VerifyOTP/.test(method.path)),
      targetAt('/user.UserService/CreateUser', [PERMISSION_DENIED]),
      targetAt('/phoneotp.PhoneOTPService/VerifyOTP', [PERMISSION_DENIED]),
    ],
    wellBehaved: client.ofAccounts,
  },
  {
    name: 'lesson 10',
    secured: 'its own',
    targets: [targetAt('/hello.Hello/hello', [OK, INVALID_ARGUMENT])],
    wellBehaved: client.ofHello,
  },
  {
    name: 'lesson 10, to anybody',
    secured: 'none',
    targets: [targetAt('/hello.Hello/hello', [UNAUTHENTICATED])],
    wellBehaved: client.refusedByHello,
  },
  {
    name: 'lesson 11',
    targets: ['user.UserService', 'grpc.health.v1.Health'].flatMap(targetsOf),
    wellBehaved: client.ofUsersThatAreReady,
  },
  { name: 'lesson 12', targets: targetsOf('payment.PaymentService'), wellBehaved: client.ofPayments },
  { name: 'lesson 13', targets: [targetAt('/user.UserService/GetUser')], wellBehaved: client.ofFront },
  { name: 'lesson 14', targets: [targetAt('/hello.Hello/hello')], wellBehaved: client.ofHello },
  { name: 'lesson 15', targets: targetsOf('livechat.ChatService'), wellBehaved: client.ofLiveChat },
];

/**
 * @param server - the process of the servers
 * @param service - the server that is called
 * @returns what a client of grpc-js needs for it; close its client in the end
 */
export const meansFor = (
  server: ServerProcess,
  { name, secured, targets }: AttackedService,
): client.Means => {
  const { ca, cert, key } = server.certificates();
  const own = secured === 'its own';
  const secure = secured && credentials.createSsl(ca, own ? key : null, own ? cert : null);
  return {
    client: new ServiceClient(server.addressOf(name), {
      ...(secure && { secure }),
      timeoutMs: peerTimeoutMs,
    }),
    methods: targets.map(({ method }) => method.path),
    codeFor: (number) => server.codeFor(number),
  };
};

/**
 * @param server - the process of the servers
 * @param service - the server that this client calls
 * @returns the client, who has settled in; close it in the end
 */
export const wellBehavedClientOf = async (
  server: ServerProcess,
  service: AttackedService,
): Promise<client.WellBehavedClient & { close(): void }> => {
  const means = meansFor(server, service);
  return { ...(await service.wellBehaved(means)), close: () => means.client.close() };
};

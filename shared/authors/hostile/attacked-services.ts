import { status, type MethodDefinition, type ServiceDefinition } from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';
import type { ProtoGrpcType as Account } from '#protos/generated/account.ts';
import type { ProtoGrpcType as Chat } from '#protos/generated/chat.ts';
import type { ProtoGrpcType as Hello } from '#protos/generated/hello.ts';
import type { ProtoGrpcType as LiveChat } from '#protos/generated/live_chat.ts';
import type { ProtoGrpcType as PhoneOtp } from '#protos/generated/phoneotp.ts';
import type { ProtoGrpcType as Users } from '#protos/generated/user_service.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';

/** A method of a contract, with the descriptors of its messages. */
export type Method = MethodDefinition<object, object> & {
  requestType: MessageTypeDefinition<object, object>;
};

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
  name: VictimName;
  targets: Target[];
  /** Which certificates a client shows; undefined where there is no TLS. */
  secured?: 'its own' | 'none';
}

const hello = loadProto<Hello>('hello.proto').hello.Hello.service;
const chat = loadProto<Chat>('chat.proto').chat.ChatService.service;
const liveChat = loadProto<LiveChat>('live_chat.proto').livechat.ChatService.service;
const users = loadProto<Users>('user_service.proto').user.UserService.service;
const phoneOtp = loadProto<PhoneOtp>('phoneotp.proto').phoneotp.PhoneOTPService.service;
const account = loadProto<Account>('account.proto').account.AccountService.service;

let numbers = 0;

/** @returns a phone number that no other call in this process has got */
export const newNumber = (): string => `+1415${2_000_000 + (numbers += 1)}`;

/** @returns a text that no other call in this process has got */
export const newText = (): string => `text ${(numbers += 1)}`;

const { OK, INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, RESOURCE_EXHAUSTED, UNAUTHENTICATED } = status;
const { PERMISSION_DENIED } = status;

const greeting = (): object => ({ greeting: 'Hello', name: 'Ada' });
const someUser = (): object => ({
  user: { name: 'Eve', email: `${newText().replace(' ', '')}@example.com` },
});
const someId = (): object => ({ id: '7d1f0f5e-6a8e-4f43-9d8e-000000000000' });
const changed = (): object => ({ user: { ...someId(), name: 'Eve' }, update_mask: { paths: ['name'] } });
const code = (): object => ({ phone_number: newNumber(), otp: '000000' });

/** A good request for each method, and how it may answer to any. */
const methods: Record<string, [good: () => object, ...answers: status[]]> = {
  '/hello.Hello/hello': [greeting, OK],
  '/hello.Hello/parrotHello': [greeting, OK],
  '/hello.Hello/clientHello': [greeting, OK],
  '/hello.Hello/biHello': [greeting, OK],
  '/chat.ChatService/GetStats': [() => ({}), OK],
  '/chat.ChatService/GetMessages': [() => ({}), OK],
  '/chat.ChatService/SendAndReceiveMessage': [
    () => ({ user_from: 'Eve', chat_room: 'lobby', message: newText() }),
    OK,
    INVALID_ARGUMENT,
  ],
  '/livechat.ChatService/SendMessage': [() => ({ user_name: 'Eve', text: newText() }), OK, INVALID_ARGUMENT],
  '/livechat.ChatService/ReceiveMessage': [() => ({}), OK],
  '/user.UserService/CreateUser': [someUser, OK, INVALID_ARGUMENT, ALREADY_EXISTS],
  '/user.UserService/GetUser': [someId, OK, INVALID_ARGUMENT, NOT_FOUND],
  '/user.UserService/UpdateUser': [changed, OK, INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS],
  '/user.UserService/DeleteUser': [someId, OK, INVALID_ARGUMENT, NOT_FOUND],
  '/user.UserService/ListUsers': [() => ({ page_size: 2 }), OK, INVALID_ARGUMENT],
  '/phoneotp.PhoneOTPService/SendOTP': [
    () => ({ phone_number: newNumber() }),
    OK,
    INVALID_ARGUMENT,
    RESOURCE_EXHAUSTED,
  ],
  '/phoneotp.PhoneOTPService/VerifyOTP': [code, OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED],
  '/account.AccountService/SignIn': [code, OK, INVALID_ARGUMENT, UNAUTHENTICATED, RESOURCE_EXHAUSTED],
};

/** @returns the target at a path, which may answer with these statuses too */
const targetAt = (method: Method, more: status[] = []): Target => {
  const [good, ...answers] = methods[method.path]!;
  return { method, good, answers: [...answers, ...more] };
};

const targetsOf = (service: ServiceDefinition, only?: string[]): Target[] =>
  (Object.entries(service) as [string, Method][])
    .filter(([name]) => !only || only.includes(name))
    .map(([, method]) => targetAt(method));

/** All servers under attack, and what they offer. */
export const services = [
  { name: 'lesson 1', targets: targetsOf(hello, ['hello']) },
  { name: 'lesson 2', targets: targetsOf(hello, ['parrotHello']) },
  { name: 'lesson 3', targets: targetsOf(hello, ['clientHello']) },
  { name: 'lesson 4', targets: targetsOf(hello) },
  { name: 'lesson 5', targets: targetsOf(chat) },
  { name: 'lesson 6', targets: targetsOf(liveChat) },
  { name: 'lesson 7', targets: targetsOf(users) },
  { name: 'lesson 8', targets: targetsOf(phoneOtp) },
  {
    name: 'lesson 9',
    // Eve is an admin here: she gets as far as the handlers. What the access table does not name is not for her either.
    targets: [
      ...targetsOf(account),
      ...targetsOf(phoneOtp, ['SendOTP']),
      ...targetsOf(users, ['GetUser', 'UpdateUser', 'DeleteUser', 'ListUsers']),
      ...targetsOf(liveChat),
      { ...targetAt(users.CreateUser as unknown as Method), answers: [PERMISSION_DENIED] },
      { ...targetAt(phoneOtp.VerifyOTP as unknown as Method), answers: [PERMISSION_DENIED] },
    ],
  },
  {
    name: 'lesson 10',
    secured: 'its own',
    targets: [targetAt(hello.hello as unknown as Method, [INVALID_ARGUMENT])],
  },
  {
    name: 'lesson 10, to anybody',
    secured: 'none',
    targets: [{ ...targetAt(hello.hello as unknown as Method), answers: [UNAUTHENTICATED] }],
  },
] as const satisfies (Omit<AttackedService, 'name'> & { name: string })[];

export type VictimName = `lesson ${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10}` | 'lesson 10, to anybody';

/** The phone with which Eve signs in to lesson 9, as an admin. */
export const adminPhone = '+14155550199';

/**
 * What the lessons' services are measured against: plain grpc-js handlers that put the same messages on the wire, at
 * the same moments, and do nothing else. No checks, no store, no limits, no care for slow readers.
 */
import type { ServerWritableStream } from '@grpc/grpc-js';
import type { ChatServiceHandlers } from '#protos/generated/chat/ChatService.ts';
import type { MessageRequest__Output } from '#protos/generated/chat/MessageRequest.ts';
import type { HelloHandlers } from '#protos/generated/hello/Hello.ts';
import type { HelloRequest__Output } from '#protos/generated/hello/HelloRequest.ts';
import type { ChatServiceHandlers as LiveChatHandlers } from '#protos/generated/livechat/ChatService.ts';
import type { Empty__Output } from '#protos/generated/livechat/Empty.ts';
import type { Message } from '#protos/generated/livechat/Message.ts';
import type { PhoneOTPServiceHandlers } from '#protos/generated/phoneotp/PhoneOTPService.ts';
import type { User } from '#protos/generated/user/User.ts';
import type { UserServiceHandlers } from '#protos/generated/user/UserService.ts';
import { serveAll, type Listening, type Served } from '#shared/grpc/serve.ts';
import { contract } from './contracts.ts';
import type { ServiceName } from './lesson-servers.ts';

const replyTo = ({ greeting, name }: HelloRequest__Output, more = ''): { message: string } => ({
  message: `${greeting} ${name}${more}`,
});

const hello: HelloHandlers = {
  hello: (call, callback) => callback(null, replyTo(call.request)),
  parrotHello: (call) => {
    const reply = (count: number): void => {
      call.write(replyTo(call.request, ` ${count}`));
      // The pauses belong to what is on the wire: without them the three replies would share a packet.
      if (count < 3) setTimeout(reply, 0, count + 1);
      else call.end();
    };
    reply(1);
  },
  clientHello: (call, callback) => {
    const request: HelloRequest__Output[] = [];
    call.on('data', (message: HelloRequest__Output) => request.push(message));
    call.on('end', () =>
      callback(null, {
        message: `You have sent ${request.length} messages. Please expect a delayed response.`,
        request,
      }),
    );
  },
  biHello: (call) => {
    call.on('data', (request: HelloRequest__Output) => call.write(replyTo(request)));
    call.on('end', () => call.end());
  },
};

const chat = (): ChatServiceHandlers => {
  const received: MessageRequest__Output[] = [];
  return {
    SendAndReceiveMessage: (call) => {
      call.on('data', (message: MessageRequest__Output) => {
        received.push(message);
        call.write(message);
      });
      call.on('end', () => call.end());
    },
    GetStats: (_call, callback) => callback(null, { num_messages: received.length }),
    GetMessages: (call) => {
      for (const message of received) call.write(message);
      call.end();
    },
  };
};

const liveChat = (): LiveChatHandlers => {
  const subscribers = new Set<ServerWritableStream<Empty__Output, Message>>();
  return {
    SendMessage: (call, callback) => {
      for (const subscriber of subscribers) subscriber.write(call.request);
      callback(null, call.request);
    },
    ReceiveMessage: (call) => {
      subscribers.add(call);
      call.on('cancelled', () => subscribers.delete(call));
      call.sendMetadata(call.metadata);
    },
  };
};

const time = { seconds: '1700000000', nanos: 0 };
const ada = { name: 'Ada Lovelace', email: 'ada@example.com', phone_number: '+14155550123' };
const user: User = {
  id: '00000000-0000-4000-8000-000000000000',
  ...ada,
  create_time: time,
  update_time: time,
};

export const users: UserServiceHandlers = {
  CreateUser: (_call, callback) => callback(null, user),
  GetUser: (_call, callback) => callback(null, user),
  UpdateUser: (_call, callback) => callback(null, user),
  DeleteUser: (_call, callback) => callback(null, {}),
  ListUsers: (call, callback) =>
    callback(null, {
      users: Array.from({ length: call.request.page_size }, () => user),
      next_page_token: 'a token of about the usual length',
    }),
};

const phoneOtp: PhoneOTPServiceHandlers = {
  SendOTP: (_call, callback) => callback(null, { success: true }),
  VerifyOTP: (_call, callback) => callback(null, { success: true }),
};

const served: Partial<Record<ServiceName, () => Served>> = {
  'lesson 4 without pauses': () => ({ service: contract('hello.Hello'), handlers: hello }),
  'lesson 5': () => ({ service: contract('chat.ChatService'), handlers: chat() }),
  'lesson 6': () => ({ service: contract('livechat.ChatService'), handlers: liveChat() }),
  'lesson 7': () => ({ service: contract('user.UserService'), handlers: users }),
  'lesson 8 with a known code': () => ({
    service: contract('phoneotp.PhoneOTPService'),
    handlers: phoneOtp,
  }),
};

/**
 * @param name - which service to serve
 * @returns the bare server, once it takes calls
 */
export const serveBare = (name: ServiceName): Promise<Listening> =>
  serveAll([served[name]!()], '127.0.0.1:0');

/**
 * What the lessons' services are measured against: plain grpc-js handlers that put the same messages on the wire, at
 * the same moments, and do nothing else. No checks, no store, no limits, no care for slow readers.
 */
import type { ServerWritableStream } from '@grpc/grpc-js';
import type { ProtoGrpcType as Chat } from '#protos/generated/chat.ts';
import type { ChatServiceHandlers } from '#protos/generated/chat/ChatService.ts';
import type { MessageRequest__Output } from '#protos/generated/chat/MessageRequest.ts';
import type { ProtoGrpcType as Hello } from '#protos/generated/hello.ts';
import type { HelloHandlers } from '#protos/generated/hello/Hello.ts';
import type { HelloRequest__Output } from '#protos/generated/hello/HelloRequest.ts';
import type { ProtoGrpcType as LiveChat } from '#protos/generated/live_chat.ts';
import type { ChatServiceHandlers as LiveChatHandlers } from '#protos/generated/livechat/ChatService.ts';
import type { Empty__Output } from '#protos/generated/livechat/Empty.ts';
import type { Message } from '#protos/generated/livechat/Message.ts';
import type { ProtoGrpcType as PhoneOtp } from '#protos/generated/phoneotp.ts';
import type { PhoneOTPServiceHandlers } from '#protos/generated/phoneotp/PhoneOTPService.ts';
import type { User } from '#protos/generated/user/User.ts';
import type { UserServiceHandlers } from '#protos/generated/user/UserService.ts';
import type { ProtoGrpcType as Users } from '#protos/generated/user_service.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { serve, type Listening } from '#shared/grpc/serve.ts';
import type { Service } from './server-process.ts';

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

/**
 * @param service - which service to serve
 * @param address - where
 * @returns the bare server, once it takes calls
 */
export const serveBare = (service: Exclude<Service, 'access'>, address: string): Promise<Listening> => {
  if (service === 'hello') return serve(loadProto<Hello>('hello.proto').hello.Hello.service, hello, address);
  if (service === 'chat')
    return serve(loadProto<Chat>('chat.proto').chat.ChatService.service, chat(), address);
  if (service === 'live-chat') {
    return serve(loadProto<LiveChat>('live_chat.proto').livechat.ChatService.service, liveChat(), address);
  }
  if (service === 'users')
    return serve(loadProto<Users>('user_service.proto').user.UserService.service, users, address);
  return serve(loadProto<PhoneOtp>('phoneotp.proto').phoneotp.PhoneOTPService.service, phoneOtp, address);
};

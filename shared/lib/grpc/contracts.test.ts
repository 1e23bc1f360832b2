import { describe, expect, it } from 'vitest';
import type { ProtoGrpcType as Chat } from '#protos/generated/chat.ts';
import type { ProtoGrpcType as Hello } from '#protos/generated/hello.ts';
import type { ProtoGrpcType as LiveChat } from '#protos/generated/live_chat.ts';
import type { ProtoGrpcType as PhoneOtp } from '#protos/generated/phoneotp.ts';
import type { ProtoGrpcType as Users } from '#protos/generated/user_service.ts';
import { loadProto } from './load-proto.ts';

interface FieldDescriptor {
  name: string;
  number: number;
  type: string;
  label: string;
  typeName: string;
}

/** What a client in another language relies on: the methods' paths and kinds, the fields' numbers, names and types. */
const promised = (contract: object) => {
  const methods: string[] = [];
  const messages: Record<string, string[]> = {};
  for (const [name, definition] of Object.entries(contract) as [string, never][]) {
    const { service, type } = definition as {
      service?: Record<string, { path: string; requestStream: boolean; responseStream: boolean }>;
      type?: { field: FieldDescriptor[] };
    };
    for (const { path, requestStream, responseStream } of Object.values(service ?? {})) {
      methods.push(`${path} ${requestStream ? 'many' : 'one'} → ${responseStream ? 'many' : 'one'}`);
    }
    if (type) {
      messages[name] = type.field.map(({ number, name: field, type: kind, label, typeName }) =>
        [
          number,
          field,
          typeName || kind.slice('TYPE_'.length).toLowerCase(),
          ...(label === 'LABEL_REPEATED' ? ['repeated'] : []),
        ].join(' '),
      );
    }
  }
  return { methods, messages };
};

describe('what other clients rely on', () => {
  it('stays in hello', () => {
    expect(promised(loadProto<Hello>('hello.proto').hello)).toEqual({
      methods: [
        '/hello.Hello/hello one → one',
        '/hello.Hello/parrotHello one → many',
        '/hello.Hello/clientHello many → one',
        '/hello.Hello/biHello many → many',
      ],
      messages: {
        HelloRequest: ['1 name string', '2 greeting string'],
        HelloReply: ['1 message string'],
        DelayedReply: ['1 message string', '2 request HelloRequest repeated'],
      },
    });
  });

  it('stays in chat', () => {
    const message = ['1 user_from string', '2 chat_room string', '3 message string'];
    expect(promised(loadProto<Chat>('chat.proto').chat)).toEqual({
      methods: [
        '/chat.ChatService/GetStats one → one',
        '/chat.ChatService/GetMessages one → many',
        '/chat.ChatService/SendAndReceiveMessage many → many',
      ],
      messages: {
        MessageRequest: message,
        MessageReply: message,
        EmptyRequest: [],
        StatsReply: ['1 num_messages int32'],
      },
    });
  });

  it('stays in live chat', () => {
    expect(promised(loadProto<LiveChat>('live_chat.proto').livechat)).toEqual({
      methods: [
        '/livechat.ChatService/SendMessage one → one',
        '/livechat.ChatService/ReceiveMessage one → many',
      ],
      messages: { Message: ['1 user_name string', '2 text string'], Empty: [] },
    });
  });

  it('stays in the users', () => {
    expect(promised(loadProto<Users>('user_service.proto').user)).toEqual({
      methods: [
        '/user.UserService/CreateUser one → one',
        '/user.UserService/GetUser one → one',
        '/user.UserService/UpdateUser one → one',
        '/user.UserService/DeleteUser one → one',
        '/user.UserService/ListUsers one → one',
      ],
      messages: {
        User: [
          '1 id string',
          '2 name string',
          '3 email string',
          '4 phone_number string',
          '5 create_time google.protobuf.Timestamp',
          '6 update_time google.protobuf.Timestamp',
        ],
        CreateUserRequest: ['1 user User'],
        GetUserRequest: ['1 id string'],
        UpdateUserRequest: ['1 user User', '2 update_mask google.protobuf.FieldMask'],
        DeleteUserRequest: ['1 id string'],
        ListUsersRequest: ['1 page_size int32', '2 page_token string'],
        ListUsersResponse: ['1 users User repeated', '2 next_page_token string'],
      },
    });
  });

  it('stays in phone OTP', () => {
    expect(promised(loadProto<PhoneOtp>('phoneotp.proto').phoneotp)).toEqual({
      methods: [
        '/phoneotp.PhoneOTPService/SendOTP one → one',
        '/phoneotp.PhoneOTPService/VerifyOTP one → one',
      ],
      messages: {
        SendOTPRequest: ['1 phone_number string'],
        SendOTPResponse: ['1 success bool'],
        VerifyOTPRequest: ['1 phone_number string', '2 otp string'],
        VerifyOTPResponse: ['1 success bool'],
      },
    });
  });
});

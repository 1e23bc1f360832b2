import { expect, it } from 'vitest';
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

const chatMessage = ['1 user_from string', '2 chat_room string', '3 message string'];

it.each<[string, object, string[], Record<string, string[]>]>([
  [
    'hello',
    loadProto<Hello>('hello.proto').hello,
    [
      'Hello/hello one → one',
      'Hello/parrotHello one → many',
      'Hello/clientHello many → one',
      'Hello/biHello many → many',
    ],
    {
      HelloRequest: ['1 name string', '2 greeting string'],
      HelloReply: ['1 message string'],
      DelayedReply: ['1 message string', '2 request HelloRequest repeated'],
    },
  ],
  [
    'chat',
    loadProto<Chat>('chat.proto').chat,
    [
      'ChatService/GetStats one → one',
      'ChatService/GetMessages one → many',
      'ChatService/SendAndReceiveMessage many → many',
    ],
    {
      MessageRequest: chatMessage,
      MessageReply: chatMessage,
      EmptyRequest: [],
      StatsReply: ['1 num_messages int32'],
    },
  ],
  [
    'livechat',
    loadProto<LiveChat>('live_chat.proto').livechat,
    ['ChatService/SendMessage one → one', 'ChatService/ReceiveMessage one → many'],
    { Message: ['1 user_name string', '2 text string'], Empty: [] },
  ],
  [
    'user',
    loadProto<Users>('user_service.proto').user,
    ['CreateUser', 'GetUser', 'UpdateUser', 'DeleteUser', 'ListUsers'].map(
      (name) => `UserService/${name} one → one`,
    ),
    {
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
  ],
  [
    'phoneotp',
    loadProto<PhoneOtp>('phoneotp.proto').phoneotp,
    ['PhoneOTPService/SendOTP one → one', 'PhoneOTPService/VerifyOTP one → one'],
    {
      SendOTPRequest: ['1 phone_number string'],
      SendOTPResponse: ['1 success bool'],
      VerifyOTPRequest: ['1 phone_number string', '2 otp string'],
      VerifyOTPResponse: ['1 success bool'],
    },
  ],
])('what other clients rely on stays in %s', (name, contract, methods, messages) => {
  expect(promised(contract)).toEqual({ methods: methods.map((method) => `/${name}.${method}`), messages });
});

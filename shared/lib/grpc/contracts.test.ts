import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** What clients in other languages rely on: a contract without its comments and imports, a line for each part. */
const promised = (file: string): string[] =>
  readFileSync(new URL(`../../../protos/${file}.proto`, import.meta.url), 'utf8')
    .replaceAll(/\/\/.*|^(?:syntax|import) .*/gm, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(') {}', ');')
    .trim()
    .split(/ (?=package |service |rpc |message \w+ \{)/);

const contracts = {
  hello: `
    package hello;
    service Hello {
    rpc hello (HelloRequest) returns (HelloReply);
    rpc parrotHello (HelloRequest) returns (stream HelloReply);
    rpc clientHello (stream HelloRequest) returns (DelayedReply);
    rpc biHello (stream HelloRequest) returns (stream HelloReply); }
    message HelloRequest { string name = 1; string greeting = 2; }
    message HelloReply { string message = 1; }
    message DelayedReply { string message = 1; repeated HelloRequest request = 2; }
  `,
  chat: `
    package chat;
    service ChatService {
    rpc GetStats (EmptyRequest) returns (StatsReply);
    rpc GetMessages (EmptyRequest) returns (stream MessageReply);
    rpc SendAndReceiveMessage (stream MessageRequest) returns (stream MessageReply); }
    message MessageRequest { string user_from = 1; string chat_room = 2; string message = 3; }
    message MessageReply { string user_from = 1; string chat_room = 2; string message = 3; }
    message EmptyRequest {}
    message StatsReply { int32 num_messages = 1; }
  `,
  live_chat: `
    package livechat;
    service ChatService {
    rpc SendMessage (Message) returns (Message);
    rpc ReceiveMessage (Empty) returns (stream Message); }
    message Message { string user_name = 1; string text = 2; }
    message Empty {}
  `,
  user_service: `
    package user;
    service UserService {
    rpc CreateUser (CreateUserRequest) returns (User);
    rpc GetUser (GetUserRequest) returns (User);
    rpc UpdateUser (UpdateUserRequest) returns (User);
    rpc DeleteUser (DeleteUserRequest) returns (google.protobuf.Empty);
    rpc ListUsers (ListUsersRequest) returns (ListUsersResponse); }
    message User { string id = 1; string name = 2; string email = 3; string phone_number = 4; google.protobuf.Timestamp create_time = 5; google.protobuf.Timestamp update_time = 6; }
    message CreateUserRequest { User user = 1; }
    message GetUserRequest { string id = 1; }
    message UpdateUserRequest { User user = 1; google.protobuf.FieldMask update_mask = 2; }
    message DeleteUserRequest { string id = 1; }
    message ListUsersRequest { int32 page_size = 1; string page_token = 2; }
    message ListUsersResponse { repeated User users = 1; string next_page_token = 2; }
  `,
  phoneotp: `
    package phoneotp;
    service PhoneOTPService {
    rpc SendOTP (SendOTPRequest) returns (SendOTPResponse);
    rpc VerifyOTP (VerifyOTPRequest) returns (VerifyOTPResponse); }
    message SendOTPRequest { string phone_number = 1; }
    message SendOTPResponse { bool success = 1; }
    message VerifyOTPRequest { string phone_number = 1; string otp = 2; }
    message VerifyOTPResponse { bool success = 1; }
  `,
  account: `
    package account;
    service AccountService {
    rpc SignIn (phoneotp.VerifyOTPRequest) returns (SignInResponse); }
    message SignInResponse { string access_token = 1; google.protobuf.Duration expires_in = 2; user.User user = 3; }
  `,
};

it.each(Object.entries(contracts))('what other clients rely on stays in %s', (file, lines) => {
  expect(promised(file)).toEqual(lines.trim().split(/\s*\n\s*/));
});

import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { AccountServiceClient as _account_AccountServiceClient, AccountServiceDefinition as _account_AccountServiceDefinition } from './account/AccountService.ts';
import type { SignInResponse as _account_SignInResponse, SignInResponse__Output as _account_SignInResponse__Output } from './account/SignInResponse.ts';
import type { Duration as _google_protobuf_Duration, Duration__Output as _google_protobuf_Duration__Output } from './google/protobuf/Duration.ts';
import type { Empty as _google_protobuf_Empty, Empty__Output as _google_protobuf_Empty__Output } from './google/protobuf/Empty.ts';
import type { FieldMask as _google_protobuf_FieldMask, FieldMask__Output as _google_protobuf_FieldMask__Output } from './google/protobuf/FieldMask.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from './google/protobuf/Timestamp.ts';
import type { PhoneOTPServiceClient as _phoneotp_PhoneOTPServiceClient, PhoneOTPServiceDefinition as _phoneotp_PhoneOTPServiceDefinition } from './phoneotp/PhoneOTPService.ts';
import type { SendOTPRequest as _phoneotp_SendOTPRequest, SendOTPRequest__Output as _phoneotp_SendOTPRequest__Output } from './phoneotp/SendOTPRequest.ts';
import type { SendOTPResponse as _phoneotp_SendOTPResponse, SendOTPResponse__Output as _phoneotp_SendOTPResponse__Output } from './phoneotp/SendOTPResponse.ts';
import type { VerifyOTPRequest as _phoneotp_VerifyOTPRequest, VerifyOTPRequest__Output as _phoneotp_VerifyOTPRequest__Output } from './phoneotp/VerifyOTPRequest.ts';
import type { VerifyOTPResponse as _phoneotp_VerifyOTPResponse, VerifyOTPResponse__Output as _phoneotp_VerifyOTPResponse__Output } from './phoneotp/VerifyOTPResponse.ts';
import type { CreateUserRequest as _user_CreateUserRequest, CreateUserRequest__Output as _user_CreateUserRequest__Output } from './user/CreateUserRequest.ts';
import type { DeleteUserRequest as _user_DeleteUserRequest, DeleteUserRequest__Output as _user_DeleteUserRequest__Output } from './user/DeleteUserRequest.ts';
import type { GetUserRequest as _user_GetUserRequest, GetUserRequest__Output as _user_GetUserRequest__Output } from './user/GetUserRequest.ts';
import type { ListUsersRequest as _user_ListUsersRequest, ListUsersRequest__Output as _user_ListUsersRequest__Output } from './user/ListUsersRequest.ts';
import type { ListUsersResponse as _user_ListUsersResponse, ListUsersResponse__Output as _user_ListUsersResponse__Output } from './user/ListUsersResponse.ts';
import type { UpdateUserRequest as _user_UpdateUserRequest, UpdateUserRequest__Output as _user_UpdateUserRequest__Output } from './user/UpdateUserRequest.ts';
import type { User as _user_User, User__Output as _user_User__Output } from './user/User.ts';
import type { UserServiceClient as _user_UserServiceClient, UserServiceDefinition as _user_UserServiceDefinition } from './user/UserService.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  account: {
    AccountService: SubtypeConstructor<typeof grpc.Client, _account_AccountServiceClient> & { service: _account_AccountServiceDefinition }
    SignInResponse: MessageTypeDefinition<_account_SignInResponse, _account_SignInResponse__Output>
  }
  google: {
    protobuf: {
      Duration: MessageTypeDefinition<_google_protobuf_Duration, _google_protobuf_Duration__Output>
      Empty: MessageTypeDefinition<_google_protobuf_Empty, _google_protobuf_Empty__Output>
      FieldMask: MessageTypeDefinition<_google_protobuf_FieldMask, _google_protobuf_FieldMask__Output>
      Timestamp: MessageTypeDefinition<_google_protobuf_Timestamp, _google_protobuf_Timestamp__Output>
    }
  }
  phoneotp: {
    PhoneOTPService: SubtypeConstructor<typeof grpc.Client, _phoneotp_PhoneOTPServiceClient> & { service: _phoneotp_PhoneOTPServiceDefinition }
    SendOTPRequest: MessageTypeDefinition<_phoneotp_SendOTPRequest, _phoneotp_SendOTPRequest__Output>
    SendOTPResponse: MessageTypeDefinition<_phoneotp_SendOTPResponse, _phoneotp_SendOTPResponse__Output>
    VerifyOTPRequest: MessageTypeDefinition<_phoneotp_VerifyOTPRequest, _phoneotp_VerifyOTPRequest__Output>
    VerifyOTPResponse: MessageTypeDefinition<_phoneotp_VerifyOTPResponse, _phoneotp_VerifyOTPResponse__Output>
  }
  user: {
    CreateUserRequest: MessageTypeDefinition<_user_CreateUserRequest, _user_CreateUserRequest__Output>
    DeleteUserRequest: MessageTypeDefinition<_user_DeleteUserRequest, _user_DeleteUserRequest__Output>
    GetUserRequest: MessageTypeDefinition<_user_GetUserRequest, _user_GetUserRequest__Output>
    ListUsersRequest: MessageTypeDefinition<_user_ListUsersRequest, _user_ListUsersRequest__Output>
    ListUsersResponse: MessageTypeDefinition<_user_ListUsersResponse, _user_ListUsersResponse__Output>
    UpdateUserRequest: MessageTypeDefinition<_user_UpdateUserRequest, _user_UpdateUserRequest__Output>
    User: MessageTypeDefinition<_user_User, _user_User__Output>
    UserService: SubtypeConstructor<typeof grpc.Client, _user_UserServiceClient> & { service: _user_UserServiceDefinition }
  }
}


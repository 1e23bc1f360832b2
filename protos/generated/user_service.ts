import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { Empty as _google_protobuf_Empty, Empty__Output as _google_protobuf_Empty__Output } from './google/protobuf/Empty.ts';
import type { FieldMask as _google_protobuf_FieldMask, FieldMask__Output as _google_protobuf_FieldMask__Output } from './google/protobuf/FieldMask.ts';
import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from './google/protobuf/Timestamp.ts';
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
  google: {
    protobuf: {
      Empty: MessageTypeDefinition<_google_protobuf_Empty, _google_protobuf_Empty__Output>
      FieldMask: MessageTypeDefinition<_google_protobuf_FieldMask, _google_protobuf_FieldMask__Output>
      Timestamp: MessageTypeDefinition<_google_protobuf_Timestamp, _google_protobuf_Timestamp__Output>
    }
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


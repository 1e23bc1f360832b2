// Original file: protos/user_service.proto


export interface DeleteUserRequest {
  'id'?: (string);
}

export interface DeleteUserRequest__Output {
  'id': (string);
}

// Original file: protos/user_service.proto


export interface ListUsersRequest {
  'page_size'?: (number);
  'page_token'?: (string);
}

export interface ListUsersRequest__Output {
  'page_size': (number);
  'page_token': (string);
}

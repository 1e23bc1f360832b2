// Original file: protos/user_service.proto

import type { User as _user_User, User__Output as _user_User__Output } from '../user/User.ts';

export interface ListUsersResponse {
  'users'?: (_user_User)[];
  'next_page_token'?: (string);
}

export interface ListUsersResponse__Output {
  'users': (_user_User__Output)[];
  'next_page_token': (string);
}

// Original file: protos/user_service.proto

import type { User as _user_User, User__Output as _user_User__Output } from '../user/User.ts';

export interface CreateUserRequest {
  'user'?: (_user_User | null);
}

export interface CreateUserRequest__Output {
  'user': (_user_User__Output | null);
}

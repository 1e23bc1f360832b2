// Original file: protos/account.proto

import type { Duration as _google_protobuf_Duration, Duration__Output as _google_protobuf_Duration__Output } from '../google/protobuf/Duration.ts';
import type { User as _user_User, User__Output as _user_User__Output } from '../user/User.ts';

export interface SignInResponse {
  'access_token'?: (string);
  'expires_in'?: (_google_protobuf_Duration | null);
  'user'?: (_user_User | null);
}

export interface SignInResponse__Output {
  'access_token': (string);
  'expires_in': (_google_protobuf_Duration__Output | null);
  'user': (_user_User__Output | null);
}

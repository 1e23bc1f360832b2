// Original file: protos/user_service.proto

import type { User as _user_User, User__Output as _user_User__Output } from '../user/User.ts';
import type { FieldMask as _google_protobuf_FieldMask, FieldMask__Output as _google_protobuf_FieldMask__Output } from '../google/protobuf/FieldMask.ts';

export interface UpdateUserRequest {
  'user'?: (_user_User | null);
  'update_mask'?: (_google_protobuf_FieldMask | null);
}

export interface UpdateUserRequest__Output {
  'user': (_user_User__Output | null);
  'update_mask': (_google_protobuf_FieldMask__Output | null);
}

// Original file: protos/user_service.proto

import type { Timestamp as _google_protobuf_Timestamp, Timestamp__Output as _google_protobuf_Timestamp__Output } from '../google/protobuf/Timestamp.ts';

export interface User {
  'id'?: (string);
  'name'?: (string);
  'email'?: (string);
  'phone_number'?: (string);
  'create_time'?: (_google_protobuf_Timestamp | null);
  'update_time'?: (_google_protobuf_Timestamp | null);
}

export interface User__Output {
  'id': (string);
  'name': (string);
  'email': (string);
  'phone_number': (string);
  'create_time': (_google_protobuf_Timestamp__Output | null);
  'update_time': (_google_protobuf_Timestamp__Output | null);
}

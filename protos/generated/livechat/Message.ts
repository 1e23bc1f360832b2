// Original file: protos/live_chat.proto


export interface Message {
  'user_name'?: (string);
  'text'?: (string);
}

export interface Message__Output {
  'user_name': (string);
  'text': (string);
}

// Original file: protos/chat.proto


export interface MessageReply {
  'user_from'?: (string);
  'chat_room'?: (string);
  'message'?: (string);
}

export interface MessageReply__Output {
  'user_from': (string);
  'chat_room': (string);
  'message': (string);
}

// Original file: protos/chat.proto


export interface MessageRequest {
  'user_from'?: (string);
  'chat_room'?: (string);
  'message'?: (string);
}

export interface MessageRequest__Output {
  'user_from': (string);
  'chat_room': (string);
  'message': (string);
}

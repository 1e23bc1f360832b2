// Original file: protos/chat.proto


export interface StatsReply {
  'num_messages'?: (number);
}

export interface StatsReply__Output {
  'num_messages': (number);
}

// Original file: protos/live_chat.proto


export interface Empty {
}

export interface Empty__Output {
}

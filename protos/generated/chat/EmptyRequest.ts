// Original file: protos/chat.proto


export interface EmptyRequest {
}

export interface EmptyRequest__Output {
}

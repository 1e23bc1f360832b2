/** The server's half of the chat, as a check has it. */
import type { ChatServiceHandlers } from '#protos/generated/chat/ChatService.ts';
import type { MessageRequest__Output } from '#protos/generated/chat/MessageRequest.ts';

export type Handlers = Partial<ChatServiceHandlers>;
export type Chat = ChatServiceHandlers['SendAndReceiveMessage'];

/** A handler of SendAndReceiveMessage that works. */
export const acknowledging: Chat = (call) => {
  call.on('data', (message: MessageRequest__Output) => call.write(message));
  call.on('end', () => call.end());
};

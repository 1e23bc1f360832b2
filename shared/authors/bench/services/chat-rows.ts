import { once as event } from 'node:events';
import { WebSocket } from 'ws';
import type { ProtoGrpcType as Chat } from '#protos/generated/chat.ts';
import type { MessageReply__Output } from '#protos/generated/chat/MessageReply.ts';
import type { MessageRequest } from '#protos/generated/chat/MessageRequest.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { repeat } from '../sample.ts';
import { echoing, echoOf, insecure, ownConnection, type Echo, type Row } from './load.ts';

const { ChatService } = loadProto<Chat>('chat.proto').chat;

const chatMessage = { user_from: 'Ada', chat_room: 'lobby', message: 'x'.repeat(100) };

const chatOverGrpc = (address: string): Echo =>
  echoOf<MessageRequest, MessageReply__Output>(
    new ChatService(address, insecure, ownConnection).SendAndReceiveMessage(),
    chatMessage,
  );

/** A WebSocket that is open. */
export const webSocket = async (address: string, path: string): Promise<WebSocket> => {
  const socket = new WebSocket(`ws://${address}${path}`, { perMessageDeflate: false });
  await event(socket, 'open');
  return socket;
};

const chatOverWebSocket = async (address: string): Promise<Echo> => {
  const socket = await webSocket(address, '/');
  const waiting: (() => void)[] = [];
  socket.on('message', (data: Buffer) => {
    JSON.parse(data.toString());
    waiting.shift()!();
  });
  return {
    send: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        socket.send(JSON.stringify(chatMessage));
      }),
    close: () => socket.terminate(),
  };
};

export const chat = (title: string, inFlight: number): Row => ({
  title,
  service: 'chat',
  unit: 'messages',
  variants: ['workbook', 'bare', 'ws'],
  target: 0.85,
  prepare: async (address, variant) =>
    echoing(variant === 'ws' ? await chatOverWebSocket(address) : chatOverGrpc(address), inFlight),
});

export const chatHistory: Row = {
  title: 'chat: the history of 5,000 messages',
  service: 'chat',
  unit: 'messages',
  variants: ['workbook', 'bare'],
  target: 0.85,
  prepare: async (address) => {
    const length = 5_000;
    const echo = chatOverGrpc(address);
    await Promise.all(Array.from({ length }, () => echo.send()));
    const stub = new ChatService(address, insecure, ownConnection);
    const read = async (): Promise<void> => {
      let came = 0;
      for await (const message of stub.GetMessages({})) came += message ? 1 : 0;
      if (came !== length) throw new Error(`${came} of ${length} messages came`);
    };
    return {
      round: (effort) => repeat(read, effort, 1, length),
      close: () => {
        echo.close();
        stub.close();
      },
    };
  },
};

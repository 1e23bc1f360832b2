/** The chats of lessons 5 and 6 over WebSockets with JSON, with the same limits and the same care, for comparison. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { textProblem } from '#shared/grpc/text-limits.ts';
import type { Service } from './server-process.ts';

const limits = { max: 4_000 };

/** How many bytes may wait for a socket that does not read before it is closed: as many messages as lesson 6 keeps. */
const mostWaiting = 256 * 1_024;

const problemOf = (message: Record<string, string>, fields: string[]): string | undefined => {
  for (const field of fields) {
    const problem = textProblem(message[field] ?? '', limits);
    if (problem) return `${field} ${problem}`;
  }
  return undefined;
};

/** Acknowledges each message with itself, and keeps it. */
const chat = (socket: WebSocket, received: unknown[]): void => {
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as Record<string, string>;
    const problem = problemOf(message, ['user_from', 'chat_room', 'message']);
    if (problem) {
      socket.close(1_008, problem);
      return;
    }
    received.push(message);
    socket.send(JSON.stringify(message));
  });
};

/** Gives each message to every socket that only listens, and acknowledges it to the one that has sent it. */
const liveChat = (socket: WebSocket, listening: boolean, subscribers: Set<WebSocket>): void => {
  if (listening) {
    subscribers.add(socket);
    socket.on('close', () => subscribers.delete(socket));
  }
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as Record<string, string>;
    const problem = problemOf(message, ['user_name', 'text']);
    if (problem) {
      socket.close(1_008, problem);
      return;
    }
    const text = JSON.stringify(message);
    for (const subscriber of subscribers) {
      if (subscriber.bufferedAmount > mostWaiting) subscriber.close(1_013, 'too slow');
      else subscriber.send(text);
    }
    socket.send(text);
  });
};

/**
 * @param service - chat or live-chat
 * @returns the port of the server, once it takes connections; a socket that only listens asks for the path /listen
 */
export const serveWebSocket = async (service: Service): Promise<number> => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  const received: unknown[] = [];
  const subscribers = new Set<WebSocket>();
  server.on('connection', (socket, request) => {
    if (service === 'chat') chat(socket, received);
    else liveChat(socket, request.url === '/listen', subscribers);
  });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

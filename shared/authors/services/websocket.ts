/** The chats of lessons 5 and 6 over WebSockets with JSON, with the same limits and the same care, for comparison. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { textProblem } from '#shared/grpc/text-limits.ts';
import type { ServiceName } from './lesson-servers.ts';

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

/** Acknowledges each message that is right with itself, and hands it on. */
const acknowledging = (socket: WebSocket, fields: string[], take: (message: string) => void): void => {
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as Record<string, string>;
    const problem = problemOf(message, fields);
    if (problem) {
      socket.close(1_008, problem);
      return;
    }
    const text = JSON.stringify(message);
    take(text);
    socket.send(text);
  });
};

/** Keeps each message. */
const chat = (socket: WebSocket, received: string[]): void =>
  acknowledging(socket, ['user_from', 'chat_room', 'message'], (text) => received.push(text));

/** Gives each message to every socket that only listens. */
const liveChat = (socket: WebSocket, listening: boolean, subscribers: Set<WebSocket>): void => {
  if (listening) {
    subscribers.add(socket);
    socket.on('close', () => subscribers.delete(socket));
  }
  acknowledging(socket, ['user_name', 'text'], (text) => {
    for (const subscriber of subscribers) {
      if (subscriber.bufferedAmount > mostWaiting) subscriber.close(1_013, 'too slow');
      else subscriber.send(text);
    }
  });
};

/**
 * @param name - lesson 5 or 6
 * @returns the port of the server, once it takes connections; a socket that only listens asks for the path /listen
 */
export const serveWebSocket = async (name: ServiceName): Promise<{ port: number }> => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  const received: string[] = [];
  const subscribers = new Set<WebSocket>();
  server.on('connection', (socket, request) => {
    if (name === 'lesson 5') chat(socket, received);
    else liveChat(socket, request.url === '/listen', subscribers);
  });
  await once(server, 'listening');
  return server.address() as AddressInfo;
};

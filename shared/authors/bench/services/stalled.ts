import { once } from 'node:events';
import { connect, type ClientHttp2Session } from 'node:http2';
import { credentials } from '@grpc/grpc-js';
import type { ProtoGrpcType } from '#protos/generated/live_chat.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { ServerProcess } from './server-process.ts';

const { ChatService } = loadProto<ProtoGrpcType>('live_chat.proto').livechat;

/** What subscribers cost that have subscribed and read nothing since. */
export interface StalledCost {
  subscribers: number;
  /** How many messages were sent past them, and how long each was, in bytes. */
  messages: number;
  size: number;
  /** The most memory that one of them has held in the server at any time, in bytes: its connection, stream and queue. */
  held: number;
  /** How much the whole process has grown for one of them, in bytes. */
  resident: number;
}

/** Subscribes on a connection of its own, and never reads. */
const subscribe = async (address: string): Promise<ClientHttp2Session> => {
  const session = connect(`http://${address}`);
  session.on('error', () => {});
  const stream = session.request({
    ':method': 'POST',
    ':path': '/livechat.ChatService/ReceiveMessage',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.on('error', () => {});
  // One message of no bytes: an uncompressed Empty.
  stream.end(Buffer.alloc(5));
  await once(stream, 'response');
  stream.pause();
  return session;
};

/**
 * Measures lesson 6 with subscribers that do not read, while messages go past them.
 *
 * @param subscribers - how many do not read
 * @param messages - how many messages are sent
 */
export const stalledCost = async (subscribers: number, messages: number): Promise<StalledCost> => {
  const server = await ServerProcess.start('live-chat', 'workbook');
  const sender = new ChatService(server.address, credentials.createInsecure());
  // As large as a message can be on the wire: 4,000 characters of four bytes each.
  const text = '\u{1F600}'.repeat(4_000);
  const send = (): Promise<void> =>
    new Promise((resolve, reject) => {
      sender.SendMessage({ user_name: 'Ada', text }, (error) => (error ? reject(error) : resolve()));
    });
  for (let count = 0; count < 50; count += 1) await send();
  const before = await server.usage();
  const sessions = await Promise.all(Array.from({ length: subscribers }, () => subscribe(server.address)));
  let held = 0;
  let resident = 0;
  for (let count = 0; count < messages; count += 1) {
    await send();
    if (count % Math.ceil(messages / 20) !== 0) continue;
    const now = await server.usage();
    held = Math.max(held, now.held - before.held);
    resident = Math.max(resident, now.resident - before.resident);
  }
  for (const session of sessions) session.destroy();
  sender.close();
  await server.stop();
  return {
    subscribers,
    messages,
    size: Buffer.byteLength(text),
    held: held / subscribers,
    resident: resident / subscribers,
  };
};

import { stalledAt } from '#kit/stalled-reader.ts';
import { methodAt } from '../../services/contracts.ts';
import { ServerProcess } from '../../services/server-process.ts';
import { ServiceClient } from '../../services/service-client.ts';

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

/**
 * Measures lesson 6 with subscribers that do not read, while messages go past them.
 *
 * @param subscribers - how many do not read
 * @param messages - how many messages are sent
 */
export const stalledCost = async (subscribers: number, messages: number): Promise<StalledCost> => {
  const server = await ServerProcess.start('workbook', ['lesson 6']);
  const address = server.addressOf('lesson 6');
  const sender = new ServiceClient(address);
  // As large as a message can be on the wire: 4,000 characters of four bytes each.
  const text = '\u{1F600}'.repeat(4_000);
  const send = () => sender.ask('/livechat.ChatService/SendMessage', { user_name: 'Ada', text });
  for (let count = 0; count < 50; count += 1) await send();
  const before = await server.ask('usage');
  // Each on a connection of its own, and none of them ever reads.
  const listening = methodAt('/livechat.ChatService/ReceiveMessage');
  const stalled = Array.from({ length: subscribers }, () => stalledAt(address, listening, {}));
  await Promise.all(stalled.map(({ begun }) => begun));
  let held = 0;
  let resident = 0;
  for (let count = 0; count < messages; count += 1) {
    await send();
    if (count % Math.ceil(messages / 20) !== 0) continue;
    const now = await server.ask('usage');
    held = Math.max(held, now.held - before.held);
    resident = Math.max(resident, now.resident - before.resident);
  }
  for (const { vanish } of stalled) vanish();
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

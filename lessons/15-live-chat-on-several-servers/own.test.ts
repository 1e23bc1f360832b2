import { Metadata, status } from '@grpc/grpc-js';
import { describe, it } from 'vitest';
import { hear, soon } from '#kit/calls.ts';
import { ChatService, linesIn, logAt, newFile, someMessages, written } from '#kit/chat-log/servers.ts';
import { same } from '#kit/check-failure.ts';
import { integer } from '#kit/random-inputs.ts';
import { linesOf } from '#kit/live-chat/people.ts';
import { calling } from '#kit/peers.ts';

describe('On your own · What was said last', () => {
  it('begins so many messages before the end, and refuses what is no number', async () => {
    const { liveChat } = await import('#answers/15-live-chat-on-several-servers/server.ts');
    const kept = integer(5, 9);
    const log = await logAt(newFile(), kept);
    await written(log, someMessages(kept + 3));
    const stub = await calling(ChatService, liveChat(log));
    const read = async (values: Record<string, string>, count: number): Promise<string[]> => {
      const metadata = new Metadata();
      for (const [key, value] of Object.entries(values)) metadata.set(key, value);
      const call = stub.receiveMessage({}, metadata, soon());
      const { messages, ended } = await hear(call, count);
      return ended ? [status[ended.code]!] : linesOf(messages);
    };
    const order = await linesIn(log);
    const advice = '`last` stands beside `after` in the metadata of the call. Begin behind newest - last.';
    for (const last of [1, 3, kept])
      same(await read({ last: String(last) }, last), order.slice(-last), advice);
    const fewer = 'When the log has fewer, begin with the oldest that it has.';
    for (const last of [kept + 1, kept + 50]) same(await read({ last: String(last) }, kept), order, fewer);
    const { newest } = await log.ends();
    same(await read({ last: '5', after: String(newest - 2) }, 2), order.slice(-2), '`after` comes first.');
    for (const last of ['x', '-1', '1.5', '']) {
      const digits = 'last takes decimal digits, and nothing else.';
      same(await read({ last }, 1), ['INVALID_ARGUMENT'], digits);
    }
    same(await read({ last: '0', after: String(newest - 1) }, 1), order.slice(-1), '`after` comes first.');
  });
});

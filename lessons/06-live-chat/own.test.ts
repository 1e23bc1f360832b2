import { status } from '@grpc/grpc-js';
import { describe, it } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/live_chat.ts';
import type { ChatServiceHandlers } from '#protos/generated/livechat/ChatService.ts';
import type { Message__Output } from '#protos/generated/livechat/Message.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { same } from '#kit/check-failure.ts';
import { integer, longText } from '#kit/random-inputs.ts';
import { endedWith, numbered, say, stalled, subscribe } from '#kit/live-chat/people.ts';
import { serving, stubAt } from '#kit/peers.ts';

const { ChatService } = loadProto<ProtoGrpcType>('live_chat.proto').livechat;

/** How much may wait, in bytes: some twenty messages. */
const little = 20_000;
/** As the server counts. */
const bytesOf = ({ user_name, text }: Message__Output): number => 128 + 2 * (user_name.length + text.length);
const namesOf = (messages: Message__Output[]): string[] => messages.map(({ user_name }) => user_name);

/** Brings up the learner's server. @param values - the metadata of each subscriber, in order */
const served = async (...values: (string | undefined)[]) => {
  const { liveChat } = await import('#answers/06-live-chat/server.ts');
  const { handlers, stop } = liveChat(undefined, little);
  const ReceiveMessage: ChatServiceHandlers['ReceiveMessage'] = (call) => {
    const value = values.shift();
    if (value !== undefined) call.metadata.set('behind', value);
    handlers.ReceiveMessage(call);
  };
  const address = await serving(ChatService.service, { ...handlers, ReceiveMessage });
  const messages = numbered(integer(45, 60), 400);
  // One takes the place of several.
  messages.at(-integer(3, 8))!.text = longText;
  return { address, stub: stubAt(ChatService, address), stop, messages };
};

describe('On your own · The latest for who falls behind', () => {
  it('drops the oldest that wait, as few as it takes, and goes on', async () => {
    const { address, stub, stop, messages } = await served('skip', 'skip', 'skip');
    const reader = await subscribe(stub, messages.length);
    const late = [await stalled(address)];
    await say(stub, messages.slice(0, 5));
    late.push(await stalled(address));
    await say(stub, messages.slice(5));
    stop();
    let room = little;
    const first = messages.findLastIndex((message) => (room -= bytesOf(message)) < 0) + 1;
    // What comes first had gone out before anything had to wait: one message, or two in other ways of writing.
    const early = namesOf(messages.slice(0, 7));
    for (const each of late) {
      const read = await each.read();
      endedWith(read, status.UNAVAILABLE, 'This client falls behind, and stays until the server is stopped.');
      const waited = namesOf(read.messages).filter((name) => !early.includes(name));
      const advice =
        'What waits is as much of the latest as the limit allows. `bytes` says how much that is.';
      same(waited, namesOf(messages.slice(first)), advice);
    }
    const all = namesOf((await reader.heard()).messages);
    same(all, namesOf(messages), 'A client that reads misses nothing, whatever it has asked for.');
  });

  it('ends every other client that falls behind', async () => {
    const { address, stub, messages } = await served(undefined, 'skip', 'wait');
    const readers = [await stalled(address), await stalled(address), await stalled(address)];
    await say(stub, messages);
    for (const reader of [readers[0]!, readers[2]!]) {
      const advice = 'Only a client that has sent behind: skip is not ended, and it asks for itself alone.';
      endedWith(await reader.read(), status.RESOURCE_EXHAUSTED, advice);
    }
  });
});

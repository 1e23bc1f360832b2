import { setImmediate as nextTurn } from 'node:timers/promises';
import { Metadata, status } from '@grpc/grpc-js';
import { describe, it } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/chat.ts';
import type { ChatServiceHandlers } from '#protos/generated/chat/ChatService.ts';
import { detailsOf } from '#shared/grpc/error-details.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { endedWell, hear, inWords, settled, soon } from '#kit/calls.ts';
import { grace, numbered, said, textsOf } from '#kit/chat/people.ts';
import { must, same } from '#kit/check-failure.ts';
import { integer } from '#kit/random-inputs.ts';
import { calling, serving } from '#kit/peers.ts';
import { signal } from '#kit/awaited-events.ts';
import { stalledAt } from '#kit/stalled-reader.ts';

const { ChatService } = loadProto<ProtoGrpcType>('chat.proto').chat;

const served = async () => {
  const received = numbered(integer(90, 110));
  const handlers = (await import('#answers/05-chat/server.ts')).chat(received);
  const stub = await calling(ChatService, handlers);
  const read = (after?: string) => hear(stub.getMessages({}, Metadata.fromHttp2Headers({ after }), soon()));
  return { received, handlers, read };
};

describe('On your own · Only what is new', () => {
  it('leaves out as many messages as the client says, for its own call', async () => {
    const { received, read } = await served();
    const { length } = received;
    const counts = [integer(2, 9), undefined, integer(10, length - 1), 0, length, length + 3, undefined];
    const heard = await Promise.all(counts.map((after) => read(after?.toString())));
    for (const [index, { messages, ended }] of heard.entries()) {
      const after = counts[index];
      endedWell(ended, 'Behind the last message comes the end, also where there is none to send.');
      const advice = `This client has sent ${after === undefined ? 'no metadata' : `after: ${after}`}.`;
      same(textsOf(messages), textsOf(received.slice(after ?? 0)), advice);
    }
  });

  it('refuses what is no whole number from 0 on, and sends nothing then', async () => {
    const { read } = await served();
    for (const wrong of ['none', '-1', '1.5', `${integer(2, 9)}x`]) {
      const { messages, ended } = await read(wrong);
      const fields = ended ? detailsOf(ended).violations.map(({ field }) => field) : [];
      must(ended?.code === status.INVALID_ARGUMENT && fields.join() === 'after' && messages.length === 0, {
        expected: `INVALID_ARGUMENT for after: ${wrong}, which names the field after for programs too`,
        came: `${messages.length} messages, and ${ended ? inWords(ended) : 'no status'}`,
        advice: 'Step 2 ends a stream with what invalidArgument(field, description) makes.',
      });
    }
  });

  it('writes what there was when it was asked, and no more at once than the reader takes', async () => {
    const { received, handlers } = await served();
    const asked = textsOf(received.slice(2));
    const opened = signal<Parameters<ChatServiceHandlers['GetMessages']>[0]>();
    const GetMessages: ChatServiceHandlers['GetMessages'] = (call) => {
      call.metadata.set('after', '2');
      opened.send(call);
      return handlers.GetMessages(call);
    };
    const address = await serving(ChatService.service, { GetMessages });
    const reader = stalledAt(address, ChatService.service.GetMessages, {});
    const call = await settled(opened.sent, 'Does the call reach GetMessages?');
    await nextTurn();
    const enough = call.writableLength <= call.writableHighWaterMark;
    received.push(...said(grace, 'too late'));
    const advice = 'As in step 4: copy the list, and wait for drain when call.write() has returned false.';
    same(textsOf((await reader.read()).messages), asked, advice);
    const came = 'more: this client did not read, and they piled up in the server';
    must(enough, { expected: `at most ${call.writableHighWaterMark} messages to wait`, came, advice });
  });
});

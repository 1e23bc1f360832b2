/** People who talk in a chat: at the learner's server, or at one of the check's own. */
import type { StatusObject } from '@grpc/grpc-js';
import type { ProtoGrpcType } from '#protos/generated/chat.ts';
import type { MessageReply, MessageReply__Output } from '#protos/generated/chat/MessageReply.ts';
import type { MessageRequest } from '#protos/generated/chat/MessageRequest.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { inTime, within } from '../time-limits.ts';
import { endedWell, soon } from '../calls.ts';
import { stubAt } from '../peers.ts';
import { stalledAt, type Stalled } from '../stalled-reader.ts';

const { ChatService } = loadProto<ProtoGrpcType>('chat.proto').chat;

export const ada = { user_from: 'Ada', chat_room: 'lobby' };
export const grace = { user_from: 'Grace', chat_room: 'lab' };

/** @returns what the sender says, one message for each text */
export const said = (sender: typeof ada, ...texts: readonly string[]): MessageRequest[] =>
  texts.map((message) => ({ ...sender, message }));

/** @returns so many messages of Ada, all different, each text at least so long */
export const numbered = (count: number, length = 0): MessageRequest[] =>
  said(ada, ...Array.from({ length: count }, (_, index) => `message ${index + 1}`.padEnd(length, '.')));

/** @returns the text of each message */
export const textsOf = (messages: readonly MessageReply[]): (string | undefined)[] =>
  messages.map(({ message }) => message);

/** Types the lines, one after the other; an error among them is thrown. */
export async function* typing(...lines: (string | Error)[]): AsyncGenerator<string, void> {
  for (const line of lines) {
    if (line instanceof Error) throw line;
    yield line;
  }
}

/** Somebody who says the next thing when the last one has come back. */
export interface Speaker {
  /** Says it so often. Meanwhile others get on. */
  say(message: string, times?: number): Promise<void>;
  heard: MessageReply__Output[];
}

/** All that speak at a server, and whether one has heard more than its own acknowledgements. */
const speakersAt = new Map<string, { hasTooMuch: () => boolean }[]>();

/** @returns a speaker at the learner's server, who must not be kept waiting for anybody else */
export const speaker = (address: string, sender: typeof ada): Speaker => {
  const call = stubAt(ChatService, address).sendAndReceiveMessage(soon(2));
  const over = new Promise<StatusObject>((resolve) => call.on('status', resolve));
  const heard: MessageReply__Output[] = [];
  let spoken = 0;
  const speakers = speakersAt.get(address) ?? [];
  speakersAt.set(address, [...speakers, { hasTooMuch: () => heard.length > spoken }]);
  call.on('error', () => {});
  call.on('data', (reply: MessageReply__Output) => heard.push(reply));
  const say = async (message: string, times = 1): Promise<void> => {
    for (let time = 0; time < times; time += 1) {
      const answer = new Promise<undefined>((resolve) => call.once('data', () => resolve(undefined)));
      call.write({ ...sender, message });
      spoken += 1;
      const ended = await within(Promise.race([answer, over]), () => ({
        expected: 'each client to be answered at once, whatever the others do',
        came: 'nothing',
        advice: speakersAt.get(address)!.some(({ hasTooMuch }) => hasTooMuch())
          ? 'The acknowledgement went to another client: write it to the call that its message came on.'
          : 'Each message gets its acknowledgement, and no client is kept waiting for another one.',
      }));
      const apart =
        'What happens on one call must not end another one: keep nothing of a call outside the handler.';
      endedWell(ended, apart, 'an acknowledgement of each message', apart);
    }
  };
  return { say, heard };
};

/** @returns somebody who says all that, with a wait for each promise in it, and reads no acknowledgement, once the server has had time to write the first one */
export const stalledSpeaker = async (
  address: string,
  messages: readonly (MessageRequest | Promise<unknown>)[],
): Promise<Stalled<MessageReply__Output>> => {
  const reader = stalledAt(address, ChatService.service.SendAndReceiveMessage, ...messages);
  await inTime(reader.begun);
  return reader;
};

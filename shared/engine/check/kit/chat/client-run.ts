/** The learner's chat client at work, with a server of the check's own. */
import type { ProtoGrpcType } from '#protos/generated/chat.ts';
import type { ChatServiceClient, ChatServiceHandlers } from '#protos/generated/chat/ChatService.ts';
import type { MessageRequest__Output } from '#protos/generated/chat/MessageRequest.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { must } from '../check-failure.ts';
import { calling } from '../peers.ts';
import { ada } from './people.ts';

const { ChatService } = loadProto<ProtoGrpcType>('chat.proto').chat;

export type Handlers = Partial<ChatServiceHandlers>;
export type Chat = ChatServiceHandlers['SendAndReceiveMessage'];

/** A handler of SendAndReceiveMessage that works. */
export const acknowledging: Chat = (call) => {
  call.on('data', (message: MessageRequest__Output) => call.write(message));
  call.on('end', () => call.end());
};

/**
 * A second loop over a call would show one time and not another: up to Node.js 22 it finds a call that has ended closed, and
 * from 24 on it ends in silence. Here it always fails.
 */
const heardOnce = (stub: ChatServiceClient): ChatServiceClient => {
  const open = stub.sendAndReceiveMessage;
  stub.sendAndReceiveMessage = () => {
    const call = open.call(stub);
    const read = call[Symbol.asyncIterator];
    let loops = 0;
    call[Symbol.asyncIterator] = () => {
      loops += 1;
      must(loops === 1, {
        expected: 'the call to be read by one loop',
        came: 'a second loop over the same call',
        advice: 'hear() was called twice. Start it once and keep its promise: const over = hear();',
      });
      return read.call(call);
    };
    return call;
  };
  return stub;
};

/** What a lesson's client has to offer. */
interface Lesson {
  chat: (
    stub: ChatServiceClient,
    sender: typeof ada,
    lines: AsyncIterable<string>,
    print: Print,
  ) => Promise<void>;
  command: (stub: ChatServiceClient, name: string, print: Print) => Promise<void>;
}
type Print = (line: string) => void;

/** A client that has been started. */
interface ClientRun {
  over: Promise<void>;
  printed: string[];
}

const running = async (
  handlers: Handlers,
  run: (stub: ChatServiceClient, print: Print) => Promise<void>,
  onPrint = (): void => {},
): Promise<ClientRun> => {
  const stub = await calling(ChatService, handlers as ChatServiceHandlers);
  const printed: string[] = [];
  const over = run(heardOnce(stub), (line) => {
    printed.push(String(line));
    onPrint();
  });
  return { over, printed };
};

/** Lets the client chat. @param onPrint - is called behind each line that it prints */
export const chatRun = (
  { chat }: Lesson,
  SendAndReceiveMessage: Chat,
  lines: AsyncIterable<string>,
  sender = ada,
  onPrint?: () => void,
): Promise<ClientRun> =>
  running({ SendAndReceiveMessage }, (stub, print) => chat(stub, sender, lines, print), onPrint);

/** Lets the client run a command. @param onPrint - is called behind each line that it prints */
export const commandRun = (
  { command }: Lesson,
  name: string,
  handlers: Handlers,
  onPrint?: () => void,
): Promise<ClientRun> => running(handlers, (stub, print) => command(stub, name, print), onPrint);

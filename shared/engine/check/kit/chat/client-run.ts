/** The learner's chat client at work, with a server of the check's own. */
import { status, type Deadline, type ServiceError } from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/chat.ts';
import type { ChatServiceClient, ChatServiceHandlers } from '#protos/generated/chat/ChatService.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { inTime } from '../time-limits.ts';
import { settled } from '../calls.ts';
import { must } from '../check-failure.ts';
import { calling } from '../peers.ts';
import { signal } from '../awaited-events.ts';
import { timersStarted } from '../timers.ts';
import type { Chat, Handlers } from './handlers.ts';
import { ada } from './people.ts';

const { ChatService } = loadProto<ProtoGrpcType>('chat.proto').chat;

/**
 * A second loop over a call would show one time and not another: up to Node.js 22 it finds a call that has ended closed, and
 * from 24 on it ends in silence. Here it always fails.
 */
const heardOnce = (stub: ChatServiceClient): ChatServiceClient => {
  const open = stub.sendAndReceiveMessage;
  stub.sendAndReceiveMessage = (...given: unknown[]) => {
    const call = Reflect.apply(open, stub, given) as ReturnType<typeof open>;
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
  /** Waits for a good end as long as lines are printed: how long all of them take depends on the machine. */
  ended(never: string): Promise<void>;
  printed: string[];
}

interface ChatRun extends ClientRun {
  /** Waits for a good end, as long as no line was a command: this server has no handler for one. */
  endedWithoutCommand(never: string): Promise<void>;
  /** Judges that nothing was there to end the chat by time. */
  unlimited(): void;
}

const running = async (
  handlers: Handlers,
  run: (stub: ChatServiceClient, print: Print) => Promise<void>,
  onPrint = (): void => {},
): Promise<ClientRun> => {
  const stub = await calling(ChatService, handlers as ChatServiceHandlers);
  const printed: string[] = [];
  let next = signal<boolean>();
  const over = run(heardOnce(stub), (line) => {
    printed.push(String(line));
    next.send(false);
    onPrint();
  });
  const ended = async (never: string): Promise<void> => {
    const atEnd = over.then(() => true);
    do next = signal<boolean>();
    while (!(await settled(Promise.race([atEnd, next.sent]), never)));
  };
  return { over, ended, printed };
};

/** Lets the client chat. @param onPrint - is called behind each line that it prints */
export const chatRun = async (
  { chat }: Lesson,
  SendAndReceiveMessage: Chat,
  lines: AsyncIterable<string>,
  sender = ada,
  onPrint?: () => void,
): Promise<ChatRun> => {
  const timers = timersStarted();
  onTestFinished(timers.stop);
  let deadline: Deadline = Infinity;
  const handlers: Handlers = {
    SendAndReceiveMessage: (call) => {
      deadline = call.getDeadline();
      SendAndReceiveMessage(call);
    },
  };
  const unlimited = (): void => {
    const limits = [
      ...[...new Set(timers.ofLesson)].map((duration) => `a timer of ${duration} milliseconds`),
      ...(deadline === Infinity ? [] : ['a deadline']),
    ];
    must(limits.length === 0, {
      expected: 'a chat that lasts as long as a person types',
      came: limits.join(', '),
      advice:
        'A person may think for a while: let nothing end the chat by time. Only a command has a deadline.',
    });
  };
  const run = await running(handlers, (stub, print) => chat(stub, sender, lines, print), onPrint);
  const endedWithoutCommand = (never: string): Promise<void> => {
    const saidAll = run.over.catch((error: Partial<ServiceError> | undefined) => {
      must(!(error?.code === status.UNIMPLEMENTED && /Get(Stats|Messages)/.test(error.details ?? '')), {
        expected: 'each line to be said, unless it begins with a slash',
        came: 'a line that was run as a command',
        advice: "' /stats' begins with a space, and is no command. Look at each line as it was typed.",
      });
      throw error;
    });
    return settled(saidAll, never);
  };
  return { ...run, endedWithoutCommand, unlimited };
};

/** @returns whether a command fails when its call does; what that looks like is for the step of the commands */
export const commandFails = async (lesson: Lesson, name: string): Promise<boolean> => {
  // There is no handler for it.
  const { over } = await commandRun(lesson, name, {});
  return (
    (await inTime(
      over.then(
        () => 'no',
        () => 'yes',
      ),
    )) === 'yes'
  );
};

/** Lets the client run a command. @param onPrint - is called behind each line that it prints */
export const commandRun = (
  { command }: Lesson,
  name: string,
  handlers: Handlers,
  onPrint?: () => void,
): Promise<ClientRun> => running(handlers, (stub, print) => command(stub, name, print), onPrint);

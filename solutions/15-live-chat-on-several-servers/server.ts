import { Metadata, status } from '@grpc/grpc-js';
import type { ProtoGrpcType } from '#protos/generated/live_chat.ts';
import type { ChatServiceHandlers } from '#protos/generated/livechat/ChatService.ts';
import type { ChatLog, Ends } from '#shared/chat-log/chat-log.ts';
import { openLog } from '#shared/chat-log/open-log.ts';
import { endOf, statusOf, wrongIn, written, type Chat, type Subscription } from '#shared/chat-log/calls.ts';
import { invalidFields } from '#shared/grpc/error-details.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { serveAll, type Listening } from '#shared/grpc/serve.ts';
import { Health, HealthService } from '#shared/health/health.ts';
import type { PairSettings, Settings, SettingValues } from '#shared/terminal/ask.ts';

const { ChatService } = loadProto<ProtoGrpcType>('live_chat.proto').livechat;

/** The name under which a server says whether it may be called, as in lesson 11. */
const ready = 'livechat.ChatService';

const SendMessage = (chat: Chat): ChatServiceHandlers['SendMessage'] => {
  const { log } = chat;
  return async ({ request: message }, callback) => {
    const wrong = wrongIn(message);
    if (wrong) return callback(invalidFields(wrong));
    //#region Step 1 · Acknowledge what the log has
    try {
      await log.append(message);
      callback(null, message);
    } catch (error) {
      callback(statusOf(error));
    }
    //#endregion
  };
};

// The position behind which a subscription begins. `metadata` is what the client has sent with its call.
export const beginning = (metadata: Metadata, { oldest, newest }: Ends): number => {
  //#region Step 2 · Begin behind what the client has heard
  const after = metadata.get('after')[0]?.toString();
  if (after === undefined) return newest;
  if (!/^\d+$/.test(after)) throw { code: status.INVALID_ARGUMENT, details: 'after must be a position' };
  const position = Number(after);
  if (position >= oldest - 1 && position <= newest) return position;
  const details = `${after} is not between ${oldest - 1} and ${newest}. You have missed messages: subscribe without after.`;
  throw { code: status.OUT_OF_RANGE, details };
  //#endregion
};

const ReceiveMessage =
  ({ log, subscriptions }: Chat): ChatServiceHandlers['ReceiveMessage'] =>
  async (call) => {
    const over = endOf(call);
    subscriptions.add(call);
    over.addEventListener('abort', () => subscriptions.delete(call));
    try {
      let position = beginning(call.metadata, await log.ends());
      const metadata = new Metadata();
      metadata.set('position', String(position));
      call.sendMetadata(metadata);
      //#region Step 3 · Hand on what the log has, in its order
      while (!over.aborted) {
        for (const message of await log.read(position, over)) {
          await written(call, message);
          position += 1;
        }
      }
      //#endregion
    } catch (error) {
      call.emit('error', statusOf(error));
    }
  };

// Called when the log is gone, and when it is back.
export const logIsThere = (isThere: boolean, health: Health, subscriptions: Iterable<Subscription>): void => {
  //#region Step 4 · Serve only while the log is there
  health.set(ready, isThere ? 'SERVING' : 'NOT_SERVING');
  if (isThere) return;
  for (const call of subscriptions) {
    call.emit('error', { code: status.UNAVAILABLE, details: 'This server cannot reach the log.' });
  }
  //#endregion
};

// A check may look into the set of subscriptions.
export const liveChat = (log: ChatLog, subscriptions = new Set<Subscription>()): ChatServiceHandlers => ({
  SendMessage: SendMessage({ log, subscriptions }),
  ReceiveMessage: ReceiveMessage({ log, subscriptions }),
});

// From here on: the server as a whole. There is nothing left for you to write.
export const pair = { servers: 3, quiet: ['SendMessage', 'ReceiveMessage'] } satisfies PairSettings;

export const settings = {
  log: { message: 'Where is the log? (a file, or redis://…)', initial: '.workbook/chat.db' },
  keep: { message: 'How many messages does it keep?', initial: '10000' },
} satisfies Settings;

export const start = async (
  address: string,
  { log: place, keep }: SettingValues<typeof settings>,
): Promise<Listening> => {
  const [log, health, subscriptions] = [await openLog(place, keep), new Health(), new Set<Subscription>()];
  for (const name of ['', ready]) health.set(name, 'SERVING');
  log.watch((isThere) => logIsThere(isThere, health, subscriptions));
  const services = [
    { service: ChatService.service, handlers: liveChat(log, subscriptions) },
    { service: HealthService.service, handlers: health.handlers },
  ];
  const listening = await serveAll(services, address).catch(async (error: unknown) => {
    await log.close();
    throw error;
  });
  const stop = async (): Promise<void> => {
    const stopping = { code: status.UNAVAILABLE, details: 'The server is stopping.' };
    for (const call of [...subscriptions, ...health.watches]) call.emit('error', stopping);
    await log.close();
  };
  return { ...listening, stop };
};

import { Metadata, ServerMetricRecorder, status } from '@grpc/grpc-js';
import type { HelloHandlers } from '#protos/generated/hello/Hello.ts';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import { obey, type Condition } from '#shared/balancing/condition.ts';
import { ageOf } from '#shared/balancing/age.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { serveAll, type Listening } from '#shared/grpc/serve.ts';
import type { PairSettings, Settings, SettingValues } from '#shared/terminal/ask.ts';

const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;

// Answers a call, and says in each answer who has given it. `self` changes while the server runs.
export const hello =
  (self: Pick<Condition, 'name' | 'isSick'>): HelloHandlers['hello'] =>
  ({ request: { greeting, name } }, callback) => {
    // TODO 1 · Say who you are
    throw new Error('Step 1 is not written yet');
  };

// Notes how busy this server is. Whoever asks for reports gets what was noted last.
export const report = (
  recorder: ServerMetricRecorder,
  self: Pick<Condition, 'utilization' | 'callsPerSecond'>,
): void => {
  // TODO 2 · Report your load
  throw new Error('Step 2 is not written yet');
};

// From here on: the server as a whole. There is nothing left for you to write.
export const pair = { servers: 3, quiet: ['hello', 'StreamCoreMetrics'] } satisfies PairSettings;

export const settings = {
  age: { message: 'How many seconds may a connection live? (0: as long as it likes)', initial: '0' },
} satisfies Settings;

export const start = async (
  address: string,
  {
    age = settings.age.initial,
    hello: own = hello,
  }: Partial<SettingValues<typeof settings> & { hello: typeof hello }> = {},
): Promise<Listening> => {
  const self: Condition = { name: '', isSick: false, utilization: 0.5, callsPerSecond: 100 };
  const recorder = new ServerMetricRecorder();
  report(recorder, self);
  const answer = own(self);
  const handlers: Pick<HelloHandlers, 'hello'> = {
    hello: (call, callback) => {
      // The lesson's client makes servers sick and busy. No server of yours should listen to anybody like that.
      if (obey(self, call.metadata)) report(recorder, self);
      answer(call, callback);
    },
  };
  const listening = await serveAll([{ service: Hello.service, handlers }], address, ageOf(age));
  recorder.addToServer(listening.server);
  self.name = address.replace(/\d+$/, String(listening.port));
  return listening;
};

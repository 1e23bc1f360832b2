import { Metadata, status, type ServerUnaryCall } from '@grpc/grpc-js';
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
    //#region Step 1 · Say who you are
    const metadata = new Metadata();
    metadata.set('served-by', self.name);
    if (self.isSick) callback({ code: status.UNAVAILABLE, details: 'This server is sick.', metadata });
    else callback(null, { message: `${greeting} ${name}` }, metadata);
    //#endregion
  };

// Tells the caller's channel how busy this server is, with the answer to this call.
export const report = (
  call: Pick<ServerUnaryCall<unknown, unknown>, 'getMetricsRecorder'>,
  self: Pick<Condition, 'utilization' | 'callsPerSecond'>,
): void => {
  //#region Step 2 · Report your load
  const recorder = call.getMetricsRecorder();
  recorder.recordApplicationUtilizationMetric(self.utilization);
  recorder.recordQpsMetric(self.callsPerSecond);
  //#endregion
};

// From here on: the server as a whole. There is nothing left for you to write.
export const pair = { servers: 3, quiet: ['hello'] } satisfies PairSettings;

export const settings = {
  age: { message: 'How many seconds may a connection live? (0: as long as it likes)', initial: '0' },
} satisfies Settings;

const steps = { hello, report };

export const start = async (
  address: string,
  { age = settings.age.initial, ...given }: Partial<SettingValues<typeof settings> & typeof steps> = {},
): Promise<Listening> => {
  const own = { ...steps, ...given };
  const self: Condition = { name: '', isSick: false, utilization: 0.5, callsPerSecond: 100 };
  const answer = own.hello(self);
  const handlers: Pick<HelloHandlers, 'hello'> = {
    hello: (call, callback) => {
      // The lesson's client makes servers sick and busy. No server of yours should listen to anybody like that.
      obey(self, call.metadata);
      own.report(call, self);
      answer(call, callback);
    },
  };
  const listening = await serveAll([{ service: Hello.service, handlers }], address, {
    // Without this, what is recorded is sent to nobody, and nothing says so.
    'grpc.server_call_metric_recording': 1,
    ...ageOf(age),
  });
  self.name = address.replace(/\d+$/, String(listening.port));
  return listening;
};

/** Several servers that the learner did not write, and who of them is called. */
import { createRequire } from 'node:module';
import path from 'node:path';
import {
  experimental,
  loadPackageDefinition,
  Metadata,
  ServerMetricRecorder,
  status,
  type CallOptions,
  type ChannelCredentials,
  type Client,
  type ClientReadableStream,
  type ServerUnaryCall,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { HelloClient, HelloHandlers } from '#protos/generated/hello/Hello.ts';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { serveAll } from '#shared/grpc/serve.ts';
import { silencesIn } from '#shared/grpc/service-config-linter.ts';
import type { Policy } from '#shared/grpc/service-config.ts';
import { hear, soon } from '../calls.ts';
import { must } from '../check-failure.ts';
import { integer, someNames } from '../random-inputs.ts';
import { configuredStub, stubAt, trackedAddress } from '../peers.ts';

export const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;

/** @returns names for servers, all different */
export const serverNames = (count: number): string[] =>
  someNames(count).map((name) => `${name.toLowerCase()}-${integer(10, 99)}:50051`);

/** What a call was answered with: the message or the status, and what came beside it. */
export interface Answered {
  how: string;
  details: string;
  trailers: Metadata;
  headers: Metadata | undefined;
}

/** Makes one call. @returns what it was answered with, once it is over */
export const answered = (
  stub: HelloClient,
  request = { greeting: 'Hello', name: 'Ada' },
): Promise<Answered> =>
  new Promise((resolve) => {
    let [message, headers]: [string | undefined, Metadata | undefined] = [undefined, undefined];
    const call = stub.hello(request, soon(), (_error, reply) => {
      message = reply?.message;
    });
    call.on('metadata', (came) => {
      headers = came;
    });
    call.on('status', ({ code, details, metadata }) => {
      // The callback may come a turn later.
      setImmediate(() => resolve({ how: message ?? status[code]!, details, trailers: metadata, headers }));
    });
  });

/** @returns the names that came beside an answer. @throws CheckFailure when there is not this one alone */
export const mustBeBy = ({ trailers, headers, how }: Answered, name: string): void => {
  const came = trailers.get('served-by').map(String);
  const advice =
    how === 'UNAVAILABLE'
      ? 'The metadata of a status goes with it: { code, details, metadata }.'
      : 'What goes behind a reply is the third argument of callback; metadata.set(key, value) keeps one value.';
  must(came.length === 1 && came[0] === name, {
    expected: `the trailer served-by: ${name}, beside ${how}`,
    came:
      came.length > 0 ? came.join(', ') : headers?.get('served-by').length ? 'it before the reply' : 'none',
    advice,
  });
};

/** The load that a server reports, as gRPC has it. */
export interface Load {
  application_utilization: number;
  rps_fractional: number;
  cpu_utilization: number;
}

/** The protos that grpc-js has of its own, and does not export. */
const protosOfGrpc = createRequire(import.meta.url)
  .resolve('@grpc/grpc-js/package.json')
  .replace(/package\.json$/, 'proto');

type ReportClient = Client & {
  StreamCoreMetrics(request: object, options: CallOptions): ClientReadableStream<Load>;
};

let Reports: (new (address: string, channel: ChannelCredentials) => ReportClient) | undefined;

/** @returns what a server with this recorder reports to whoever asks */
export const reportsOf = async (recorder: ServerMetricRecorder): Promise<() => Promise<Load>> => {
  if (!Reports) {
    const loaded = loadSync('xds/service/orca/v3/orca.proto', {
      keepCase: true,
      defaults: true,
      includeDirs: ['xds', 'protoc-gen-validate'].map((folder) => path.join(protosOfGrpc, folder)),
    });
    const orca = loadPackageDefinition(loaded) as unknown as {
      xds: { service: { orca: { v3: { OpenRcaService: typeof Reports } } } };
    };
    Reports = orca.xds.service.orca.v3.OpenRcaService!;
  }
  const listening = await serveAll([], '127.0.0.1:0');
  recorder.addToServer(listening.server);
  const stub = stubAt(Reports, trackedAddress(listening));
  return async () => {
    const { messages } = await hear(
      stub.StreamCoreMetrics({ report_interval: { seconds: 0, nanos: 10_000_000 } }, soon()),
      1,
    );
    must(messages[0], { expected: 'a report', came: 'none', advice: 'Run the checks again.' });
    return messages[0];
  };
};

/** One server of the check. What it does can be changed while it runs. */
export interface OneOfMany {
  name: string;
  address: string;
  calls: ServerUnaryCall<{ greeting: string; name: string }, unknown>[];
  /** How many of ten calls it refuses. */
  failing: number;
  recorder: ServerMetricRecorder;
}

/** @returns servers that are well, and that say their names */
export const manyServers = (count: number): Promise<OneOfMany[]> =>
  Promise.all(
    serverNames(count).map(async (name): Promise<OneOfMany> => {
      const recorder = new ServerMetricRecorder();
      const self: OneOfMany = { name, address: '', calls: [], failing: 0, recorder };
      const hello: HelloHandlers['hello'] = (call, callback) => {
        const metadata = new Metadata();
        metadata.set('served-by', name);
        const isRefused = (self.calls.push(call) * 7) % 10 < self.failing;
        if (isRefused) callback({ code: status.INTERNAL, details: 'the check says so', metadata });
        else callback(null, { message: `${call.request.greeting} ${call.request.name}` }, metadata);
      };
      const listening = await serveAll([{ service: Hello.service, handlers: { hello } }], '127.0.0.1:0');
      recorder.addToServer(listening.server);
      self.address = trackedAddress(listening);
      return self;
    }),
  );

/** @returns why grpc-js passes over a policy; undefined when it takes it */
const whyNotTaken = (policy: Policy): string | undefined => {
  try {
    experimental.parseLoadBalancingConfig(policy);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
};

/** @returns a client of all of them, whose channel shares its calls out as the policies say */
export const clientOf = (servers: readonly OneOfMany[], policies: readonly Policy[]): HelloClient => {
  must(Array.isArray(policies), {
    expected: 'a list of policies',
    came: typeof policies,
    advice: 'Return a list, with one object in it.',
  });
  const [whyNot = 'none'] = policies.map(whyNotTaken);
  must(
    policies.some((policy) => whyNotTaken(policy) === undefined),
    {
      expected: 'a policy that grpc-js knows, with settings that it takes',
      came: whyNot,
      advice: `grpc-js says nothing of that, and takes pick_first. ${/Duration/.test(whyNot) ? 'A time is { seconds, nanos } here, both of them.' : 'Names and settings are in snake_case here.'}`,
    },
  );
  const unread = silencesIn({ loadBalancingConfig: policies }, []).find(({ why }) =>
    why.includes('no setting'),
  );
  must(!unread, {
    expected: 'settings that grpc-js reads',
    came: `${unread?.place} ${unread?.why}`,
    advice: 'Each setting has its place and its name in the table of the step.',
  });
  const target = `ipv4:${servers.map(({ address }) => address).join(',')}`;
  return configuredStub(Hello, target, { loadBalancingConfig: policies });
};

import { Client, credentials, Metadata, status, type StatusObject } from '@grpc/grpc-js';
import type { AttackedProcess } from './attacked-process.ts';
import type { AttackedService, Method } from './attacked-services.ts';
import { peerTimeoutMs } from './raw-client.ts';

type Ask = (path: string, ...requests: object[]) => Promise<Record<string, never>[]>;

/** Everything that a well-behaved client works with. */
export interface Means {
  server: AttackedProcess;
  client: Client;
  methods: Map<string, Method>;
  /** Makes a call of any kind to its end, and gives its replies. */
  ask: Ask;
  metadata: Metadata;
}

const soon = () => ({ deadline: Date.now() + peerTimeoutMs });

/** Makes calls of all kinds alike: the kinds differ in how many messages there are, and not on the wire. */
const asking =
  ({ client, methods, metadata }: Pick<Means, 'client' | 'methods' | 'metadata'>): Ask =>
  (path, ...requests) =>
    new Promise((resolve, reject) => {
      const { requestSerialize, responseDeserialize } = methods.get(path)!;
      const call = client.makeBidiStreamRequest(
        path,
        requestSerialize,
        responseDeserialize,
        metadata,
        soon(),
      );
      const replies: object[] = [];
      call.on('data', (reply: object) => replies.push(reply));
      call.on('error', reject);
      call.on('status', ({ code }: StatusObject) => {
        if (code === status.OK) resolve(replies as never);
      });
      for (const request of requests) call.write(request);
      call.end();
    });

/** @returns what a well-behaved client of this service needs; close its client in the end */
export const meansFor = (server: AttackedProcess, service: AttackedService): Means => {
  const { ca, cert, key } = server.certificates();
  const own = service.secured === 'its own';
  const channel = service.secured
    ? credentials.createSsl(ca, own ? key : null, own ? cert : null)
    : credentials.createInsecure();
  // A connection of its own: grpc-js would share it with others in this process.
  const client = new Client(server.addressOf(service), channel, {
    'grpc.use_local_subchannel_pool': 1,
    ...(service.secured && { 'grpc.ssl_target_name_override': 'localhost' }),
  });
  const methods = new Map(service.targets.map(({ method }) => [method.path, method]));
  const metadata = new Metadata();
  return { server, client, methods, metadata, ask: asking({ client, methods, metadata }) };
};

import { credentials, type ChannelCredentials } from '@grpc/grpc-js';
import { sayHello } from '#answers/01-unary-hello/client.ts';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import { certificatesFolder, readCertificates, type Certificates } from '#shared/certificates/folder.ts';
import { showsOf, type ShowingClient } from '#shared/certificates/demonstrations.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import type { ClientContext, Questions } from '#shared/terminal/ask.ts';

const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;

// For a client that wants to be sure of the server, and shows nothing itself.
export const trusting = (authority: Buffer): ChannelCredentials => {
  // TODO 5 · Trust this authority and no other
  throw new Error('Step 5 is not written yet');
};

// For a client that the server wants to be sure of, too.
export const introduced = ({ identity, authority }: Certificates): ChannelCredentials => {
  // TODO 6 · Show who you are
  throw new Error('Step 6 is not written yet');
};

export const questions = {
  show: {
    message: 'What would you like to see?',
    initial: 'tour',
    choices: [
      'tour',
      'call',
      'wire',
      'plaintext',
      'no-tls',
      'authority',
      'host',
      'expired',
      'no-certificate',
      'name',
    ],
  },
  user: { message: 'Whose certificate do you show?', initial: 'ada', choices: ['ada', 'guest'] },
  name: { message: 'Whom do you greet?', initial: 'World', piped: true },
} satisfies Questions;

// From here on: what the pair shows. There is nothing left for you to write.

// The address says where to go; this says who is expected there. Certificates are made for names.
const localhost = 'localhost';

const client: ShowingClient = {
  service: Hello.service,
  anonymous: (authority) => ({ channel: trusting(authority), shows: 'no certificate' }),
  as: (user) => ({
    channel: introduced(readCertificates(certificatesFolder, user)),
    shows: 'a certificate',
  }),
  greet: async (address, { channel, shows }, name = 'World', expected = localhost) => {
    const options = shows === 'nothing' ? {} : { 'grpc.ssl_target_name_override': expected };
    const stub = new Hello(address, channel, options);
    try {
      return (await sayHello(stub, { greeting: 'Hello', name })).message;
    } finally {
      stub.close();
    }
  },
};

export const main = async ({ address, ask }: ClientContext<typeof questions>): Promise<void> => {
  const shows = showsOf(address, ask, client);
  const show = (await ask.one('show')) as keyof typeof shows | 'tour';
  if (show !== 'tour') return shows[show]();
  for (const each of Object.values(shows)) await each();
  // Being refused is what the tour is there to show.
  process.exitCode = 0;
};

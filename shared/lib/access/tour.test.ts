import { Metadata, ServerInterceptingCall, status, type ServerInterceptor } from '@grpc/grpc-js';
import { afterEach, expect, it } from 'vitest';
import type { ProtoGrpcType as Account } from '#protos/generated/account.ts';
import type { ProtoGrpcType as Users } from '#protos/generated/user_service.ts';
import { loadProto } from '../grpc/load-proto.ts';
import { serveAll } from '../grpc/serve.ts';
import { closePeers, tracked } from '#kit/peers.ts';
import { printing } from '#kit/printing.ts';
import { tour } from './tour.ts';

const { AccountService } = loadProto<Account>('account.proto').account;
const { UserService } = loadProto<Users>('user_service.proto').user;

afterEach(closePeers);

/** A server, what came to its door, and what the tour has printed of it. */
const toured = async (letsIn: boolean) => {
  const came: Metadata[] = [];
  const door: ServerInterceptor = ({ path }, call) =>
    new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => {
            if (path === '/user.UserService/GetUser') came.push(metadata);
            if (letsIn) pass(metadata);
            else call.sendStatus({ code: status.UNAUTHENTICATED, details: 'Sign in.' });
          },
        }),
    });
  const requests: object[] = [];
  const answer = ({ request }: { request: object }, done: (error: null, reply: object) => void): void => {
    requests.push({ ...request });
    done(null, {});
  };
  const { server, port } = await serveAll(
    [
      { service: UserService.service, handlers: { GetUser: answer } },
      { service: AccountService.service, handlers: { SignIn: answer } },
    ],
    '127.0.0.1:0',
    { interceptors: [door] },
  );
  tracked(server);
  const printed = printing();
  await tour(`127.0.0.1:${port}`);
  return { came, requests, printed };
};

const ways = ['no token', 'no scheme', 'a token that nobody has signed', 'a code that was never sent'];
const end = 'To sign in, run it in a terminal: the code comes to the server.';

it('knocks in four ways, and prints what comes of each', async () => {
  const { came, printed } = await toured(false);
  expect(printed).toEqual([...ways.map((way) => `${way}: UNAUTHENTICATED: Sign in.`), end]);
  const [none, wrong, unsigned] = came.map((metadata) => metadata.get('authorization'));
  expect(none).toEqual([]);
  expect(wrong).toEqual(['let me in']);
  const [header, claims, signature] = String(unsigned).replace('Bearer ', '').split('.');
  const read = (part = ''): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());
  expect(read(header)).toEqual({ alg: 'none' });
  // Somebody who would be let in, and never runs out.
  expect(read(claims)).toEqual({ sub: '1', role: 'admin', exp: 9_999_999_999 });
  expect(signature).toBe('');
});

it('says so when a door stands open', async () => {
  const { requests, printed } = await toured(true);
  const user = { id: '1' };
  // A phone that nobody has, so no code has ever been sent to it.
  expect(requests).toEqual([user, user, user, { phone_number: '+14155550199', otp: '000000' }]);
  expect(printed).toEqual([...ways.map((way) => `${way}: let in!`), end]);
});

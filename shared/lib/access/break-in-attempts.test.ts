import type { Metadata, UntypedServiceImplementation } from '@grpc/grpc-js';
import { afterEach, expect, it } from 'vitest';
import type { ProtoGrpcType as Account } from '#protos/generated/account.ts';
import type { ProtoGrpcType as Users } from '#protos/generated/user_service.ts';
import { closePeers, tracked } from '#kit/peers.ts';
import { printing } from '#kit/captured-output.ts';
import { loadProto } from '../grpc/load-proto.ts';
import { serveAll } from '../grpc/serve.ts';
import { tour } from './break-in-attempts.ts';

const { AccountService } = loadProto<Account>('account.proto').account;
const { UserService } = loadProto<Users>('user_service.proto').user;

afterEach(closePeers);

it('knocks in four ways, and says so when a door stands open', async () => {
  const came: [object, unknown][] = [];
  type Call = { request: object; metadata: Metadata };
  const letIn = ({ request, metadata }: Call, done: (error: null, reply: object) => void): void => {
    came.push([{ ...request }, metadata.get('authorization')[0]]);
    done(null, {});
  };
  const handlers: UntypedServiceImplementation = { GetUser: letIn, SignIn: letIn };
  const services = [UserService.service, AccountService.service].map((service) => ({ service, handlers }));
  const { server, port } = await serveAll(services, '127.0.0.1:0');
  tracked(server);
  const printed = printing();
  await tour(`127.0.0.1:${port}`);
  const user = { id: '1' };
  expect(came).toEqual([
    [user, undefined],
    [user, 'let me in'],
    [user, expect.stringMatching(/^Bearer /)],
    // A phone that nobody has, so no code has ever been sent to it.
    [{ phone_number: '+14155550199', otp: '000000' }, undefined],
  ]);
  // Somebody who would be let in, and never runs out.
  const [header, claims, signature] = String(came[2]![1]).replace('Bearer ', '').split('.');
  const read = (part = ''): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());
  expect([read(header), read(claims), signature]).toEqual([
    { alg: 'none' },
    { sub: '1', role: 'admin', exp: 9_999_999_999 },
    '',
  ]);
  const ways = ['no token', 'no scheme', 'a token that nobody has signed', 'a code that was never sent'];
  expect(printed.slice(0, 4)).toEqual(ways.map((way) => `${way}: let in!`));
});

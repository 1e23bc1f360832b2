import { Metadata } from '@grpc/grpc-js';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/live_chat.ts';
import type { ChatServiceHandlers } from '#protos/generated/livechat/ChatService.ts';
import type { Message__Output } from '#protos/generated/livechat/Message.ts';
import type { UpdateUserRequest__Output } from '#protos/generated/user/UpdateUserRequest.ts';
import type { Caller } from '#shared/access/caller.ts';
import type { Identity } from '#shared/access/tokens.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { serveAll } from '#shared/grpc/serve.ts';
import { addressOf, mainOf, requestsOf } from '#testkit/pair-in-process.ts';
import { stubAt } from '#kit/peers.ts';
import { signal } from '#kit/awaited-events.ts';
import { wire, type WireEvent } from '../../../shared/engine/wire/wire-events.ts';
import { masked } from '#testkit/masked-output.ts';
import * as client from '../client.ts';
import * as server from '../server.ts';

const lesson = mainOf('09-access-control', { server, client });

/** A person who types the code that comes to the phone. */
const typing = (line: string): string | undefined => /your code is (\d{6})/.exec(line)?.[1];

const phone = '+14155550123';
const welcome = [`A code is on its way to ${phone}.`, 'You are signed in for 600 seconds, as user ID.'];
const refused = 'PERMISSION_DENIED: You may not do this.';
const calls = (...names: string[]): string[] => names.flatMap((name) => ['--call', name]);

/** @returns what a client prints once it has signed in */
const afterWelcome = (lines: readonly string[]): string[] => {
  const all = lines.map(masked);
  expect(all.slice(0, 2)).toEqual(welcome);
  return all.slice(2);
};

const idIn = (lines: readonly string[]): string => /as user (.+)\.$/m.exec(lines.join('\n'))![1]!;

test('knocks at the door when nobody answers its questions', async () => {
  const { client: lines, exitCode } = await lesson.pair();
  expect(lines[0]).toMatch(/^no token: UNAUTHENTICATED/);
  expect(exitCode).toBe(0);
});

test('signs in once, with the code that is typed, and shows and renames the own user', async () => {
  const flags = [...calls('profile', 'rename', 'profile'), '--name', 'Grace', '--id', ''];
  const { client: lines, exitCode } = await lesson.pair(flags, { typing });
  const [before, renamed, after, ...more] = afterWelcome(lines);
  expect(before).toMatch(/^ID {2}New user {2}\S+@\S+ {2}\+14155550123$/);
  expect(renamed).toBe(before!.replace('New user', 'Grace'));
  expect(after).toBe(renamed);
  expect(more).toEqual([]);
  expect(exitCode).toBe(0);
});

test('renames to Ada when nobody says a name', async () => {
  const updates = requestsOf<UpdateUserRequest__Output>('UpdateUser');
  const { client: lines } = await lesson.pair(calls('rename'), { typing });
  expect(updates[0]!.update_mask).toEqual({ paths: ['name'] });
  expect(afterWelcome(lines)).toEqual([expect.stringMatching(/^ID {2}Ada {2}/)]);
});

test('shows the user that is named, to whom that is allowed', async () => {
  const flags = [...calls('profile'), '--id', 'somebody-else'];
  const { client: user, exitCode } = await lesson.pair(flags, { typing });
  expect(afterWelcome(user)).toEqual([refused]);
  expect(exitCode).toBe(1);
  const { client: admin } = await lesson.pair([...flags, '--admin', phone], { typing });
  expect(afterWelcome(admin)).toEqual(['NOT_FOUND: There is no such user.', '  reason: USER_NOT_FOUND']);
});

test('lists and deletes users for an admin, and for nobody else', async () => {
  const { client: user } = await lesson.pair(calls('list', 'delete'), { typing });
  expect(afterWelcome(user)).toEqual([refused, refused]);
  const flags = [...calls('list', 'delete', 'list'), '--admin', phone];
  const { client: admin, exitCode } = await lesson.pair(flags, { typing });
  expect(afterWelcome(admin)).toEqual([
    expect.stringMatching(/^ID {2}New user {2}\S+ {2}\+14155550123$/),
    'User ID is deleted.',
  ]);
  expect(exitCode).toBe(0);
});

test('deletes the user that is named', async () => {
  const address = await lesson.server('--admin', phone);
  const other = ['--phone', '+14155550124'];
  const { client: one } = await lesson.client(address, [...calls('profile'), ...other], { typing });
  const id = idIn(one);
  const flags = [...calls('delete', 'list'), '--id', id];
  const { client: admin } = await lesson.client(address, flags, { typing });
  expect(admin.slice(2)).toEqual([`User ${id} is deleted.`, expect.stringContaining(phone)]);
});

test('listens to what others say, on one line each, until the stream ends', async () => {
  const values = { db: ':memory:', admin: '', life: '600', rotate: 'no' };
  const listening = await server.start('127.0.0.1:0', values);
  const address = addressOf(listening);
  const [subscribed, heard] = [signal(), signal()];
  const onWire = (event: unknown): void => {
    const { method, kind } = event as WireEvent;
    if (method === 'ReceiveMessage' && kind === 'metadata') subscribed.send();
  };
  wire.subscribe(onWire);
  onTestFinished(() => void wire.unsubscribe(onWire));

  const listener = lesson.client(address, [...calls('listen'), '--phone', '+14155550124'], {
    typing: (line) => {
      if (line.startsWith('New user: ')) heard.send();
      return typing(line);
    },
  });
  await subscribed.sent;
  const { client: own } = await lesson.client(
    address,
    [...calls('say'), '--text', 'Hello\r\nGrace: \u001b[2J'],
    {
      typing,
    },
  );
  expect(afterWelcome(own)).toEqual([]);
  await heard.sent;
  await listening.stop!();
  const { client: lines, exitCode } = await listener;
  expect(lines.slice(2)).toEqual([
    'Listening until your token runs out. Ctrl-C ends it earlier.',
    'New user: Hello Grace:  [2J',
    'UNAVAILABLE: The server is stopping.',
  ]);
  expect(exitCode).toBe(1);
});

test('says Hello to everybody when nobody says a text', async () => {
  const said = requestsOf<Message__Output>('SendMessage');
  await lesson.pair(calls('say'), { typing });
  expect(said.map(({ text }) => text)).toEqual(['Hello, everybody.']);
});

test('does not sign in with a code that has not come', async () => {
  const { client: lines, exitCode } = await lesson.pair(calls('profile'));
  expect(lines).toEqual([
    welcome[0],
    'UNAUTHENTICATED: This code is wrong, or no longer good.',
    'CANCELLED: You have not signed in.',
  ]);
  expect(exitCode).toBe(1);
});

test('makes no call after quit, and then nothing has failed', async () => {
  const { client: lines, exitCode } = await lesson.pair(calls('list', 'quit', 'tour'), { typing });
  expect(afterWelcome(lines)).toEqual([refused]);
  expect(exitCode).toBe(0);
});

test('sets no timer for a stream whose client has left while its token was looked at', async () => {
  const { ChatService } = loadProto<ProtoGrpcType>('live_chat.proto').livechat;
  const looking = signal();
  const done = signal();
  const until = Infinity;
  const caller: Caller = { id: '1', role: 'user' };
  const later = vi.fn(() => () => {});
  const identify = async (token: string): Promise<Identity> => {
    if (token === 'slow') {
      looking.send();
      await done.sent;
    }
    return { caller, until };
  };
  const SendMessage: ChatServiceHandlers['SendMessage'] = (call, callback) => callback(null, call.request);
  const handlers = { SendMessage };
  const interceptors = [server.guard({ identify, later, log: () => {} })];
  const address = addressOf(
    await serveAll([{ service: ChatService.service, handlers }], '127.0.0.1:0', { interceptors }),
  );
  const stub = stubAt(ChatService, address);
  const bearing = (token: string): Metadata => {
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${token}`);
    return metadata;
  };
  // Over one connection, what comes later has to wait for what came before.
  const aCallLater = (): Promise<void> =>
    new Promise((resolve, reject) => {
      stub.sendMessage({ user_name: '', text: '' }, bearing('quick'), (error) =>
        error ? reject(error) : resolve(),
      );
    });
  const stream = stub.receiveMessage({}, bearing('slow')).on('error', () => {});
  await looking.sent;
  stream.cancel();
  await aCallLater();
  done.send();
  await aCallLater();
  expect(later).not.toHaveBeenCalled();
});

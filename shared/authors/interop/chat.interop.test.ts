import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { badRequest, ok } from './calls.ts';
import { Stage, type PythonServer, type Served } from './stage.ts';

const stage = new Stage();
afterAll(() => stage.close());

const message = (text: string) => ({ userFrom: 'Ada', chatRoom: 'lobby', message: text });
const talk = [message('Hello'), message('Grüß Gott 🎈')];
// A character beyond the first 65,536 is one character, not two.
const longest = message('🎈'.repeat(4_000));
const method = (name: string): string => `chat.ChatService/${name}`;
const chatting = method('SendAndReceiveMessage');

describe.each(stage.callers)("lesson 5's server, called by $name", ({ call }) => {
  let server: Served;
  beforeAll(async () => {
    server = await stage.serve(5);
  });

  it('acknowledges each message, counts characters as others do, and closes its half after the client', async () => {
    const send = [...talk, longest];
    expect(await call(server.address, chatting, { send })).toEqual(ok(...send));
    await server.printed('SendAndReceiveMessage · the client has finished sending');
  });

  it.each([
    ['an empty message', '', 'must not be empty'],
    ['one that is too long', '🎈'.repeat(4_001), 'must not be longer than 4,000 characters'],
  ])(
    'refuses %s after one that is right, and says to programs which field is wrong',
    async (_what, text, description) => {
      expect(await call(server.address, chatting, { send: [message('right'), message(text)] })).toEqual({
        replies: [message('right')],
        code: 'INVALID_ARGUMENT',
        message: `message ${description}`,
        details: [badRequest({ field: 'message', description })],
      });
    },
  );

  it('counts and streams what it has acknowledged, and nothing that it has refused', async () => {
    expect(await call(server.address, method('GetStats'))).toEqual(ok({ numMessages: 5 }));
    const history = [...talk, longest, message('right'), message('right')];
    expect(await call(server.address, method('GetMessages'))).toEqual(ok(...history));
  });
});

describe("lesson 5's server", () => {
  let server: Served;
  beforeAll(async () => {
    server = await stage.serve(5);
  });

  it('acknowledges each message before the next one comes', async () => {
    const { ended } = await stage.python(server.address, chatting, { send: talk, turns: true });
    expect(await ended).toEqual(ok(...talk));
  });

  it('notices that a client has left in the middle', async () => {
    const how = { send: [message('And away')], turns: true, enough: 1 };
    const { ended } = await stage.python(server.address, chatting, how);
    expect(await ended).toMatchObject({ code: 'CANCELLED' });
    await server.printed('SendAndReceiveMessage · cancelled: the client has gone');
  });

  it('answers without its package too, as the listing has it', async () => {
    const how = { path: '/ChatService/GetStats' };
    const { ended } = await stage.python(server.address, method('GetStats'), how);
    expect(await ended).toEqual(ok({ numMessages: 3 }));
  });
});

describe("lesson 5's client", () => {
  let server: PythonServer;
  beforeAll(async () => {
    server = await stage.pythonServer('chat_server.py');
  });

  it('talks, asks for stats and history meanwhile, and finishes', async () => {
    const lines = ['Hello', '/stats', 'Grüß Gott 🎈', '/history'].flatMap((line) => ['--message', line]);
    const { stdout, code } = await stage.client(5, server, ...lines);
    expect(stdout.split('\n')).toEqual([
      'acknowledged: [lobby] Ada: Hello',
      'messages received so far: 1',
      'acknowledged: [lobby] Ada: Grüß Gott 🎈',
      '[lobby] Ada: Hello',
      '[lobby] Ada: Grüß Gott 🎈',
      '',
    ]);
    expect(code).toBe(0);
    await server.saw({ what: 'message', user_from: 'Ada', message: 'Grüß Gott 🎈' });
    await server.saw({ what: 'finished', user: 'Ada' });
  });

  it('prints the status that its stream is ended with', async () => {
    const { stderr, code } = await stage.client(5, server, '--user', 'stranger');
    expect(stderr).toContain('PERMISSION_DENIED: Strangers may not talk here.');
    expect(code).toBe(1);
  });
});

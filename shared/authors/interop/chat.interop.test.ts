import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Stage, type Script, type Seen, type Served } from './stage.ts';

const stage = new Stage();
afterAll(() => stage.close());

const violation = (description: string) => [
  {
    '@type': 'type.googleapis.com/google.rpc.BadRequest',
    field_violations: [{ field: 'message', description }],
  },
];

describe("lesson 5's server", () => {
  let server: Served;
  let seen: Record<string, Seen>;
  beforeAll(async () => {
    server = await stage.serve(5);
    seen = await stage.pythonClient('chat_client.py', server.address);
  });

  it('acknowledges each message before the next one comes, and closes its half after the client', async () => {
    const rest = { user_from: 'Ada', chat_room: 'lobby' };
    expect(seen.talk).toMatchObject({
      acknowledged: [
        { ...rest, message: 'Hello' },
        { ...rest, message: 'Grüß Gott 🎈' },
      ],
      status: 'OK',
    });
    await server.printed('SendAndReceiveMessage · the client has finished sending');
  });

  it('counts characters as Python does: 4,000 are not too many', () => {
    expect(seen.longest!.length).toBe(4_000);
    expect(seen['too long']!.status).toBe('INVALID_ARGUMENT');
  });

  it('refuses an empty message, and says to programs which field is wrong', () => {
    expect(seen.empty).toMatchObject({
      acknowledged: 1,
      status: 'INVALID_ARGUMENT',
      words: 'message must not be empty',
      details: violation('must not be empty'),
      details_agree: true,
    });
  });

  it('notices that a client has left in the middle', async () => {
    expect(seen.cancelled!.status).toBe('CANCELLED');
    await server.printed('SendAndReceiveMessage · cancelled: the client has gone');
  });

  it('counts and streams what it has acknowledged, and nothing that it has refused', () => {
    expect(seen.stats!.num_messages).toBe(6);
    // Without its package too, as the listing has it.
    expect(seen['no package']!.num_messages).toBe(6);
    expect(seen.history).toMatchObject({ lengths: [5, 11, 4_000, 5, 5, 8], status: 'OK' });
  });

  it('answers buf', async () => {
    const { address } = await stage.serve(5);
    const send = ['Hello', 'Goodbye'].map((message) => ({ userFrom: 'Ada', chatRoom: 'lobby', message }));
    const method = (name: string): string => `chat.ChatService/${name}`;
    expect(await stage.buf(address, method('SendAndReceiveMessage'), { send })).toEqual({
      replies: send,
      error: undefined,
    });
    expect((await stage.buf(address, method('GetStats'))).replies).toEqual([{ numMessages: 2 }]);
    expect((await stage.buf(address, method('GetMessages'))).replies).toEqual(send);
    const { error } = await stage.buf(address, method('SendAndReceiveMessage'));
    expect(error).toMatchObject({ code: 'invalid_argument', message: 'user_from must not be empty' });
    expect(error!.details!.map(({ type }) => type)).toEqual(['google.rpc.BadRequest']);
  });
});

describe("lesson 5's client", () => {
  let server: Script;
  let port: unknown;
  beforeAll(async () => {
    server = stage.python('chat_server.py');
    ({ port } = await server.saw({ what: 'listening' }));
  });

  it('talks, asks for stats and history meanwhile, and finishes', async () => {
    const lines = ['Hello', '/stats', 'Grüß Gott 🎈', '/history'].flatMap((line) => ['--message', line]);
    const { stdout, code } = await stage.client(5, port, ...lines);
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
    const { stderr, code } = await stage.client(5, port, '--user', 'stranger');
    expect(stderr).toContain('PERMISSION_DENIED: Strangers may not talk here.');
    expect(code).toBe(1);
  });
});

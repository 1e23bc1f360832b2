import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { badRequest, ok } from './calls.ts';
import { Stage, type PythonServer } from './stage.ts';

const stage = new Stage();
afterAll(() => stage.close());

const say = 'livechat.ChatService/SendMessage';
const listen = 'livechat.ChatService/ReceiveMessage';
const message = (text: string) => ({ userName: 'Ada', text });
const talk = [message('Hello'), message('Grüß Gott 🎈')];

describe("lesson 6's server", () => {
  it('gives each message to everybody in the same order, goes on when one has left, and says that it stops', async () => {
    const { address, printed, stop } = await stage.serve(6);
    const buf = stage.buf(address, listen);
    await printed('ReceiveMessage ←');
    // They have begun once the server has taken them in.
    const ada = await stage.python(address, listen);
    const grace = await stage.python(address, listen, { enough: talk.length });
    for (const [index, { call }] of stage.callers.entries()) {
      expect(await call(address, say, { send: [talk[index]!] })).toEqual(ok(talk[index]));
    }
    expect(await grace.ended).toMatchObject({ replies: talk, code: 'CANCELLED' });
    await printed('ReceiveMessage · cancelled: the client has gone');
    const late = message('Where is Grace?');
    await stage.buf(address, say, { send: [late] });
    await stop();
    for (const listener of [ada.ended, buf]) {
      expect(await listener).toMatchObject({
        replies: [...talk, late],
        code: 'UNAVAILABLE',
        message: 'The server is stopping.',
      });
    }
  });

  it('refuses an empty text, with its package or without, and says to programs which field is wrong', async () => {
    const { address } = await stage.serve(6);
    const send = [message('')];
    const { ended } = await stage.python(address, say, { send, path: '/ChatService/SendMessage' });
    const answers = [ended, ...stage.callers.map(({ call }) => call(address, say, { send }))];
    for (const answer of await Promise.all(answers)) {
      expect(answer).toMatchObject({
        code: 'INVALID_ARGUMENT',
        details: [badRequest({ field: 'text', description: 'must not be empty' })],
      });
    }
  });
});

describe("lesson 6's client", () => {
  let server: PythonServer;
  beforeAll(async () => {
    server = await stage.pythonServer('live_chat_server.py');
  });

  it('hears everybody, itself too, and cancels its stream when it has said all', async () => {
    const { stdout, code } = await stage.client(6, server, '--text', 'Hello', '--text', 'Grüß Gott 🎈');
    expect(stdout).toBe('Grace: Hello Ada\nAda: Hello\nGrace: Hello Ada\nAda: Grüß Gott 🎈\n');
    expect(code).toBe(0);
    const { seconds_left: left } = await server.saw({ what: 'message', text: 'Hello' });
    expect(left).toBeLessThanOrEqual(5);
    await server.saw({ what: 'left' });
  });

  it('prints the status that its stream is ended with', async () => {
    const { stderr, code } = await stage.client(6, server, '--text', 'Goodbye', '--text', 'Or not');
    expect(stderr).toContain('RESOURCE_EXHAUSTED: That is enough.');
    expect(code).toBe(1);
  });
});

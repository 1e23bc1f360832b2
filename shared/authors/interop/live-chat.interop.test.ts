import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Stage, type Script, type Seen, type Served } from './stage.ts';

const stage = new Stage();
afterAll(() => stage.close());

describe("lesson 6's server", () => {
  let server: Served;
  let listener: ReturnType<Stage['buf']>;
  let seen: Record<string, Seen>;
  beforeAll(async () => {
    server = await stage.serve(6);
    const { address, printed, stop } = server;
    listener = stage.buf(address, 'livechat.ChatService/ReceiveMessage');
    await printed('ReceiveMessage ←');
    const script = stage.python('live_chat_client.py', address);
    await script.saw({ what: 'alone' });
    await stop();
    seen = Object.fromEntries((await script.end()).map((each) => [each.what, each]));
  });

  it('gives each message to everybody in the same order, and acknowledges it', () => {
    const texts = ['Hello', 'Grüß Gott 🎈'];
    expect(seen.sent!.replies).toEqual(texts.map((text) => ({ user_name: 'Ada', text })));
    expect(seen.ada!.heard).toEqual(texts);
    expect(seen.grace!.heard).toEqual(texts);
  });

  it('refuses an empty text, and says to programs which field is wrong', () => {
    expect(seen.empty).toMatchObject({
      status: 'INVALID_ARGUMENT',
      details: [{ field_violations: [{ field: 'text', description: 'must not be empty' }] }],
      details_agree: true,
    });
  });

  it('goes on for the others when one has left', async () => {
    expect(seen.left!.status).toBe('CANCELLED');
    expect(seen.alone!.heard).toBe('Where is Grace?');
    await server.printed('ReceiveMessage · cancelled: the client has gone');
  });

  it('tells who still listens that it stops', () => {
    expect(seen.stopped).toMatchObject({ status: 'UNAVAILABLE', words: 'The server is stopping.' });
  });

  it('answers without its package too, as the listing has it', () => {
    expect(seen['no package']!.status).toBe('INVALID_ARGUMENT');
  });

  it('streams to buf, and answers it', async () => {
    const { replies, error } = await listener;
    expect(replies).toEqual(
      ['Hello', 'Grüß Gott 🎈', 'Where is Grace?'].map((text) => ({ userName: 'Ada', text })),
    );
    expect(error).toMatchObject({ code: 'unavailable', message: 'The server is stopping.' });
    const { address } = await stage.serve(6);
    const message = { userName: 'Ada', text: 'Hello' };
    const answer = await stage.buf(address, 'livechat.ChatService/SendMessage', { send: [message] });
    expect(answer.replies).toEqual([message]);
  });
});

describe("lesson 6's client", () => {
  let server: Script;
  let port: unknown;
  beforeAll(async () => {
    server = stage.python('live_chat_server.py');
    ({ port } = await server.saw({ what: 'listening' }));
  });

  it('hears everybody, itself too, and cancels its stream when it has said all', async () => {
    const { stdout, code } = await stage.client(6, port, '--text', 'Hello', '--text', 'Grüß Gott 🎈');
    expect(stdout).toBe('Grace: Hello Ada\nAda: Hello\nGrace: Hello Ada\nAda: Grüß Gott 🎈\n');
    expect(code).toBe(0);
    const { seconds_left: left } = await server.saw({ what: 'message', text: 'Hello' });
    expect(left).toBeLessThanOrEqual(5);
    await server.saw({ what: 'left' });
  });

  it('prints the status that its stream is ended with', async () => {
    const { stderr, code } = await stage.client(6, port, '--text', 'Goodbye', '--text', 'Or not');
    expect(stderr).toContain('RESOURCE_EXHAUSTED: That is enough.');
    expect(code).toBe(1);
  });
});

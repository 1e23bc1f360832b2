import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Stage, type Script, type Seen, type Served } from './stage.ts';

const stage = new Stage();
afterAll(() => stage.close());

const pair = [
  { greeting: 'Hello', name: 'Ada' },
  { greeting: 'Hello', name: 'Grace' },
];

describe("lesson 4's server, with all four calls,", () => {
  let server: Served;
  let seen: Record<string, Seen>;
  beforeAll(async () => {
    server = await stage.serve(4);
    seen = await stage.pythonClient('hello_client.py', server.address);
  });

  it('answers a unary call, whatever letters are in it, compressed or empty', () => {
    expect(seen.hello!.message).toBe('Grüß Gott, Zoë 🎈');
    expect(seen.compressed!.message).toBe('Hello World');
    expect(seen.empty!.message).toBe(' ');
  });

  it('streams three replies, and ends with OK', () => {
    expect(seen.parrotHello).toMatchObject({
      messages: ['Hello World 1', 'Hello World 2', 'Hello World 3'],
      status: 'OK',
    });
  });

  it('counts what has come once the client has finished, be it nothing', async () => {
    expect(seen.clientHello).toMatchObject({
      message: 'You have sent 3 messages. Please expect a delayed response.',
      request: [...pair, { greeting: 'Hello' }],
    });
    expect(seen.nobody!.message).toBe('You have sent 0 messages. Please expect a delayed response.');
    await server.printed('clientHello · the client has finished sending');
  });

  it('answers each request before the next one comes, and closes its half after the client', async () => {
    expect(seen.biHello).toMatchObject({ messages: ['Hello Ada', 'Hello Grace'], status: 'OK' });
    await server.printed(/biHello · the client has finished sending\n(?:.*\n)*biHello · ended with OK/);
  });

  it('notices that a client has left, by itself or at its deadline', async () => {
    expect(seen.cancel).toMatchObject({ first: 'Hello World 1', status: 'CANCELLED' });
    expect(seen.deadline!.status).toBe('DEADLINE_EXCEEDED');
    await server.printed(/(parrotHello · cancelled: the client has gone\n(?:.*\n)*){2}/);
  });

  it('says UNIMPLEMENTED to what is not in the contract', () => {
    expect(seen['no such method']!.status).toBe('UNIMPLEMENTED');
    expect(seen['no such service']!.status).toBe('UNIMPLEMENTED');
  });

  it('answers buf', async () => {
    const { address } = server;
    const [one, many, delayed, both] = await Promise.all([
      stage.buf(address, 'hello.Hello/hello', { send: [pair[0]!] }),
      stage.buf(address, 'hello.Hello/parrotHello', { send: [pair[0]!] }),
      stage.buf(address, 'hello.Hello/clientHello', { send: pair }),
      stage.buf(address, 'hello.Hello/biHello', { send: pair }),
    ]);
    expect(one).toEqual({ replies: [{ message: 'Hello Ada' }], error: undefined });
    expect(many.replies).toEqual([1, 2, 3].map((count) => ({ message: `Hello Ada ${count}` })));
    expect(delayed.replies).toEqual([
      { message: 'You have sent 2 messages. Please expect a delayed response.', request: pair },
    ]);
    expect(both.replies).toEqual([{ message: 'Hello Ada' }, { message: 'Hello Grace' }]);
  });
});

describe('the servers of lessons 1 to 3', () => {
  it('answer one method each, and say UNIMPLEMENTED to the others', async () => {
    const methods = ['hello', 'parrotHello', 'clientHello', 'biHello'];
    const answersOf = async (lesson: number) => {
      const { address, stop } = await stage.serve(lesson);
      const calls = methods.map((name) => stage.buf(address, `hello.Hello/${name}`));
      const codes = (await Promise.all(calls)).map(({ error }) => error?.code ?? 'ok');
      expect((await stop()).code).toBe(130);
      return codes;
    };
    expect(await Promise.all([1, 2, 3].map(answersOf))).toEqual([
      ['ok', 'unimplemented', 'unimplemented', 'unimplemented'],
      ['unimplemented', 'ok', 'unimplemented', 'unimplemented'],
      ['unimplemented', 'unimplemented', 'ok', 'unimplemented'],
    ]);
  });
});

describe('the clients of lessons 1 to 4', () => {
  let server: Script;
  let port: unknown;
  beforeAll(async () => {
    server = stage.python('hello_server.py');
    ({ port } = await server.saw({ what: 'listening' }));
  });

  it('make a unary call with a deadline, whatever letters are in it', async () => {
    const { stdout, code } = await stage.client(1, port, '--greeting', 'Grüß Gott,', '--name', 'Zoë 🎈');
    expect({ stdout, code }).toEqual({ stdout: 'Grüß Gott, Zoë 🎈\n', code: 0 });
    const { agent, seconds_left: left } = await server.saw({ what: 'hello', name: 'Zoë 🎈' });
    expect(agent).toMatch(/^grpc-node-js\//);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(5);
  });

  it('print the status of a call that fails', async () => {
    const { stderr, code } = await stage.client(1, port, '--name', 'nobody');
    expect(stderr).toContain('NOT_FOUND: Nobody is here.');
    expect(code).toBe(1);
  });

  it('read a stream to its end, or leave it', async () => {
    const whole = await stage.client(2, port, '--name', 'Patient');
    expect(whole.stdout).toBe('Hello Patient 1\nHello Patient 2\nHello Patient 3\n');
    expect(await server.saw({ what: 'parrotHello', name: 'Patient' })).toMatchObject({ left: false });
    const first = await stage.client(2, port, '--name', 'Impatient', '--enough', '1');
    expect(first.stdout).toBe('Hello Impatient 1\n');
    expect(await server.saw({ what: 'parrotHello', name: 'Impatient' })).toMatchObject({ left: true });
  });

  it('send a stream, and finish', async () => {
    const { stdout, code } = await stage.client(3, port, '--name', 'Ada', '--name', 'Grace');
    expect({ stdout, code }).toEqual({ stdout: '2 have come\n  Hello Ada\n  Hello Grace\n', code: 0 });
    await server.saw({ what: 'clientHello', names: ['Ada', 'Grace'] });
  });

  it('send and receive, finish, and hear what the server says after that', async () => {
    const { stdout, code } = await stage.client(4, port, '--name', 'Ada', '--name', 'Grace');
    expect({ stdout, code }).toEqual({ stdout: 'Hello Ada\nHello Grace\nGoodbye\n', code: 0 });
    await server.saw({ what: 'biHello', finished: true });
  });

  it('print the status that a stream is ended with in the middle', async () => {
    const { stderr, code } = await stage.client(4, port, '--name', 'Ada', '--name', 'nobody');
    expect(stderr).toContain('NOT_FOUND: Nobody is here.');
    expect(code).toBe(1);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ok } from './calls.ts';
import { Stage, type PythonServer, type Served } from './stage.ts';

const stage = new Stage();
afterAll(() => stage.close());

const pair = [
  { greeting: 'Hello', name: 'Ada' },
  { greeting: 'Hello', name: 'Grace' },
];
const replies = [{ message: 'Hello Ada' }, { message: 'Hello Grace' }];
const parrot = [1, 2, 3].map((count) => ({ message: `Hello Ada ${count}` }));

describe("lesson 4's server, with all four calls,", () => {
  let server: Served;
  beforeAll(async () => {
    server = await stage.serve(4);
  });
  const python = async (name: string, how: Parameters<Stage['python']>[2]) =>
    (await stage.python(server.address, `hello.Hello/${name}`, how)).ended;

  describe.each(stage.callers)('called by $name', ({ call }) => {
    it.each([
      ['hello', [{ greeting: 'Grüß Gott,', name: 'Zoë 🎈' }], [{ message: 'Grüß Gott, Zoë 🎈' }]],
      ['hello', [{}], [{ message: ' ' }]],
      ['parrotHello', [pair[0]!], parrot],
      [
        'clientHello',
        pair,
        [{ message: 'You have sent 2 messages. Please expect a delayed response.', request: pair }],
      ],
      ['biHello', pair, replies],
    ])('answers %s(%j)', async (name, send, expected) => {
      expect(await call(server.address, `hello.Hello/${name}`, { send })).toEqual(ok(...expected));
    });
  });

  it('answers a request that is compressed', async () => {
    expect(await python('hello', { send: [pair[0]!], gzip: true })).toEqual(ok(replies[0]));
  });

  it('answers a client that has finished and said nothing', async () => {
    const message = 'You have sent 0 messages. Please expect a delayed response.';
    expect(await python('clientHello', { send: [] })).toEqual(ok({ message }));
    await server.printed('clientHello · the client has finished sending');
  });

  it('answers each request before the next one comes, and closes its half after the client', async () => {
    expect(await python('biHello', { send: pair, turns: true })).toEqual(ok(...replies));
    await server.printed(/biHello · the client has finished sending\n(?:.*\n)*biHello · ended with OK/);
  });

  it('notices that a client has left, by itself or at its deadline', async () => {
    expect(await python('parrotHello', { send: [pair[0]!], enough: 1 })).toMatchObject({
      replies: parrot.slice(0, 1),
      code: 'CANCELLED',
    });
    expect(await python('parrotHello', { timeout: 1 })).toMatchObject({ code: 'DEADLINE_EXCEEDED' });
    await server.printed(/(parrotHello · cancelled: the client has gone\n(?:.*\n)*){2}/);
  });

  it.each(['/hello.Hello/goodbye', '/hello.Bye/hello'])(
    'says UNIMPLEMENTED to what is not in the contract: %s',
    async (path) => {
      expect(await python('hello', { path })).toMatchObject({ code: 'UNIMPLEMENTED' });
    },
  );
});

describe('the servers of lessons 1 to 3', () => {
  it('answer one method each, and say UNIMPLEMENTED to the others', async () => {
    const methods = ['hello', 'parrotHello', 'clientHello', 'biHello'];
    const implementedBy = async (lesson: number) => {
      const { address, stop } = await stage.serve(lesson);
      const answers = await Promise.all(methods.map((name) => stage.buf(address, `hello.Hello/${name}`)));
      expect((await stop()).code).toBe(130);
      return answers.map(({ code }) => code);
    };
    expect(await Promise.all([1, 2, 3].map(implementedBy))).toEqual([
      ['OK', 'UNIMPLEMENTED', 'UNIMPLEMENTED', 'UNIMPLEMENTED'],
      ['UNIMPLEMENTED', 'OK', 'UNIMPLEMENTED', 'UNIMPLEMENTED'],
      ['UNIMPLEMENTED', 'UNIMPLEMENTED', 'OK', 'UNIMPLEMENTED'],
    ]);
  });
});

describe('the clients of lessons 1 to 4', () => {
  let server: PythonServer;
  beforeAll(async () => {
    server = await stage.pythonServer('hello_server.py');
  });

  it('make a unary call with a deadline, whatever letters are in it', async () => {
    const { stdout, code } = await stage.client(1, server, '--greeting', 'Grüß Gott,', '--name', 'Zoë 🎈');
    expect({ stdout, code }).toEqual({ stdout: 'Grüß Gott, Zoë 🎈\n', code: 0 });
    const { agent, seconds_left: left } = await server.saw({ what: 'hello', name: 'Zoë 🎈' });
    expect(agent).toMatch(/^grpc-node-js\//);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(5);
  });

  it.each([
    [1, 'of a call that fails', ['nobody']],
    [4, 'that a stream is ended with in the middle', ['Ada', 'nobody']],
  ])('print the status, in lesson %i, %s', async (lesson, _what, names) => {
    const flags = names.flatMap((name) => ['--name', name]);
    const { stderr, code } = await stage.client(lesson, server, ...flags);
    expect(stderr).toContain('NOT_FOUND: Nobody is here.');
    expect(code).toBe(1);
  });

  it.each([
    ['read a stream to its end', 'Patient', ['1', '2', '3'], []],
    ['leave a stream', 'Impatient', ['1'], ['--enough', '1']],
  ])('%s', async (_what, name, counts, flags) => {
    const { stdout } = await stage.client(2, server, '--name', name, ...flags);
    expect(stdout).toBe(counts.map((count) => `Hello ${name} ${count}\n`).join(''));
    await server.saw({ what: 'parrotHello', name, left: flags.length > 0 });
  });

  it.each([
    [3, 'send a stream', '2 have come\n  Hello Ada\n  Hello Grace\n', { what: 'clientHello' }],
    [
      4,
      'send and receive, and hear what the server says after that',
      'Hello Ada\nHello Grace\nGoodbye\n',
      { what: 'biHello' },
    ],
  ])('finish, in lesson %i: %s', async (lesson, _what, printed, finished) => {
    const { stdout, code } = await stage.client(lesson, server, '--name', 'Ada', '--name', 'Grace');
    expect({ stdout, code }).toEqual({ stdout: printed, code: 0 });
    await server.saw({ ...finished, names: ['Ada', 'Grace'] });
  });
});

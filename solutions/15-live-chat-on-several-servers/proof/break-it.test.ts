import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { experimentsOf } from '#testkit/experiment.ts';

const { change, check, client, pair, server, startPair, workbook } = experimentsOf(
  '15-live-chat-on-several-servers',
);

const answer = 'callback(null, { message: `${greeting} ${name}` });';

/** @returns where the text stands in the server, as the workbook names a place */
const placeOf = (text: string): string => {
  const file = 'lessons/15-live-chat-on-several-servers/server.ts';
  const lines = workbook.read(file).split('\n');
  return `${file}:${lines.findIndex((line) => line.includes(text)) + 1}`;
};

test('Forget the answer', async () => {
  change('server', [answer, '']);
  const { code, stderr } = await pair();
  expect(stderr).toMatch(/^DEADLINE_EXCEEDED: /);
  expect(code).toBe(1);

  change('client', ['{ deadline: Date.now() + patience }, ', '']);
  const waiting = startPair();
  await waiting.printed('hello ←');
  // Twice as long as the deadline was.
  await waiting.printed('Nothing has happened for 10 seconds.');
  waiting.child.kill('SIGINT');
  const stopped = await waiting.ended;
  expect(stopped.stdout).not.toContain('ended with');
  expect(stopped.stderr).toBe('');
  expect(stopped.code).toBe(130);
});

/** A server and a client without the workbook around them. */
const plain = `
import { status } from '@grpc/grpc-js';
import { connect, sayHello } from './lessons/15-live-chat-on-several-servers/client.ts';
import { start } from './lessons/15-live-chat-on-several-servers/server.ts';

const { server, port } = await start('127.0.0.1:0');
const stub = connect('127.0.0.1:' + port);
await sayHello(stub, { greeting: 'Hello', name: 'World' }).catch(({ code }) => console.log(status[code]));
stub.close();
server.forceShutdown();
`;

test('Throw in the handler', async () => {
  const first = 'const { greeting, name } = call.request;';
  change('server', [first, `throw new Error('no more bread');\n  ${first}`]);
  const { code, stdout, stderr } = await pair();
  const fault = `Error: no more bread (${placeOf('no more bread')})`;
  expect(stdout).toContain(`[server] ! ${fault}`);
  expect(stdout).toContain('[server] hello · ended with INTERNAL');
  expect(stderr).toMatch(/^INTERNAL: /);
  expect(stderr).toContain(fault);
  expect(code).toBe(1);

  workbook.write('plain.ts', plain);
  const alone = spawnSync(
    process.execPath,
    ['--import', './shared/engine/loading/typescript-loader.js', 'plain.ts'],
    {
      cwd: workbook.folder,
      encoding: 'utf8',
      env: { ...process.env, NODE_NO_WARNINGS: '1' },
    },
  );
  expect(alone.stderr).toBe('');
  expect(alone.stdout).toBe('UNKNOWN\n');
});

test('Misspell a field', async () => {
  change('server', [answer, "callback(null, { mesage: 'Hello' });"]);
  const { there, stop } = await server();
  // The message is printed, and it is empty.
  expect(await client(there).ended).toEqual({ code: 0, stdout: '\n', stderr: '' });
  const { stdout } = await stop();
  expect(stdout).toContain("hello → { mesage: 'Hello' }\nhello · ended with OK\n");

  const grades = await check();
  expect(grades).toContain('The TypeScript compiler reports errors:');
  expect(grades).toContain(`${placeOf('mesage')}  Object literal may only specify known properties`);
  expect(grades).toContain("server → hello { mesage: 'Hello' }");
  expect(grades).toContain("client ← hello { message: '' }");
});

test('Call nobody', async () => {
  const { there, stop } = await server();
  await stop();
  const { code, stderr } = await client(there).ended;
  expect(stderr).toContain('UNAVAILABLE');
  expect(stderr).not.toContain('DEADLINE_EXCEEDED');
  expect(code).toBe(1);
});

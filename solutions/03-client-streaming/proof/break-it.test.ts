import { expect, test } from 'vitest';
import { experimentsOf, linesOf, serverLinesOf } from '#testkit/experiment.ts';
import { hasTerminals, keys } from '#testkit/workbook-copy.ts';

const { change, client, pair, server, startPair, workbook } = experimentsOf('03-client-streaming');

const flags = ['--greeting', 'Hello', '--name', 'World', '--name', 'Node'];
const came = (name: string): string => `clientHello ← { name: '${name}', greeting: 'Hello' }`;
const asked = 'Please enter a name (or nothing to stop chatting)';
const delayed = (count: number): string =>
  `You have sent ${count} messages. Please expect a delayed response.`;

test('Never finish', async () => {
  change('client', ['requests.end();', '']);
  const waiting = startPair(flags);
  await waiting.printed(came('Node'));
  await waiting.printed('Nothing has happened for 10 seconds.');
  waiting.child.kill('SIGINT');
  const stopped = await waiting.ended;
  expect(serverLinesOf(stopped.stdout).slice(0, 2)).toEqual([came('World'), came('Node')]);
  expect(stopped.stdout).not.toContain('the client has finished sending');
  expect(stopped.stdout).not.toContain('You have sent');
  expect(stopped.code).toBe(130);

  change('client', ['stub.clientHello(done)', 'stub.clientHello({ deadline: Date.now() + 5_000 }, done)']);
  const { code, stdout, stderr } = await pair(flags);
  expect(serverLinesOf(stdout).slice(0, 2)).toEqual([came('World'), came('Node')]);
  expect(stderr).toMatch(/^DEADLINE_EXCEEDED: /);
  expect(code).toBe(1);
});

test('Answer too soon', async () => {
  change('server', ["call.on('end', () => {", "call.once('data', () => {"]);
  const { code, stdout, stderr } = await pair(flags);
  const tooSoon = [
    came('World'),
    `clientHello → { message: '${delayed(0)}', request: [] }`,
    'clientHello · ended with OK',
  ];
  const lines = serverLinesOf(stdout);
  expect(lines.slice(0, 3)).toEqual(tooSoon);
  expect([[], [came('Node')]]).toContainEqual(lines.slice(3));
  expect(linesOf(stdout)).toContain(delayed(0));
  expect(stderr).toBe('');
  expect(code).toBe(0);

  if (!hasTerminals) return;
  const typing = workbook.atTerminal(['lesson', '3', '--greeting', 'Hello']);
  await typing.printed(asked);
  typing.type(`World${keys.enter}`);
  // Nothing more is typed.
  const left = await typing.ended;
  expect(serverLinesOf(left.stdout)).toEqual(tooSoon);
  expect(linesOf(left.stdout)).toContain(delayed(0));
  expect(left.code).toBe(0);
});

test('Share the list', async () => {
  const list = 'const request: HelloRequest__Output[] = [];\n';
  const handler = "export const clientHello: HelloHandlers['clientHello']";
  change('server', [`  ${list}`, ''], [handler, `${list}${handler}`]);
  const { there } = await server();
  const first = await client(there, flags).ended;
  expect(linesOf(first.stdout)).toEqual([delayed(2), '  Hello World', '  Hello Node']);
  const second = await client(there, ['--greeting', 'Hello', '--name', 'gRPC']).ended;
  expect(linesOf(second.stdout)).toEqual([delayed(3), '  Hello World', '  Hello Node', '  Hello gRPC']);
});

test.skipIf(!hasTerminals)('Leave in the middle', async () => {
  const listener = "call.on('end', () => {";
  change('server', [listener, `${listener}\n    console.log('the requests are over');`]);
  const { there, printed, stop } = await server();
  const typing = workbook.atTerminal(['lesson', '3', 'client', ...there, '--greeting', 'Hello']);
  for (const name of ['World', 'Node']) {
    await typing.printed(asked);
    typing.forget();
    typing.type(`${name}${keys.enter}`);
    await printed(came(name));
  }
  await typing.printed(asked);
  typing.type(keys.ctrlC);
  const left = await typing.ended;
  expect(left.code).toBe(130);
  expect(left.stdout).not.toContain('You have sent');
  await printed('the requests are over');
  const { stdout } = await stop();
  expect(linesOf(stdout).slice(1, 5)).toEqual([
    came('World'),
    came('Node'),
    'clientHello · cancelled: the client has gone',
    'the requests are over',
  ]);
  expect(stdout).not.toContain('→');
});

import { expect, test } from 'vitest';
import { experimentsOf } from '#testkit/experiment.ts';

const { change, check, client, pair, plainServer, startPair } = experimentsOf('05-chat');

const inTheLobby = ['--user', 'Ada', '--room', 'lobby', '--message', 'Hello'];
const twoAndStats = [...inTheLobby, '--message', 'Hello', '--message', '/stats'];
const fromNobody = ['--user', '', '--room', 'lobby', '--message', 'Hello'];

test('Ask without waiting (run it)', async () => {
  change('client', [
    '    if (unanswered > 0) await new Promise<void>((resolve) => (onAllAnswered = resolve));\n',
    '',
  ]);
  // Nobody promises that the question is faster: only that it may be.
  let counted: string | undefined;
  for (let run = 0; run < 5 && counted !== '1'; run += 1) {
    const { code, stdout } = await pair(twoAndStats);
    counted = /messages received so far: (\d)/.exec(stdout)?.[1];
    expect(stdout.match(/^acknowledged: \[lobby\] Ada: Hello$/gm)).toHaveLength(2);
    expect(code).toBe(0);
  }
  expect(counted).toBe('1');
});

test('Send first, hear afterwards (run it)', async () => {
  change('client', [
    `  const over = hear();
  // Whoever is first: the server may end the call while the person is still being asked.
  await Promise.race([over, send()]);
  await over;
`,
    `  await send();
  await hear();
`,
  ]);
  const { child, ended, printed } = startPair(twoAndStats);
  await printed('[workbook] Nothing has happened for 10 seconds.');
  child.kill('SIGINT');
  const { code, stdout } = await ended;
  expect(stdout.match(/SendAndReceiveMessage → /g)).toHaveLength(2);
  expect(stdout).not.toMatch(/^acknowledged|GetStats/m);
  expect(code).toBe(130);
});

test('Let everything pile up (grade it)', async () => {
  change('server', [
    `        if (call.writableNeedDrain) {
          call.pause();
          call.once('drain', () => call.resume());
        }
`,
    '',
  ]);
  const { code, stdout } = await pair([...inTheLobby, '--message', '/stats', '--message', '/history']);
  // The server's lines may come in between.
  expect(stdout.match(/^(?!\[server\]).*Ada: Hello$|^messages.*/gm)).toEqual([
    'acknowledged: [lobby] Ada: Hello',
    'messages received so far: 1',
    '[lobby] Ada: Hello',
  ]);
  expect(code).toBe(0);
  expect(await check()).toMatch(
    /failed +Step 1 [^]*all of 1000 messages read, and their acknowledgements piled up in the server's memory[^]*Step 2/,
  );
});

test('Refuse, and read on (grade it)', async () => {
  change('server', [
    `        // The client does not know yet: what it has sent meanwhile would still be read.
        call.pause();
`,
    '',
  ]);
  expect(await check()).toMatch(
    /failed +Step 2 [^]*the handler wrote a message after the end of the stream[^]*Step 3/,
  );
});

test('Throw (run it)', async () => {
  change('server', [
    "call.emit('error', invalidArgument(problem.field, problem.description));",
    "throw new Error('no');",
  ]);
  const { code, stderr } = await pair(fromNobody);
  expect(stderr).toContain('INTERNAL');
  expect(stderr).not.toMatch(/INVALID_ARGUMENT|user_from/);
  expect(code).toBe(1);

  const plain = await plainServer();
  expect((await client(plain.there, fromNobody).ended).stderr).toContain('UNAVAILABLE');
  expect((await plain.ended).code).toBe(1);
});

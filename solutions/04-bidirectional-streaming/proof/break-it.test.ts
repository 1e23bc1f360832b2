import { expect, test } from 'vitest';
import { experimentsOf, linesOf, serverLinesOf } from '#testkit/experiment.ts';
import { hasTerminals, keys, type AtTerminal } from '#testkit/workbook-copy.ts';

const { change, check, pair, startPair, workbook } = experimentsOf('04-bidirectional-streaming');

const came = (name: string): string => `biHello ← { name: '${name}', greeting: 'Hello' }`;
const sent = (name: string): string => `biHello → { message: 'Hello ${name}' }`;
const halfClosed = 'biHello · the client has finished sending';
const ended = 'biHello · ended with OK';
const asked = 'Please enter a name (or nothing to stop chatting)';
const silence = 'Nothing has happened for 10 seconds.';

/** What the client has printed of the replies. */
const heardIn = (printed: string): string[] => linesOf(printed).filter((line) => line.startsWith('Hello'));

const atTerminal = (): AtTerminal =>
  workbook.atTerminal(['lesson', '4', '--call', 'biHello', '--greeting', 'Hello']);

/**
 * Types two names, the second when the server has told what it did with the first; then an empty answer.
 *
 * @returns what stands at the terminal in the end, up to the empty answer and from there on
 */
const typeTwo = async (told: (name: string) => string): Promise<{ before: string; after: string }> => {
  const terminal = atTerminal();
  for (const name of ['Ada', 'Grace']) {
    await terminal.printed(asked);
    terminal.forget();
    terminal.type(`${name}${keys.enter}`);
    await terminal.printed(told(name));
  }
  terminal.type(keys.enter);
  const { code, stdout } = await terminal.ended;
  expect(code).toBe(0);
  const lines = linesOf(stdout);
  const emptyAnswer = lines.findIndex((line) => line.startsWith('✔') && line.trimEnd().endsWith('·'));
  expect(emptyAnswer).toBeGreaterThan(0);
  return { before: lines.slice(0, emptyAnswer).join('\n'), after: lines.slice(emptyAnswer).join('\n') };
};

test('Keep your half open', async () => {
  change('server', ['call.end();', '']);
  const waiting = startPair([
    '--call',
    'biHello',
    '--greeting',
    'Hello',
    '--name',
    'World',
    '--name',
    'Node',
  ]);
  await waiting.printed('\nHello Node\n');
  await waiting.printed(silence);
  waiting.child.kill('SIGINT');
  const { code, stdout } = await waiting.ended;
  expect(serverLinesOf(stdout).slice(0, 5)).toEqual([
    came('World'),
    sent('World'),
    came('Node'),
    sent('Node'),
    halfClosed,
  ]);
  expect(heardIn(stdout)).toEqual(['Hello World', 'Hello Node']);
  expect(stdout).not.toContain(ended);
  expect(code).toBe(130);
});

test.skipIf(!hasTerminals)('Answer only at the end', async () => {
  const handler = "export const biHello: HelloHandlers['biHello'] = (call) => {";
  change(
    'server',
    [handler, `${handler}\n  const messages: string[] = [];`],
    ['call.write({ message: `${greeting} ${name}` });', 'messages.push(`${greeting} ${name}`);'],
    ['call.end();', 'for (const message of messages) call.write({ message });\n    call.end();'],
  );
  const { before, after } = await typeTwo(came);
  expect(serverLinesOf(before)).toEqual([came('Ada'), came('Grace')]);
  expect(serverLinesOf(after)).toEqual([halfClosed, sent('Ada'), sent('Grace'), ended]);
  expect(heardIn(before)).toEqual([]);
  expect(heardIn(after)).toEqual(['Hello Ada', 'Hello Grace']);

  const grades = await check();
  expect(grades.match(/^ +failed .*$/gm)).toEqual([expect.stringContaining('Step 1 ·')]);
});

test.skipIf(!hasTerminals)('Send first, receive afterwards', async () => {
  const both = 'await Promise.all([send(conversation, greeting, names), receive(conversation, onMessage)]);';
  const send = 'await send(conversation, greeting, names);';
  const receive = 'await receive(conversation, onMessage);';
  change('client', [both, `${send}\n  ${receive}`]);
  const { before, after } = await typeTwo(sent);
  expect(serverLinesOf(before)).toEqual([came('Ada'), sent('Ada'), came('Grace'), sent('Grace')]);
  expect(serverLinesOf(after)).toEqual([halfClosed, ended]);
  expect(heardIn(before)).toEqual([]);
  expect(heardIn(after)).toEqual(['Hello Ada', 'Hello Grace']);

  change('client', [`${send}\n  ${receive}`, `${receive}\n  ${send}`]);
  const waiting = atTerminal();
  await waiting.printed(silence);
  waiting.type(keys.ctrlC);
  const stopped = await waiting.ended;
  expect(stopped.stdout).not.toContain(asked);
  expect(stopped.code).toBe(130);
});

test('Take a dish off the menu', async () => {
  change('server', ['{ hello, parrotHello', '{ parrotHello']);
  const { code, stderr } = await pair(['--call', 'hello', '--greeting', 'Hello', '--name', 'World']);
  expect(linesOf(stderr)[0]).toBe('UNIMPLEMENTED: The server does not implement the method hello');
  expect(code).toBe(1);
  const grades = await check();
  expect(grades).toContain('4 of 5 steps passed.');
  expect(grades).not.toContain('The TypeScript compiler');
});

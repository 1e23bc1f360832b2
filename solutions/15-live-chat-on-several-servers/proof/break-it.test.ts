import { renameSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { experimentsOf, failedSteps } from '#testkit/experiment.ts';
import { hasTerminals, keys } from '#testkit/workbook-copy.ts';

const { atTerminal, change, check, pair, server, workbook } = experimentsOf(
  '15-live-chat-on-several-servers',
);

test('Kill it', async () => {
  const { stdout, code } = await pair(['--how', 'killed']);
  expect(stdout).not.toContain('[server 2] stopping');
  expect(stdout).toContain('Ada has heard 6, Bob 6: the same, in the same order');
  expect(code).toBe(0);
});

test('Acknowledge first', async () => {
  change('server', [
    '      await log.append(message);\n      callback(null, message);',
    '      callback(null, message);\n      await log.append(message);',
  ]);
  const { stdout } = await pair();
  expect(stdout).toContain('Ada has heard 6, Bob 6: the same, in the same order');
  const grades = await check();
  expect(failedSteps(grades)).toEqual([1]);
  expect(grades).toContain('does not acknowledge a message before the log has it');
});

test('Hand it on at once', async () => {
  const append = '      await log.append(message);\n';
  change('server', [append, `      for (const call of chat.subscriptions) call.write(message);\n${append}`]);
  const { stdout, code } = await pair();
  // Which of Bob's lines stands beside hers is not certain.
  expect(stdout.match(/^Ada: Hello, Bob\. +│/gm)).toHaveLength(2);
  expect(stdout).toMatch(/^Ada has heard \d+, Bob \d+: not the same$/m);
  expect(code).toBe(1);
});

test('Forget where you were', async () => {
  const line = "    if (place.position !== undefined) metadata.set('after', String(place.position));\n";
  change('client', [line, '']);
  const { stdout, code } = await pair();
  expect(stdout).toMatch(/^Ada has heard 6, Bob 3: not the same$/m);
  expect(code).toBe(1);
});

test('Keep two messages', async () => {
  const { stderr, code } = await pair(['--keep', '2']);
  expect(stderr).toMatch(/^OUT_OF_RANGE: .*ubscribe without after/m);
  expect(code).toBe(1);
});

test.skipIf(!hasTerminals)('Take the log away', async () => {
  const { there } = await server(['--log', 'chat.db']);
  const file = path.join(workbook.folder, 'chat.db');
  const ada = atTerminal(['client', ...there, '--user', 'Ada', '--also', '']);
  const say = async (text: string, printed: string): Promise<void> => {
    await ada.printed('Say something');
    ada.forget();
    ada.type(`${text}${keys.enter}`);
    await ada.printed(printed);
  };
  await say('before', 'Ada: before');
  renameSync(file, `${file}.away`);
  await say('meanwhile', 'Nobody has acknowledged "meanwhile"');
  renameSync(`${file}.away`, file);
  await say('after', 'Ada: after');
});

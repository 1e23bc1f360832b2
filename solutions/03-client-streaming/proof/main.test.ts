import { expect, test } from 'vitest';
import { mainOf } from '#testkit/pair-in-process.ts';
import * as client from '../client.ts';
import * as server from '../server.ts';

const lesson = mainOf('03-client-streaming', { server, client });

test('greets World, gRPC and Node when nobody answers its questions', async () => {
  const { client: lines, exitCode } = await lesson.pair();
  expect(lines.slice(1)).toEqual(['  Hello World', '  Hello gRPC', '  Hello Node']);
  expect(exitCode).toBe(0);
});

test('takes names from a pipe, one a line, and the greeting from elsewhere', async () => {
  const { client: lines } = await lesson.pair([], { piped: ['Ada', 'Grace'] });
  expect(lines.slice(1)).toEqual(['  Hello Ada', '  Hello Grace']);
});

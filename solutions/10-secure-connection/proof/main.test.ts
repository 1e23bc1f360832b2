import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import type { HelloRequest__Output } from '#protos/generated/hello/HelloRequest.ts';
import { certificatesFolder, writeCertificates } from '#shared/certificates/folder.ts';
import { addressOf, mainOf, requestsOf } from '#testkit/pair-in-process.ts';
import { tempFolder } from '#kit/test-folder.ts';
import * as client from '../client.ts';
import * as server from '../server.ts';

// Not those of whoever runs the tests.
vi.mock('#shared/certificates/folder.ts', async (load) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'grpc-workbook-'));
  return { ...(await load<object>()), certificatesFolder: folder };
});

beforeAll(() => writeCertificates(certificatesFolder));
afterAll(() => rmSync(certificatesFolder, { recursive: true, force: true }));

const lesson = mainOf('10-secure-connection', { server, client });

test('shows everything when nobody answers its questions, and being refused is no failure then', async () => {
  const { client: lines, exitCode } = await lesson.pair();
  const titles = lines.flatMap((line) => /^(\S+): /.exec(line)?.[1] ?? []);
  expect(titles).toEqual(client.questions.show.choices.filter((choice) => choice !== 'tour'));
  expect(lines.filter((line) => /^ {2}(?:seen|reply|with)/.test(line))).toEqual([
    '  reply: Hello World',
    '  without TLS: ··World··Hello',
    '  with TLS:    nothing of it',
    '  seen:  UNAVAILABLE: Failed to connect',
    '  seen:  UNAVAILABLE: wrong version number',
    expect.stringMatching(/seen: {2}UNAVAILABLE: self-signed certificate in certificate chain$/),
    expect.stringMatching(
      /seen: {2}UNAVAILABLE: Hostname\/IP does not match certificate's altnames: Host: bank.example/,
    ),
    '  seen:  UNAVAILABLE: certificate has expired',
    expect.stringMatching(/seen: {2}UNAVAILABLE: .*alert certificate required$/),
    '  seen:  PERMISSION_DENIED: You may not do this.',
  ]);
  expect(exitCode).toBe(0);
});

test('ends with 1 when what it shows alone is refused', async () => {
  const { client: lines, exitCode } = await lesson.pair(['--show', 'plaintext']);
  expect(lines[0]).toMatch(/^plaintext: /);
  expect(exitCode).toBe(1);
});

test('greets in the name that is piped, as ada', async () => {
  const { client: lines, exitCode } = await lesson.pair(['--show', 'call'], { piped: ['Node'] });
  expect(lines).toEqual(['call: ada shows a certificate, and greets Node', '  reply: Hello Node']);
  expect(exitCode).toBe(0);
});

test('connects without a certificate when any client may, and then has no name', async () => {
  const { client: lines } = await lesson.pair(['--show', 'no-certificate', '--clients', 'any']);
  expect(lines[1]).toBe('  seen:  UNAUTHENTICATED: Show a certificate that says who you are.');
});

test('tells the log why a call is refused, and the caller nothing of it', async () => {
  const requests = requestsOf<HelloRequest__Output>('hello');
  const { client: lines, server: log } = await lesson.pair(['--show', 'name']);
  expect(requests).toEqual([{ greeting: 'Hello', name: 'ada' }]);
  expect(log).toEqual(['refused: user guest asks about somebody else']);
  expect(lines.join('\n')).not.toContain('somebody else');
});

test('refuses a name that is too long, and has nothing to explain then', async () => {
  const { client: lines } = await lesson.pair(['--show', 'call', '--name', 'x'.repeat(201)]);
  expect(lines.slice(1)).toEqual([expect.stringMatching(/^ {2}seen: {2}INVALID_ARGUMENT: name must /)]);
  const { client: longest } = await lesson.pair(['--show', 'call', '--name', 'x'.repeat(200)]);
  expect(longest[1]).toMatch(/^ {2}reply: /);
});

test('reads nothing of a call over TLS that is refused', async () => {
  const guarded: typeof server.guarded = () => (_call, callback) =>
    callback({ code: status.PERMISSION_DENIED, details: 'You may not do this.' });
  const address = addressOf(await server.start('127.0.0.1:0', { guarded }));
  const { client: lines } = await lesson.client(address, ['--show', 'wire']);
  expect(lines.at(-1)).toBe('  with TLS:    nothing of it');
});

test('reads nothing where there is no connection', async () => {
  const { client: lines } = await lesson.client(await lesson.gone(), ['--show', 'wire']);
  expect(lines.at(-1)).toBe('  with TLS:    no connection, so nothing to read');
});

test('makes certificates where there are none, and says where', async () => {
  const folder = tempFolder();
  const { client: lines, server: log } = await lesson.client(
    addressOf(await server.start('127.0.0.1:0', {}, folder)),
    ['--show', 'call'],
  );
  expect(log).toEqual([`made certificates in ${folder}`]);
  // They are not those that the client trusts.
  expect(lines[1]).toMatch(/^ {2}seen: {2}UNAVAILABLE: /);
});

test('takes up certificates that are renewed, and stays with what it has when they are of no use', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const folder = tempFolder();
  await writeCertificates(folder);
  const address = addressOf(await server.start('127.0.0.1:0', {}, folder));
  await writeCertificates(folder);
  vi.runOnlyPendingTimers();
  rmSync(path.join(folder, 'server.key'));
  vi.runOnlyPendingTimers();
  const { server: log } = await lesson.client(address, ['--show', 'plaintext']);
  expect(log).toEqual([
    'the certificates were renewed: new connections get the new ones',
    expect.stringMatching(/^going on with the certificates from before: .*server\.key is not there/),
  ]);
});

test('does not take for a status what is none', async () => {
  vi.mocked(console.log).mockImplementation((text) => {
    if (String(text).startsWith('  reply')) throw new Error('nobody reads this');
  });
  await expect(lesson.pair(['--show', 'call'])).rejects.toThrow('nobody reads this');
});

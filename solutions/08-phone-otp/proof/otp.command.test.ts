import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { credentials, status, type requestCallback, type ServiceError } from '@grpc/grpc-js';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/phoneotp.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { tempFolder } from '#kit/test-folder.ts';
import { WorkbookCopy } from '#testkit/workbook-copy.ts';
import { HalfProcess } from '../../../shared/engine/run/half-process.ts';

const { PhoneOTPService } = loadProto<ProtoGrpcType>('phoneotp.proto').phoneotp;

const workbook = new WorkbookCopy();
afterAll(() => workbook.delete());

const phone_number = '+14155550123';

/** @returns a file for a database, in a folder of its own */
const fileName = (): string => path.join(tempFolder(), 'otp.db');

/** Calls a server. Each call gives its reply's `success`, or the name of the status that it ended with. */
const callerOf = (port: number) => {
  const stub = new PhoneOTPService(`127.0.0.1:${port}`, credentials.createInsecure());
  onTestFinished(() => stub.close());
  const answerTo = (make: (done: requestCallback<{ success: boolean }>) => unknown) =>
    new Promise<boolean | string>((resolve) => {
      make((error: ServiceError | null, reply) => resolve(error ? status[error.code]! : reply!.success));
    });
  const soon = () => ({ deadline: Date.now() + 10_000 });
  return {
    send: () => answerTo((done) => stub.SendOTP({ phone_number }, soon(), done)),
    verify: (otp: string) => answerTo((done) => stub.VerifyOTP({ phone_number, otp }, soon(), done)),
  };
};

/** The process that really serves lesson 8, without the command that starts it for a learner. */
const serving = async (db: string) => {
  const half = new HalfProcess({
    half: 'server',
    lesson: { number: 8, folder: '08-phone-otp', title: '' },
    answers: 'solutions',
    mode: 'alone',
    capture: true,
  });
  onTestFinished(() => half.stop());
  const codes: string[] = [];
  createInterface({ input: half.child.stdout! }).on('line', (line) => {
    const code = /^SMS to \+14155550123: your code is (\d{6})$/.exec(line)?.[1];
    if (code) codes.push(code);
  });
  await half.first('loaded');
  half.send({ type: 'start', address: '127.0.0.1:0', given: { db: [db] } });
  const listening = await half.first('listening');
  if (typeof listening === 'string') throw new Error(`The server did not come up: it is ${listening}.`);
  return {
    half,
    ...callerOf(listening.port),
    /** The code of the last SMS, once the server has ended and all its lines are read. */
    lastCode: () => codes.at(-1)!,
  };
};

/** @returns a code that is not this one */
const otherThan = (code: string): string => (code === '000000' ? '000001' : '000000');

describe('a code that was sent before a restart', () => {
  it('is good after it', async () => {
    const file = fileName();
    const args = ['lesson', '8', 'server', '--solution', '--port', '0', '--db', file];
    const before = workbook.start(args);
    const send = callerOf(Number(/:(\d+)/.exec(await before.printed(/listening on .*:\d+/))![1])).send;
    expect(await send()).toBe(true);
    const code = /your code is (\d{6})/.exec(await before.printed(/your code is \d{6}/))![1]!;
    before.child.kill('SIGINT');
    expect((await before.ended).code).toBe(130);

    const after = workbook.start(args);
    const { verify } = callerOf(Number(/:(\d+)/.exec(await after.printed(/listening on .*:\d+/))![1]));
    expect(await verify(otherThan(code))).toBe(false);
    expect(await verify(code)).toBe(true);
    expect(await verify(code)).toBe(false);
    after.child.kill('SIGINT');
    const { stdout } = await after.ended;
    expect(stdout).toContain("otp: '(not logged)'");
    expect(stdout).not.toContain(code);
  });

  it('is good, and as many tries are spent, after a server that was killed', async () => {
    const file = fileName();
    const before = await serving(file);
    expect(await before.send()).toBe(true);
    for (let count = 1; count <= 4; count += 1) expect(await before.verify('x')).toBe('INVALID_ARGUMENT');
    before.half.child.kill('SIGKILL');
    await before.half.exit;
    const code = before.lastCode();

    const between = await serving(file);
    expect(await between.send()).toBe('RESOURCE_EXHAUSTED');
    for (let count = 1; count <= 4; count += 1) expect(await between.verify(otherThan(code))).toBe(false);
    between.half.child.kill('SIGKILL');
    await between.half.exit;

    const after = await serving(file);
    expect(await after.verify(code)).toBe(true);
    after.half.child.kill('SIGKILL');
    await after.half.exit;

    const last = await serving(file);
    expect(await last.verify(code)).toBe(false);
  });
});

describe('two servers on one file', () => {
  it('share limits, tries and codes, when both are called at once', async () => {
    const file = fileName();
    const servers = await Promise.all([serving(file), serving(file)]);
    const [one, two] = servers;
    const sends = await Promise.all(servers.flatMap(({ send }) => [send(), send(), send()]));
    expect(sends.filter((answer) => answer === true)).toHaveLength(1);
    expect(sends.filter((answer) => answer === 'RESOURCE_EXHAUSTED')).toHaveLength(5);

    const wrong = await Promise.all(
      servers.flatMap(({ verify }) => Array.from({ length: 10 }, () => verify('000000'))),
    );
    // Ten in a row, whichever server they came to; then the number has to wait at both.
    expect(wrong.filter((answer) => answer === false)).toHaveLength(10);
    expect(wrong.filter((answer) => answer === 'RESOURCE_EXHAUSTED')).toHaveLength(10);
    expect(await one.send()).toBe('RESOURCE_EXHAUSTED');
    expect(await two.send()).toBe('RESOURCE_EXHAUSTED');
  });

  it('say true to one of those who come with the right code at the same time', async () => {
    const file = fileName();
    const sender = await serving(file);
    expect(await sender.send()).toBe(true);
    await sender.half.stop();
    const code = sender.lastCode();
    const servers = await Promise.all([serving(file), serving(file)]);
    const answers = await Promise.all(servers.flatMap(({ verify }) => [verify(code), verify(code)]));
    expect(answers.filter((answer) => answer === true)).toHaveLength(1);
    expect(answers.filter((answer) => answer === false)).toHaveLength(3);
  });
});

describe('a server whose secret key is damaged', () => {
  it('says so in a sentence, and does not start', async () => {
    const file = fileName();
    writeFileSync(`${file}.key`, 'short');
    const { code, stdout, stderr } = await workbook.run([
      'lesson',
      '8',
      'server',
      '--solution',
      '--port',
      '0',
      '--db',
      file,
    ]);
    expect(stderr).toBe(
      `! ${file}.key is damaged: it should hold the server's secret key, 32 bytes in base64. Bring it back from a copy. Without it nothing in the database beside it can be read, so you may as well delete both.\n`,
    );
    expect(stdout).toBe('');
    expect(code).toBe(1);
  });
});

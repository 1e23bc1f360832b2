import path from 'node:path';
import { expect, test } from 'vitest';
import { experimentsOf, failedSteps, type RunningServer } from '#testkit/experiment.ts';
import { timePasses } from '#testkit/otp-clock.ts';

const { change, check, client, pair, server, workbook } = experimentsOf('08-phone-otp');

const db = path.join(workbook.folder, '.workbook', 'otp.db');
const right = 'success: true. The phone is yours.\n';
const wrong = 'success: false. This code is wrong, or no longer good.\n';

const send = ({ there }: RunningServer, phone: string) =>
  client(there, ['--call', 'SendOTP', '--phone', phone]).ended;
const verify = ({ there }: RunningServer, phone: string, ...otps: string[]) =>
  client(there, ['--call', 'VerifyOTP', '--phone', phone, ...otps.flatMap((otp) => ['--otp', otp])]).ended;

/** The code in the SMS that the server has printed for a number. */
const codeFor = async ({ printed }: RunningServer, phone: string): Promise<string> => {
  const sms = new RegExp(`SMS to \\${phone}: your code is (\\d{6})`);
  return sms.exec(await printed(sms))![1]!;
};

test('Pull the plug', async () => {
  const [phone, other] = ['+14155550123', '+14155550124'];
  const first = await server();
  expect((await send(first, phone)).code).toBe(0);
  const code = await codeFor(first, phone);
  expect((await first.stop()).code).toBe(130);

  timePasses(db, -600);
  const second = await server();
  expect((await verify(second, phone, code)).stdout).toBe(right);
  expect((await send(second, phone)).stderr).toContain('RESOURCE_EXHAUSTED');
  expect((await send(second, other)).code).toBe(0);
  const lost = await codeFor(second, other);
  await second.stop();

  timePasses(db, -600);
  workbook.remove('.workbook/otp.db.key');
  const third = await server();
  expect((await verify(third, other, lost)).stdout).toBe(wrong);
  // With the key this would be too soon.
  expect(await send(third, other)).toMatchObject({ code: 0, stderr: '' });
});

test('Guess', async () => {
  const [phone, owned] = ['+14155550125', '+14155550126'];
  const running = await server();
  const guesses = Array.from({ length: 11 }, (_, index) => String(index + 1).padStart(6, '0'));
  const { code, stdout, stderr } = await verify(running, phone, ...guesses);
  expect(stdout).toBe(wrong.repeat(10));
  const [, seconds] = /^RESOURCE_EXHAUSTED: too many wrong codes: try again in (\d+) seconds/.exec(stderr)!;
  // A minute, less the time between two calls.
  expect(Number(seconds)).toBeLessThanOrEqual(60);
  expect(Number(seconds)).toBeGreaterThan(40);
  expect(code).toBe(1);
  expect((await send(running, phone)).stderr).toMatch(/^RESOURCE_EXHAUSTED: too soon for another code/);

  // A number that has been sent a code gets the same answers.
  expect((await send(running, owned)).code).toBe(0);
  const sent = await codeFor(running, owned);
  const misses = guesses.map((guess) => (guess === sent ? '000000' : guess));
  const inTheEnd = (text: string): string => text.replaceAll(/\d+ seconds.*/g, '');
  const missed = await verify(running, owned, ...misses);
  expect(missed.stdout).toBe(stdout);
  expect(inTheEnd(missed.stderr)).toBe(inTheEnd(stderr));
  expect((await running.stop()).stdout.match(/SMS to \S+:/g)).toEqual([`SMS to ${owned}:`]);
});

test('Lose the provider', async () => {
  change('server', ['sender: terminalSms', "sender: { send: () => Promise.reject(new Error('no credit')) }"]);
  const args = ['--call', 'SendOTP', '--phone', '+14155550123'];
  const first = await pair(args);
  expect(first.stderr).toContain('UNAVAILABLE: the SMS could not be sent');
  expect(first.stdout + first.stderr).not.toContain('no credit');
  expect(first.code).toBe(1);
  timePasses(db, -600);
  const second = await pair(args);
  expect(second.stderr).toContain('RESOURCE_EXHAUSTED: too soon for another code');
  expect(second.code).toBe(1);
});

test('Take nothing away', async () => {
  change('server', ['return right && store.take(number, kept);', 'return right;']);
  const phone = '+14155550123';
  const running = await server();
  await send(running, phone);
  const code = await codeFor(running, phone);
  expect((await verify(running, phone, code)).stdout).toBe(right);
  expect((await verify(running, phone, code)).stdout).toBe(right);
});

test('Keep the code itself', async () => {
  change('server', ['store.keep(number, kept, now());', 'store.keep(number, Buffer.from(code), now());']);
  const { code, stdout, stderr } = await pair(['--call', 'SendOTP', '--phone', '+14155550123']);
  expect(stderr).toContain(
    "INTERNAL: The server's handler threw TypeError: The store keeps fingerprints of 32 bytes, and this has 6",
  );
  expect(stdout).not.toContain('A code is on its way');
  expect(code).toBe(1);
});

test('Hash without a key', async () => {
  change(
    'server',
    ['import { createHmac,', 'import { createHash,'],
    ["createHmac('sha256', key)", "createHash('sha256')"],
  );
  const phone = '+14155550123';
  const running = await server();
  expect((await send(running, phone)).code).toBe(0);
  const code = await codeFor(running, phone);
  expect((await verify(running, phone, code)).stdout).toBe(right);
  const grades = await check();
  expect(failedSteps(grades)).toEqual([1]);
  expect(grades).toContain('5 of 6 steps passed.');
});

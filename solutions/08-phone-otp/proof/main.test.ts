import { status } from '@grpc/grpc-js';
import { expect, test, vi } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/phoneotp.ts';
import type { PhoneOTPServiceHandlers } from '#protos/generated/phoneotp/PhoneOTPService.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { mainOf } from '#testkit/pair-in-process.ts';
import { serving } from '#kit/peers.ts';
import * as client from '../client.ts';
import * as server from '../server.ts';

const { PhoneOTPService } = loadProto<ProtoGrpcType>('phoneotp.proto').phoneotp;

const lesson = mainOf('08-phone-otp', { server, client });

const wrong = 'success: false. This code is wrong, or no longer good.';
const right = 'success: true. The phone is yours.';

test('sends a code to the phone of the example and tries 000000 when nobody answers its questions', async () => {
  const { client: lines, server: phone, exitCode } = await lesson.pair();
  expect(lines).toEqual(['A code is on its way to +14155550123.', wrong]);
  expect(phone).toEqual([expect.stringMatching(/^SMS to \+14155550123: your code is \d{6}$/)]);
  expect(exitCode).toBe(0);
});

test('asks for the code until it is right, and sends nothing that can be none', async () => {
  const { client: lines, exitCode } = await lesson.pair([], {
    typing: (line) => {
      const code = /your code is (\d{6})/.exec(line)?.[1];
      if (code === undefined) return undefined;
      const other = String((Number(code) + 1) % 1_000_000).padStart(6, '0');
      return ['12345', `${code}7`, `x${code}`, other, code, '000000'].join('\n');
    },
  });
  const none = 'A code has six digits.';
  expect(lines.slice(1)).toEqual([none, none, none, wrong, right]);
  expect(exitCode).toBe(0);
});

test('tries a code that was sent before', async () => {
  const address = await lesson.server();
  const { server: phone } = await lesson.client(address, ['--call', 'SendOTP']);
  const code = phone[0]!.slice(-6);
  const { client: lines } = await lesson.client(address, ['--call', 'VerifyOTP', '--otp', code]);
  expect(lines).toEqual([right]);
});

test('says when to come again, by the clock on the wall', async () => {
  const address = await lesson.server();
  const send = ['--call', 'SendOTP'];
  await lesson.client(address, send);
  const { client: lines, exitCode } = await lesson.client(address, send);
  expect(lines).toEqual([
    expect.stringMatching(
      /^RESOURCE_EXHAUSTED: too soon for another code: try again in \d+ seconds \(at \d.*\)$/,
    ),
  ]);
  expect(exitCode).toBe(1);
});

test('names no time when the server names none, and has not waited for ever', async () => {
  let deadline: Date | number = Infinity;
  const address = await serving(PhoneOTPService.service, {
    SendOTP: (call, callback) => {
      deadline = call.getDeadline();
      callback({ code: status.RESOURCE_EXHAUSTED, details: 'not now' });
    },
  } satisfies Pick<PhoneOTPServiceHandlers, 'SendOTP'>);
  const { client: lines } = await lesson.client(address);
  expect(lines).toEqual(['RESOURCE_EXHAUSTED: not now']);
  expect(Number(deadline)).toBeLessThan(Date.now() + 60_000);
});

test('leaves every other status to the workbook', async () => {
  const { client: lines, exitCode } = await lesson.client(await lesson.gone());
  expect(lines[0]).toMatch(/^UNAVAILABLE: nobody is listening at /);
  expect(exitCode).toBe(1);
});

test('does not take for a status what is none', async () => {
  vi.mocked(console.log).mockImplementation((text) => {
    if (String(text).startsWith('A code')) throw new Error('nobody reads this');
  });
  await expect(lesson.pair()).rejects.toThrow('nobody reads this');
});

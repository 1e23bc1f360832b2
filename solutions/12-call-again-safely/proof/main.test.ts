import { status } from '@grpc/grpc-js';
import { expect, test, vi } from 'vitest';
import type { PaymentServiceHandlers } from '#protos/generated/payment/PaymentService.ts';
import type { ProtoGrpcType } from '#protos/generated/payment.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import type { ServiceConfig } from '#shared/grpc/service-config.ts';
import { showConfig } from '#shared/payments/demonstrations.ts';
import { PaymentStore } from '#shared/storage/payment-store.ts';
import { serving, stubAt } from '#kit/peers.ts';
import { addressOf, mainOf, requestsOf } from '#testkit/pair-in-process.ts';
import * as client from '../client.ts';
import * as server from '../server.ts';

const { PaymentService } = loadProto<ProtoGrpcType>('payment.proto').payment;
const lesson = mainOf('12-call-again-safely', { server, client });

test('books more than was asked for without a key, and as much with one', async () => {
  const pays = requestsOf<{ idempotency_key: string }>('Pay');
  const { client: lines, server: log, exitCode } = await lesson.pair();
  expect(lines).toEqual([
    'without a key: 10 asked for, 13 booked █████████████',
    'with a key:    10 asked for, 10 booked ██████████',
  ]);
  expect(log).toEqual(Array(6).fill('an answer to Pay is lost: its connection is cut'));
  const keys = pays.map(({ idempotency_key }) => idempotency_key);
  expect(keys.slice(0, 13)).toEqual(Array(13).fill(''));
  expect(keys).toHaveLength(26);
  expect(new Set(keys.slice(13)).size).toBe(10);
  expect(exitCode).toBe(0);
});

test('books what was asked for when no answer is lost', async () => {
  const { client: lines, server: log } = await lesson.pair(['--lose', '0']);
  expect(lines.map((line) => / \d+ booked/.exec(line)![0])).toEqual([' 10 booked', ' 10 booked']);
  expect(log).toEqual([]);
});

test('gives up after four answers that were lost', async () => {
  const pays = requestsOf('Pay');
  const { client: lines, exitCode } = await lesson.pair(['--show', 'one', '--lose', '1']);
  expect(lines.slice(0, 2)).toEqual([
    'payments to Ada that are booked: 1',
    expect.stringMatching(/^UNAVAILABLE: /),
  ]);
  expect(pays).toHaveLength(4);
  expect(exitCode).toBe(1);
});

test('calls a busy desk again when it says, and a closed one never', async () => {
  const pays = requestsOf('Pay');
  const { server: busy } = await lesson.pair(['--show', 'one', '--desk', 'busy']);
  expect(busy[0]).toBe('the desk is busy: call again in 700 ms');
  const [, after] = /^the next call came after (\d+) ms$/.exec(busy[1]!)!;
  expect(Number(after)).toBeGreaterThanOrEqual(695);
  expect(pays).toHaveLength(2);
  const { client: lines } = await lesson.pair(['--show', 'one', '--desk', 'closed']);
  expect(lines[1]).toBe('UNAVAILABLE: Nobody can take this payment now.');
  expect(pays).toHaveLength(3);
});

test('waits for a server, and shows the payment', async () => {
  const address = await lesson.gone();
  const waiting = lesson.client(address, ['--show', 'one']);
  addressOf(await server.start(address, { db: ':memory:', lose: '0', desk: 'open' }));
  const { client: lines } = await waiting;
  expect(lines.join('')).toMatch(
    /^\{ {2}id: '[\w-]{36}', {2}payee: 'Ada', {2}amount: 1234\}payments to Ada that are booked: 1$/,
  );
});

test('tells at once when nobody listens, where nothing waits', async () => {
  for (const show of ['ten', 'reads']) {
    const { client: lines, exitCode } = await lesson.client(await lesson.gone(), ['--show', show]);
    expect(lines[0]).toMatch(/^UNAVAILABLE: /);
    expect(exitCode).toBe(1);
  }
});

test('has fewer late reads when they are hedged', async () => {
  const { client: lines, server: log } = await lesson.pair(['--show', 'reads']);
  const [once, hedged] = lines.map((line) => Number(/within (\d+) ms/.exec(line)![1]));
  expect(once).toBeGreaterThanOrEqual(290);
  expect(hedged).toBeLessThan(once!);
  expect(log).toEqual([]);
});

test('says what a linter has missed, and what it takes for wrong', () => {
  const config: ServiceConfig = { methodConfig: [{ name: [{}], timeout: '0.5s' }] };
  showConfig(config, () => ['methodConfig[0].name[0]']);
  const lines = vi.mocked(console.log).mock.calls.map(([line]) => line as string);
  expect(lines.slice(0, 3)).toEqual([
    'your own service config:',
    '  missed methodConfig[0].timeout is taken for 0 ms: write "0.500000000s"',
    '  methodConfig[0].name[0]: grpc-js takes it as it is written',
  ]);
});

test.each([
  [{ amount: 5 }, 'payee must not be empty'],
  [{ payee: 'Ada' }, 'amount must be at least 1 cent'],
  [{ payee: 'Ada', amount: -5 }, 'amount must be at least 1 cent'],
  [
    { payee: 'Ada', amount: 5, idempotency_key: 'k'.repeat(201) },
    'idempotency_key must not be longer than 200 characters',
  ],
])('refuses %j', async (request, details) => {
  const stub = stubAt(PaymentService, await lesson.server());
  const error = await new Promise((resolve) => void stub.Pay(request, resolve));
  expect(error).toMatchObject({ code: status.INVALID_ARGUMENT, details });
});

test('passes on how a payment has ended', async () => {
  const address = await serving(PaymentService.service, {
    Pay: (_call, callback) => callback({ code: status.ABORTED, details: 'not today' }),
  } satisfies Pick<PaymentServiceHandlers, 'Pay'>);
  const { client: lines, exitCode } = await lesson.client(address, ['--show', 'one']);
  expect(lines[0]).toBe('ABORTED: not today');
  expect(exitCode).toBe(1);
});

test.each(['x', '-3', '1.5', ''])('does not start when every %j. answer is to be lost', async (lose) => {
  const close = vi.spyOn(PaymentStore.prototype, 'close');
  const starting = server.start('127.0.0.1:0', { db: ':memory:', lose, desk: 'open' });
  await expect(starting).rejects.toThrow('--lose should be a whole number, such as 4, or 0');
  expect(close).toHaveBeenCalledTimes(1);
});

test('closes its database when it stops, and when it cannot listen', async () => {
  const values = { db: ':memory:', lose: '0', desk: 'open' };
  const close = vi.spyOn(PaymentStore.prototype, 'close');
  const first = await server.start('127.0.0.1:0', values);
  await expect(server.start(`127.0.0.1:${first.port}`, values)).rejects.toThrow('EADDRINUSE');
  expect(close).toHaveBeenCalledTimes(1);
  await first.stop!();
  expect(close).toHaveBeenCalledTimes(2);
  first.server.forceShutdown();
});

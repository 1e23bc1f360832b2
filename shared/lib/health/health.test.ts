import { credentials, status, type StatusObject } from '@grpc/grpc-js';
import { afterEach, expect, test } from 'vitest';
import { serve } from '../grpc/serve.ts';
import { Health, HealthService } from './health.ts';

const endings: (() => void)[] = [];
afterEach(() => {
  for (const end of endings.splice(0)) end();
});

const atWork = async () => {
  const health = new Health();
  const { server, port } = await serve(HealthService.service, health.handlers, '127.0.0.1:0');
  const stub = new HealthService(`127.0.0.1:${port}`, credentials.createInsecure());
  endings.push(
    () => stub.close(),
    () => server.forceShutdown(),
  );
  const check = (service: string): Promise<string> =>
    new Promise((resolve) => {
      stub.Check({ service }, (error, reply) => resolve(error ? status[error.code]! : reply!.status));
    });
  const watch = (service: string) => {
    const call = stub.Watch({ service });
    const heard: string[] = [];
    const waiting: (() => void)[] = [];
    const ended = new Promise<StatusObject>((resolve) => call.on('status', resolve));
    call.on('error', () => {});
    call.on('data', ({ status: serving }) => {
      heard.push(serving);
      for (const look of waiting) look();
    });
    const hears = (count: number): Promise<string[]> =>
      new Promise((resolve) => {
        const look = (): void => void (heard.length >= count && resolve(heard));
        waiting.push(look);
        look();
      });
    return { call, ended, hears };
  };
  return { health, check, watch };
};

test('a server says of each name what was said of it last, and knows no other', async () => {
  const { health, check } = await atWork();
  health.set('', 'SERVING');
  health.set('a.B', 'NOT_SERVING');
  expect([await check(''), await check('a.B'), await check('a.C')]).toEqual([
    'SERVING',
    'NOT_SERVING',
    'NOT_FOUND',
  ]);
  health.set('a.B', 'SERVING');
  expect(await check('a.B')).toBe('SERVING');
});

test('whoever watches hears at once how a service is, and then of each change, of this service alone', async () => {
  const { health, watch } = await atWork();
  const [unknown, known] = [watch('a.B'), watch('')];
  expect(await unknown.hears(1)).toEqual(['SERVICE_UNKNOWN']);
  health.set('', 'SERVING');
  health.set('a.B', 'SERVING');
  health.set('a.B', 'SERVING');
  health.set('a.B', 'NOT_SERVING');
  expect(await unknown.hears(3)).toEqual(['SERVICE_UNKNOWN', 'SERVING', 'NOT_SERVING']);
  expect((await known.hears(1)).at(-1)).toBe('SERVING');
});

test('a watch is open until its reader leaves, or somebody ends it', async () => {
  const { health, watch } = await atWork();
  const [leaves, isEnded, ends] = [watch(''), watch(''), watch('')];
  await Promise.all([leaves, isEnded, ends].map(({ hears }) => hears(1)));
  expect(health.watches.size).toBe(3);
  leaves.call.cancel();
  await leaves.ended;
  const gone = async (size: number): Promise<void> => {
    while (health.watches.size > size) await new Promise((resolve) => setImmediate(resolve));
  };
  await gone(2);
  const [first, second] = [...health.watches];
  first!.emit('error', { code: status.UNAVAILABLE, details: 'elsewhere' });
  expect(health.watches.size).toBe(1);
  second!.end();
  await gone(0);
  const codes = [(await isEnded.ended).code, (await ends.ended).code];
  expect(codes.toSorted((a, b) => a - b)).toEqual([status.OK, status.UNAVAILABLE]);
  // Nobody is left to write to.
  health.set('', 'NOT_SERVING');
});

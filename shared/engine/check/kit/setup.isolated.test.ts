import { once } from 'node:events';
import { BroadcastChannel } from 'node:worker_threads';
import { expect, it, onTestFinished, vi } from 'vitest';
import { progressChannel, stillAlive } from '../check-events.ts';

vi.useFakeTimers({ toFake: ['setInterval'] });
await import('./setup.ts');

it('gives a sign of life each second, for as long as nothing blocks the thread', async () => {
  const channel = new BroadcastChannel(progressChannel);
  onTestFinished(() => channel.close());
  for (let second = 0; second < 3; second += 1) {
    const sign = once(channel as unknown as EventTarget, 'message');
    vi.advanceTimersByTime(1_000);
    const [{ data }] = (await sign) as [{ data: unknown }];
    expect(data).toEqual(stillAlive);
  }
});

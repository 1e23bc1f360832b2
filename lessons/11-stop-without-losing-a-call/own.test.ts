import { describe, it, vi } from 'vitest';
import { settled } from '#kit/calls.ts';
import { must, same } from '#kit/check-failure.ts';
import { integer, oneOf } from '#kit/random-inputs.ts';
import { expectFault } from '#kit/expected-faults.ts';
import { becomes } from '#kit/time-limits.ts';
import { alive, healthAtWork, ready } from '#kit/health/health-service.ts';
import { signal } from '#kit/awaited-events.ts';

describe('On your own · A database that fails', () => {
  /** The learner's service has warmed up; the check says how its database is from then on. */
  const service = async () => {
    const { comeUp, stepBack } = await import('#answers/11-stop-without-losing-a-call/server.ts');
    const { health, of, watch } = await healthAtWork();
    const failure = new Error(`the database is ${oneOf(['gone', 'locked', 'full'])}`);
    expectFault(failure.message);
    const database = { works: true, asked: [] as number[] };
    const warmUp = (): Promise<void> => {
      database.asked.push(performance.now());
      return database.works ? Promise.resolve() : Promise.reject(failure);
    };
    await settled(comeUp(health, warmUp), 'Come back once the service has warmed up.');
    const listener = await watch(ready);
    const expectReady = (serving: string): Promise<void> =>
      becomes(() => listener.heard.at(-1) === serving, {
        expected: `${serving} when the database ${database.works ? 'works' : 'fails'}`,
        came: String(listener.heard.at(-1)),
        advice: 'Set `ready` by how each warmUp() ends, and go on asking.',
      });
    return {
      database,
      of,
      expectReady,
      listener,
      leave: (heard: () => Promise<void>) => stepBack(health, heard),
    };
  };

  it('is not ready while it fails, ready when it works again, and alive all the time', async () => {
    const { database, of, expectReady, listener, leave } = await service();
    for (let times = integer(1, 2); times > 0; times -= 1) {
      database.works = false;
      await expectReady('NOT_SERVING');
      same(await of(alive), 'SERVING', 'A server that waits for its database is alive.');
      database.works = true;
      await expectReady('SERVING');
    }
    const pauses = database.asked.map((at, index) => at - (database.asked[index - 1] ?? 0)).slice(1);
    must(Math.min(...pauses) > 400, {
      expected: 'half a second between two questions',
      came: `${Math.round(Math.min(...pauses))} milliseconds`,
      advice: 'Ask every 500 milliseconds.',
    });
    same(new Set(listener.heard).size, 2, 'Only SERVING and NOT_SERVING are said.');
    await leave(() => Promise.resolve());
  });

  it('stays NOT_SERVING once it steps back, whatever the database does', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] });
    try {
      const { comeUp, stepBack } = await import('#answers/11-stop-without-losing-a-call/server.ts');
      const { Health } = await import('#shared/health/health.ts');
      const health = new Health();
      const said: string[] = [];
      const { set } = health;
      health.set = (name, serving) => {
        if (name === ready) said.push(serving);
        set.call(health, name, serving);
      };
      const slow = signal();
      let asked = 0;
      // The last question is still open when the server is told to leave.
      await comeUp(health, () => (asked++ < 2 ? Promise.resolve() : slow.sent));
      for (let half = 0; half < 3; half += 1) await vi.advanceTimersByTimeAsync(500);
      const leaving = stepBack(health, async () => {
        slow.send();
        for (let half = 0; half < 3; half += 1) await vi.advanceTimersByTimeAsync(500);
      });
      await leaving;
      same(said.at(-1), 'NOT_SERVING', 'From stepBack on, no answer of the database makes it ready again.');
      same(vi.getTimerCount(), 0, 'Stop asking in stepBack.');
    } finally {
      vi.useRealTimers();
    }
  });
});

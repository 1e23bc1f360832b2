import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openLog } from '#shared/chat-log/open-log.ts';
import { testsOfLog } from '#testkit/chat-log-contract.ts';
import { redisProgram, RedisOfTest } from './redis.ts';

const aRedis = async (): Promise<RedisOfTest> => {
  const redis = await RedisOfTest.start();
  onTestFinished(() => redis.delete());
  return redis;
};

describe.skipIf(redisProgram === undefined)('with Redis', () => {
  testsOfLog('a log in Redis', async () => {
    const redis = await aRedis();
    return {
      open: (keep = 1_000) => openLog(redis.url, String(keep)),
      takeAway: () => redis.kill(),
      bringBack: () => redis.start(),
      empty: async () => void (await redis.command('FLUSHALL')),
    };
  });

  it('says what a Redis may lose that does not write at once', async () => {
    const redis = await aRedis();
    const printed = vi.spyOn(console, 'log').mockImplementation(() => {});
    await (await openLog(redis.url, '10')).close();
    expect(printed).not.toHaveBeenCalled();
    await redis.command('CONFIG', 'SET', 'appendfsync', 'everysec');
    await (await openLog(redis.url, '10')).close();
    expect(printed).toHaveBeenCalledWith(expect.stringContaining('--appendfsync always'));
    printed.mockRestore();
  });
});

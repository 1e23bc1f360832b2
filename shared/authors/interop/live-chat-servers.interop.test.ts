import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Running } from '#testkit/watched-command.ts';
import { ok } from './calls.ts';
import { redisProgram, RedisOfTest } from './redis.ts';
import { Stage, type PythonServer, type Script } from './stage.ts';

const stage = new Stage();
afterAll(() => stage.close());

const say = 'livechat.ChatService/SendMessage';
const listen = 'livechat.ChatService/ReceiveMessage';
const message = (text: string) => ({ userName: 'Ada', text });

describe("lesson 15's servers", () => {
  it('are one chat for clients that know of one server alone, and let others go on at any of them', async () => {
    const log = ['--log', 'one-chat.db', '--keep', '3'];
    const [first, second] = await Promise.all([stage.serve(15, ...log), stage.serve(15, ...log)]);
    const talk = ['Hello', 'Grüß Gott 🎈', 'Bye'].map(message);
    const grace = await stage.python(second.address, listen, { enough: talk.length });
    for (const [index, each] of talk.entries()) {
      const { call } = stage.callers[index % 2]!;
      expect(await call([first, second][index % 2]!.address, say, { send: [each] })).toEqual(ok(each));
    }
    expect(await grace.ended).toMatchObject({ replies: talk, code: 'CANCELLED' });
    const path = '/ChatService/SendMessage';
    const { ended } = await stage.python(first.address, say, { send: [message('More')], path });
    expect((await ended).code).toBe('OK');
    const headers = { after: '1' };
    const later = await stage.python(first.address, listen, { headers, enough: 3 });
    expect(await later.ended).toMatchObject({ replies: [...talk.slice(1), message('More')] });
    for (const [after, code] of [
      ['0', 'OUT_OF_RANGE'],
      ['5', 'OUT_OF_RANGE'],
      ['x', 'INVALID_ARGUMENT'],
    ]) {
      for (const { call } of stage.callers)
        expect(await call(second.address, listen, { headers: { after: after! } })).toMatchObject({ code });
    }
  });
});

describe("lesson 15's client", () => {
  let server: PythonServer;
  beforeAll(async () => {
    server = await stage.pythonServer('chat_log_server.py');
  });

  it('goes on where it was when a server sends it away', async () => {
    const texts = ['Hello', 'Goodbye', 'Back'].flatMap((text) => ['--text', text]);
    const also = ['--also', `127.0.0.1:${String(server.port)}`];
    const { stdout, code } = await stage.client(15, server, ...also, ...texts);
    expect(stdout).toBe('Ada: Hello\nAda: Goodbye\nAda: Back\n');
    expect(code).toBe(0);
    expect(server.seen.filter(({ what }) => what === 'subscribed')).toEqual([
      { what: 'subscribed', after: null },
      { what: 'subscribed', after: '2' },
    ]);
  });
});

/** How often something is killed in each of the tests below: `KILLS=20 npm run author interop chat-servers` does more. */
const kills = Number(process.env.KILLS ?? 3);

const program = 'one-of-several.ts';

/** Three servers, each a process of its own, which can be killed and started again at the same port. */
const threeServers = async (log: string) => {
  stage.workbook.write(
    program,
    `import { start } from './solutions/15-live-chat-on-several-servers/server.ts';
const [, , port, log] = process.argv;
const listening = await start('127.0.0.1:' + port, { log, keep: '1000000' });
console.log('listening on 127.0.0.1:' + listening.port);
`,
  );
  const started = async (port: string): Promise<{ port: string; running: Running }> => {
    const running = stage.program(program, port, log);
    return { port: /:(\d+)\n/.exec(await running.printed(/:\d+\n/))![1]!, running };
  };
  const servers = await Promise.all(['0', '0', '0'].map(started));
  return {
    addresses: servers.map(({ port }) => `127.0.0.1:${port}`),
    kill: async (index: number): Promise<void> => {
      const { port, running } = servers[index]!;
      running.child.kill('SIGKILL');
      await running.ended;
      servers[index] = await started(port);
    },
    end: async (): Promise<void> => {
      for (const { running } of servers) running.child.kill('SIGKILL');
      await Promise.all(servers.map(({ running }) => running.ended));
    },
  };
};

/** How many messages are acknowledged between two kills, at least. */
const betweenKills = 100;

/** Waits until the counter has counted so many more: of messages that were acknowledged, or of those that were not. */
const more = async ({ seen, saw }: Script, what: 'acknowledged' | 'unknown', many: number): Promise<void> => {
  const counted = seen.filter((each) => each.what === what).map(({ count }) => Number(count));
  await saw({ what, count: (counted.at(-1) ?? 0) + many });
};

/** Lets Python talk and listen at three servers, while something is killed again and again. */
const countedWhile = async (
  log: string,
  what: string,
  kill: (count: number, servers: Awaited<ReturnType<typeof threeServers>>, counter: Script) => Promise<void>,
): Promise<void> => {
  const servers = await threeServers(log);
  const counter = stage.script('chat_counter.py', ...servers.addresses);
  await counter.saw({ what: 'talking' });
  for (let count = 0; count < kills; count += 1) {
    await more(counter, 'acknowledged', betweenKills);
    await kill(count, servers, counter);
  }
  await more(counter, 'acknowledged', betweenKills);
  counter.tell('enough');
  const counted = await counter.saw({ what: 'counted' });
  await servers.end();
  console.log(`${what}, ${kills} kills: ${JSON.stringify(counted)}`);
  expect(counted).toMatchObject({ lost: 0, doubled: 0, disordered: 0, differing: 0, failed: [] });
  expect(counted.acknowledged).toBeGreaterThan(betweenKills * kills);
};

const timeout = 60_000 + 10_000 * kills;

describe('loses, doubles and disorders nothing that was acknowledged', () => {
  it('when servers that share a file are killed', { timeout }, async () => {
    await countedWhile('killed.db', 'file, a server is killed', (count, servers) => servers.kill(count % 3));
  });

  it.skipIf(!redisProgram)('when servers that share a Redis are killed', { timeout }, async () => {
    const redis = await RedisOfTest.start();
    try {
      await countedWhile(redis.url, 'Redis, a server is killed', (count, servers) => servers.kill(count % 3));
    } finally {
      await redis.delete();
    }
  });

  it.skipIf(!redisProgram)('when Redis itself is killed', { timeout }, async () => {
    const redis = await RedisOfTest.start();
    try {
      await countedWhile(redis.url, 'Redis, itself is killed', async (_count, _servers, counter) => {
        await redis.kill();
        // Somebody has met a log that is gone.
        await more(counter, 'unknown', 1);
        await redis.start();
      });
    } finally {
      await redis.delete();
    }
  });
});

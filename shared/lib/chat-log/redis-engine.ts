import { Redis } from 'ioredis';
import type { Message__Output } from '#protos/generated/livechat/Message.ts';
import { CannotOpenDatabase } from '../storage/database-errors.ts';
import { idleMs, type Ends, type Engine, type Entry } from './chat-log.ts';

/** The stream's name in Redis. */
const key = 'grpc-workbook:chat';

/** How many messages are read at once by whoever follows. */
const most = 500;

// An entry's name has two numbers. The first is 0 here, in place of the time, and Redis counts the second by itself.
const idOf = (position: number): string => `0-${position}`;
const positionOf = (id: string): number => Number(id.slice(id.indexOf('-') + 1));

const entryOf = ([id, fields]: [id: string, fields: string[]]): Entry => ({
  position: positionOf(id),
  message: { user_name: fields[1]!, text: fields[3]! },
});

/** A log in a stream of Redis or Valkey, for servers on many machines. See https://redis.io/docs/latest/develop/data-types/streams/ */
export class RedisEngine implements Engine {
  readonly #commands: Redis;
  readonly #follower: Redis;
  readonly #keep: number;

  private constructor(url: string, keep: number) {
    this.#keep = keep;
    this.#commands = new Redis(url, {
      lazyConnect: true,
      // A command that meets a broken connection fails at once. By default ioredis sends it again once the connection
      // is back: an XADD that had been done would be done twice.
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: false,
      retryStrategy: () => 100,
      connectTimeout: 2_000,
      commandTimeout: 2_000,
    });
    // A command that waits holds up those behind it: it has a connection of its own.
    this.#follower = this.#commands.duplicate();
  }

  /**
   * @param url - such as redis://127.0.0.1:6379
   * @param keep - how many messages it keeps; older ones are trimmed away
   * @throws CannotOpenDatabase when no Redis answers there, or one that cannot count by itself
   */
  static async at(url: string, keep: number): Promise<RedisEngine> {
    const engine = new RedisEngine(url, keep);
    try {
      await engine.#connect(url);
      return engine;
    } catch (error) {
      await engine.close();
      throw error;
    }
  }

  async #connect(url: string): Promise<void> {
    let problem = '';
    for (const redis of [this.#commands, this.#follower]) {
      // Without a listener, ioredis prints each failed attempt.
      redis.on('error', ({ message }: Error) => {
        problem = message;
      });
    }
    try {
      await Promise.all([this.#commands.connect(), this.#follower.connect()]);
    } catch (error) {
      throw new CannotOpenDatabase(
        `No Redis answers at ${url} (${problem || (error as Error).message}). Lesson 15 says how to start one; --log chat.db does without.`,
      );
    }
    const [, version = ''] = /^redis_version:(\S+)/m.exec(await this.#commands.info('server')) ?? [];
    if (Number.parseInt(version, 10) < 7) {
      throw new CannotOpenDatabase(`The Redis at ${url} is ${version}. It has to be 7 or later, or Valkey.`);
    }
  }

  /** @returns what this Redis may lose, in a sentence; undefined when nothing, or when it does not tell */
  async mayLose(): Promise<string | undefined> {
    const settings = (await this.#commands
      .call('CONFIG', 'GET', 'append*')
      .catch(() => [])) as readonly string[];
    const valueOf = (name: string): string | undefined => settings[settings.indexOf(name) + 1];
    if (settings.length === 0 || (valueOf('appendonly') === 'yes' && valueOf('appendfsync') === 'always'))
      return undefined;
    return 'this Redis may lose what it has acknowledged: start it with --appendonly yes --appendfsync always';
  }

  async append({ user_name, text }: Message__Output): Promise<number> {
    const id = await this.#commands.xadd(
      key,
      'MAXLEN',
      this.#keep,
      '0-*',
      'user_name',
      user_name,
      'text',
      text,
    );
    return positionOf(id!);
  }

  async ends(): Promise<Ends> {
    const [first, last] = await Promise.all([
      this.#commands.xrange(key, '-', '+', 'COUNT', 1),
      this.#commands.xrevrange(key, '+', '-', 'COUNT', 1),
    ]);
    return {
      oldest: first[0] ? positionOf(first[0][0]) : 1,
      newest: last[0] ? positionOf(last[0][0]) : 0,
    };
  }

  async entries(after: number, count: number): Promise<Entry[]> {
    return (await this.#commands.xrange(key, `(${idOf(after)}`, '+', 'COUNT', count)).map(entryOf);
  }

  async next(after: number): Promise<Entry[]> {
    const streams = await this.#follower.xread('COUNT', most, 'BLOCK', idleMs, 'STREAMS', key, idOf(after));
    return (streams?.[0]?.[1] ?? []).map(entryOf);
  }

  async close(): Promise<void> {
    this.#commands.disconnect();
    this.#follower.disconnect();
  }
}

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { vi } from 'vitest';
import { gone } from '#kit/peers.ts';

/** @returns the program of a Redis, or of a Valkey; undefined where there is none */
const findRedis = (): string | undefined =>
  ['redis-server', 'valkey-server'].find((name) => spawnSync(name, ['--version']).status === 0);

/** What is tested with Redis is left out where there is none, and that is said. */
export const redisProgram = findRedis();
if (redisProgram === undefined) {
  console.log(
    'Left out: what is tested with Redis, because there is no redis-server here. apt-get install redis-server',
  );
}

/** A Redis of a test, which writes each message to the disk before it acknowledges it. */
export class RedisOfTest {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'grpc-workbook-redis-'));
  readonly #address: string;
  #child: ChildProcess | undefined;

  private constructor(address: string) {
    this.#address = address;
  }

  static async start(): Promise<RedisOfTest> {
    const redis = new RedisOfTest(await gone());
    await redis.start();
    return redis;
  }

  get url(): string {
    return `redis://${this.#address}`;
  }

  /** Runs a command. */
  async command(name: string, ...args: string[]): Promise<unknown> {
    const client = new Redis(this.url, { lazyConnect: true, retryStrategy: () => null });
    client.on('error', () => {});
    try {
      await client.connect();
      return await client.call(name, ...args);
    } finally {
      client.disconnect();
    }
  }

  /** Starts it, or starts it again with what is on its disk. */
  async start(): Promise<void> {
    const flags = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
    this.#child = spawn(
      redisProgram!,
      ['--port', this.#address.split(':')[1]!, '--dir', this.#folder, ...flags],
      {
        stdio: 'ignore',
      },
    );
    await vi.waitFor(() => this.command('PING'), { timeout: 10_000 });
  }

  /** Ends it as kill -9 does. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  async delete(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

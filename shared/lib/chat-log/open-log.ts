import { CannotOpenDatabase } from '../storage/database-errors.ts';
import type { ChatLog } from './chat-log.ts';
import { FileEngine } from './file-engine.ts';
import { SharedLog } from './shared-log.ts';

/**
 * Opens the log of a chat. All servers that open the same one are one chat.
 *
 * @param place - a file, for servers of one machine; or where a Redis is, such as redis://127.0.0.1:6379
 * @param keep - how many messages it keeps, as a text: a whole number from 1 on
 * @returns the log; close it when the server stops
 * @throws CannotOpenDatabase when it cannot be used, or `keep` is no such number
 */
export const openLog = async (place: string, keep: string): Promise<ChatLog> => {
  if (!/^[1-9]\d*$/.test(keep)) {
    throw new CannotOpenDatabase('--keep should be a whole number from 1 on, such as 10000.');
  }
  if (!/^rediss?:/.test(place)) return SharedLog.over(new FileEngine(place, Number(keep)));
  // Who uses a file need not wait for a client of Redis.
  const { RedisEngine } = await import('./redis-engine.ts');
  const engine = await RedisEngine.at(place, Number(keep));
  const warning = await engine.mayLose();
  if (warning !== undefined) console.log(warning);
  return SharedLog.over(engine);
};

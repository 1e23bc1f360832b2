import { renameSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { tempFolder } from '#kit/test-folder.ts';
import { testsOfLog } from '#testkit/chat-log-contract.ts';
import { openDatabase } from '../storage/database.ts';
import { CannotOpenDatabase } from '../storage/database-errors.ts';
import { openLog } from './open-log.ts';

testsOfLog('a log in a file', async () => {
  const file = `${tempFolder()}/chat.db`;
  return {
    open: (keep = 1_000) => openLog(file, String(keep)),
    takeAway: async () => renameSync(file, `${file}.away`),
    bringBack: async () => renameSync(`${file}.away`, file),
    empty: async () => {
      const database = openDatabase(file, '');
      database.exec('DELETE FROM chat_log');
      database.close();
    },
  };
});

it('keeps its messages when all servers have ended', async () => {
  const file = `${tempFolder()}/chat.db`;
  const first = await openLog(file, '10');
  await first.append({ user_name: 'Ada', text: 'Hello' });
  await first.close();
  const second = await openLog(file, '10');
  onTestFinished(() => second.close());
  expect(await second.read(0, new AbortController().signal)).toEqual([{ user_name: 'Ada', text: 'Hello' }]);
});

it.each(['0', '-1', '1.5', 'x', ''])('does not keep %j messages', async (keep) => {
  await expect(openLog(`${tempFolder()}/chat.db`, keep)).rejects.toThrow('--keep should be a whole number');
});

it('says which flag names another file, and that no Redis answers', async () => {
  const folder = tempFolder();
  await expect(openLog(folder, '10')).rejects.toThrow(/--log names another one\.$/);
  await expect(openLog(':memory:', '10')).rejects.toThrow(
    /^":memory:" is no file that several servers can share/,
  );
  const nobody = openLog('redis://127.0.0.1:1', '10');
  await expect(nobody).rejects.toThrow(CannotOpenDatabase);
  await expect(nobody).rejects.toThrow(
    /^No Redis answers at redis:\/\/127\.0\.0\.1:1 \(connect ECONNREFUSED/,
  );
});

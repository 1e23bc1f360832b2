import { expect, it, onTestFinished, vi } from 'vitest';
import { terminalSms } from './sms-sender.ts';

it('prints the SMS in one line', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  onTestFinished(() => log.mockRestore());
  await terminalSms.send('+14155550123', 'your code is 123456');
  expect(log.mock.calls).toEqual([['SMS to +14155550123: your code is 123456']]);
});

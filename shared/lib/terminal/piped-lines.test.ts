import { expect, it, onTestFinished, vi } from 'vitest';
import { fakeTerminal } from '#testkit/fake-terminal.ts';
import { printing } from '#kit/captured-output.ts';
import { pipedLines } from './piped-lines.ts';

const taken = async (): Promise<{ lines: string[]; came: boolean }> => {
  const lines: string[] = [];
  const reading = pipedLines();
  for (;;) {
    const next = await reading.next();
    if (next.done) return { lines, came: next.value };
    lines.push(next.value);
  }
};

it.each([
  ['to the end', 'Ada\r\n Grace \nEdsger', ['Ada', 'Grace', 'Edsger']],
  ['to the first blank line', 'Ada\n \nGrace\n', ['Ada']],
  ['which are none, when the first one is blank', '\nAda\n', []],
])('reads lines %s', async (_which, input, lines) => {
  const terminal = fakeTerminal({ without: ['stdin'] });
  terminal.type(input);
  terminal.endInput();
  expect(await taken()).toEqual({ lines, came: true });
  expect(process.stdin.destroyed).toBe(true);
});

it('says that nothing came, of an input that ends at once', async () => {
  fakeTerminal({ without: ['stdin'] }).endInput();
  expect(await taken()).toEqual({ lines: [], came: false });
});

it('waits three seconds for a first line, and for as long as it takes for the others', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const printed = printing();
  const terminal = fakeTerminal({ without: ['stdin'] });
  const reading = pipedLines();
  const first = reading.next();
  await vi.advanceTimersByTimeAsync(2_999);
  terminal.type('Ada\n');
  expect((await first).value).toBe('Ada');
  const second = reading.next();
  await vi.advanceTimersByTimeAsync(10_000);
  terminal.type('Grace\n');
  expect((await second).value).toBe('Grace');
  await reading.return(true);
  expect(printed).toEqual([]);
});

it('takes a pipe for empty that stays open and silent, and says so', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const printed = printing();
  fakeTerminal({ without: ['stdin'] });
  const all = taken();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(await all).toEqual({ lines: [], came: false });
  expect(printed.join()).toContain('Nothing came on standard input for 3 seconds');
  expect(vi.getTimerCount()).toBe(0);
});

import { expect, it } from 'vitest';
import { fakeTerminal } from '#testkit/fake-terminal.ts';
import { signal } from '../check/kit/awaited-events.ts';
import { listenToKeys } from './keys.ts';

it('tells each key by its name, without Return, and then gives the terminal back', async () => {
  const terminal = fakeTerminal();
  const pressed: string[] = [];
  const all = signal();
  const stop = listenToKeys((key) => {
    pressed.push(key);
    if (pressed.length === 5) all.send();
  });
  expect(terminal.isRaw()).toBe(true);
  terminal.type('q?\r\u001B[A\u0003');
  await all.sent;
  expect(pressed).toEqual(['q', '?', 'return', 'up', 'ctrl-c']);
  stop();
  expect(terminal.isRaw()).toBe(false);
  expect(process.stdin.isPaused()).toBe(true);
  expect(process.stdin.listenerCount('keypress')).toBe(0);
});

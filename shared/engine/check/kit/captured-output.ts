import { format } from 'node:util';
import { onTestFinished, vi } from 'vitest';

/**
 * Listens to what the learner's code prints, in any way, in the rest of a check. Nothing of it comes to the terminal.
 *
 * @returns the texts, which become more as they are printed
 */
export const printing = (): string[] => {
  const lines: string[] = [];
  for (const name of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    const print = vi.spyOn(console, name).mockImplementation((...args) => void lines.push(format(...args)));
    onTestFinished(() => print.mockRestore());
  }
  for (const stream of [process.stdout, process.stderr]) {
    const write = vi.spyOn(stream, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
    onTestFinished(() => write.mockRestore());
  }
  return lines;
};

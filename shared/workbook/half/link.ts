/** The link of a half with the command that started it. */
import type { FromHalf, ToHalf } from './messages.ts';

/** Tells the command something. */
export const tell = (message: FromHalf): void => {
  process.send?.(message);
};

let stop = (): void => process.exit(0);

/** Says how this half ends when the command tells it to; without this, it just ends. */
export const onStop = (end: () => void): void => {
  stop = end;
};

/** Resolves when the command says when and where to begin. */
export const started = new Promise<Extract<ToHalf, { type: 'start' }>>((resolve) => {
  process.on('message', (message: ToHalf) => {
    if (message.type === 'start') {
      resolve(message);
    } else if (message.type === 'line') {
      console.log(message.line);
      tell({ type: 'shown' });
    } else {
      stop();
    }
  });
});

// The command is gone: nothing may stay behind.
process.on('disconnect', () => process.exit(1));

/** Ends this half, saying why in one sentence. */
export const giveUp = (why: string): never => {
  tell({ type: 'explained' });
  console.error(`! ${why}`);
  process.exit(1);
};

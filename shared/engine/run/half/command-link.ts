/** The link of a half with the command that started it. */
import type { FromHalf, ToHalf } from './process-messages.ts';

/** Tells the command something. */
export const tell = (message: FromHalf): void => {
  process.send?.(message);
};

let leaving = false;

/** Ends this half. Whatever else ends it, is said. */
export const leave = (code: number): never => {
  leaving = true;
  process.exit(code);
};

process.on('exit', (code) => {
  if (leaving) return;
  console.error(`! It was ended by process.exit(${code}) in the lesson's code, before its work was done.`);
  tell({ type: 'explained' });
  process.exitCode = code || 1;
});

let stop = (): void => leave(0);

/** Says how this half ends when the command tells it to; without this, it just ends. */
export const onStop = (end: () => void): void => {
  stop = end;
};

let nameLesson: (message: Extract<ToHalf, { type: 'lesson' }>) => void;
let begin: (message: Extract<ToHalf, { type: 'start' }>) => void;

/** Resolves when the command says which lesson to load. */
export const lessonNamed = new Promise<Extract<ToHalf, { type: 'lesson' }>>((resolve) => {
  nameLesson = resolve;
});

/** Resolves when the command says when and where to begin. */
export const started = new Promise<Extract<ToHalf, { type: 'start' }>>((resolve) => {
  begin = resolve;
});

const restarts = new Map<string, (isBack: boolean) => void>();

/**
 * Has the command restart one of the servers.
 *
 * @param how - whether the server is told to leave, or killed as by kill -9
 * @throws Error when it does not come back
 */
export const restartServer = async (address: string, how: 'told' | 'killed' = 'told'): Promise<void> => {
  tell({ type: 'restart', address, how });
  // What is waited for comes from the command, whatever else keeps this process alive.
  process.channel?.ref();
  const isBack = await new Promise<boolean>((resolve) => restarts.set(address, resolve));
  process.channel?.unref();
  if (!isBack) throw new Error(`The server at ${address} did not come back.`);
};

process.on('message', (message: ToHalf) => {
  if (message.type === 'lesson') {
    nameLesson(message);
  } else if (message.type === 'start') {
    begin(message);
  } else if (message.type === 'line') {
    console.log(message.line);
    tell({ type: 'shown' });
  } else if (message.type === 'restarted') {
    restarts.get(message.address)?.(message.isBack);
  } else if (message.type === 'terminate') {
    process.emit('SIGTERM');
  } else {
    stop();
  }
});

// When the command has gone, this process ends too; it may have gone before this line.
process.on('disconnect', () => leave(1));
if (!process.connected) leave(1);

/** Ends this half, saying why in one sentence. */
export const giveUp = (why: string): never => {
  tell({ type: 'explained' });
  console.error(`! ${why}`);
  return leave(1);
};

/** What the workbook itself says while a lesson runs. */
import { indented, paint } from '../terminal/style.ts';
import type { Lesson } from '../lesson/lessons.ts';
import type { HalfProcess } from './half-process.ts';

/** How long a pair may be silent before the workbook says what that may mean, in milliseconds. */
const silenceMs = 10_000;

export const announce = (text: string): void =>
  console.log(indented(`[workbook] ${text}`, 0).replace('[workbook]', paint.dim('[workbook]')));
export const complain = (text: string): void =>
  console.error(`${paint.dim('[workbook]')} ${paint.red(text)}`);

/** Says, once, that nothing happens any more, unless a person is being asked something. */
export const tellSilence = (lesson: Lesson, client: HalfProcess): NodeJS.Timeout => {
  let asking = false;
  const timer = setTimeout(() => {
    if (asking || client.gone) return;
    announce(
      `Nothing has happened for ${silenceMs / 1000} seconds. Does one half wait for the other: has each answered, and said that it has finished? Ctrl-C ends this; npm run lesson:${lesson.number} check tells more.`,
    );
  }, silenceMs);
  timer.unref();
  client.on('asking', (message) => {
    asking = message.open;
    timer.refresh();
  });
  return timer;
};

import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Message__Output } from '#protos/generated/livechat/Message.ts';
import { LogGone, NotInLog, type ChatLog } from '#shared/chat-log/chat-log.ts';
import { awkwardTexts } from '../engine/check/kit/random-inputs.ts';

/** A place where logs can be, and what can happen to it. */
export interface LogPlace {
  /** Opens the log once more, as another server does. It keeps so many messages. */
  open(keep?: number): Promise<ChatLog>;
  /** Takes the log away. */
  takeAway(): Promise<void>;
  /** Brings it back, with all that it had. */
  bringBack(): Promise<void>;
  /** Removes every message. */
  empty(): Promise<void>;
}

const messages = (...texts: string[]): Message__Output[] => texts.map((text) => ({ user_name: 'Ada', text }));
const never = new AbortController().signal;

/**
 * What every log has to do, wherever it is kept.
 *
 * @param name - what is tested
 * @param makePlace - makes an empty place, which is gone after the test
 */
export const testsOfLog = (name: string, makePlace: () => Promise<LogPlace>): void => {
  describe(name, () => {
    const twoAt = async (place: LogPlace, keep?: number): Promise<[ChatLog, ChatLog]> => {
      const logs: [ChatLog, ChatLog] = [await place.open(keep), await place.open(keep)];
      onTestFinished(async () => {
        await Promise.all(logs.map((log) => log.close()));
      });
      return logs;
    };

    it('is empty at first', async () => {
      const [log] = await twoAt(await makePlace());
      expect(await log.ends()).toEqual({ oldest: 1, newest: 0 });
    });

    it('counts the messages from 1 on, whoever writes them, and gives them back as they are', async () => {
      const [log, other] = await twoAt(await makePlace());
      const texts = [...awkwardTexts, 'a\0b'];
      for (const [index, text] of texts.entries()) {
        const message = { user_name: text, text };
        expect(await [log, other][index % 2]!.append(message)).toBe(index + 1);
      }
      for (const each of [log, other]) {
        await vi.waitFor(async () => {
          const read = await each.read(0, never);
          expect(read).toEqual(texts.map((text) => ({ user_name: text, text })));
        });
        expect(await each.read(3, never)).toEqual(texts.slice(3).map((text) => ({ user_name: text, text })));
      }
      expect(await log.ends()).toEqual({ oldest: 1, newest: texts.length });
    });

    it('has one order for all who write at the same time', async () => {
      const [log, other] = await twoAt(await makePlace());
      const positions = await Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          [log, other][index % 2]!.append({ user_name: 'Ada', text: String(index) }),
        ),
      );
      expect(positions.toSorted((one, two) => one - two)).toEqual(positions.map((_, index) => index + 1));
      const order: string[] = [];
      for (const [index, position] of positions.entries()) order[position - 1] = String(index);
      for (const each of [log, other]) {
        const texts: string[] = [];
        while (texts.length < 40)
          texts.push(...(await each.read(texts.length, never)).map(({ text }) => text));
        expect(texts).toEqual(order);
      }
    });

    it('lets whoever reads on wait for a message of its own and of others, or until nobody waits', async () => {
      const [log, other] = await twoAt(await makePlace());
      const over = new AbortController();
      for (const [after, writer] of [log, other].entries()) {
        const reading = Promise.all([log.read(after, never), other.read(after, never)]);
        await writer.append(messages(`text ${after}`)[0]!);
        expect(await reading).toEqual([messages(`text ${after}`), messages(`text ${after}`)]);
      }
      const waiting = log.read(2, over.signal);
      over.abort();
      expect(await waiting).toEqual([]);
      expect(await log.read(0, over.signal)).toEqual([]);
    });

    it('gives long logs out by the hundred', async () => {
      const [log, other] = await twoAt(await makePlace());
      const all = messages(...Array.from({ length: 250 }, (_, index) => `text ${index}`));
      await Promise.all(all.map((message) => log.append(message)));
      await vi.waitFor(async () => expect(await other.read(0, never)).toEqual(all.slice(0, 100)));
      await vi.waitFor(async () => expect(await log.read(200, never)).toEqual(all.slice(200)));
    });

    it('keeps the newest messages, and says when what is asked for is not there', async () => {
      const [log, other] = await twoAt(await makePlace(), 3);
      for (let count = 1; count <= 5; count += 1) await log.append(messages(`text ${count}`)[0]!);
      expect(await other.ends()).toEqual({ oldest: 3, newest: 5 });
      await vi.waitFor(async () =>
        expect(await other.read(2, never)).toEqual(messages('text 3', 'text 4', 'text 5')),
      );
      // A server that was there all the time still has it in memory; one that comes has not.
      const late = await other.read(9, never).catch((error: unknown) => error);
      expect(late).toBeInstanceOf(NotInLog);
      expect((late as Error).message).toMatch(/^What comes after position 9 .* has 3 to 5\. .* from 2 on\.$/);
    });

    it('says when it is gone, finds it again by itself, and has lost nothing', async () => {
      const place = await makePlace();
      const [log, other] = await twoAt(place);
      await log.append(messages('before')[0]!);
      const states: boolean[] = [];
      other.watch((isThere) => states.push(isThere));
      const reading = other.read(1, never);
      await place.takeAway();
      await expect(log.append(messages('lost')[0]!)).rejects.toThrow(LogGone);
      await expect(log.ends()).rejects.toThrow(LogGone);
      await vi.waitFor(() => expect(states).toEqual([false]), { timeout: 5_000 });
      await place.bringBack();
      await vi.waitFor(() => expect(states).toEqual([false, true]), { timeout: 5_000 });
      await vi.waitFor(() => log.append(messages('after')[0]!), { timeout: 5_000 });
      // What is not acknowledged may be there all the same.
      expect((await reading).at(-1)!.text).toMatch(/^(?:after|lost)$/);
      expect((await other.read(0, never))[0]).toEqual(messages('before')[0]);
    });

    it('refuses a position of before when it was emptied, and starts again', async () => {
      const place = await makePlace();
      const [log, other] = await twoAt(place);
      for (const message of messages('one', 'two', 'three')) await log.append(message);
      expect(await other.read(2, never)).toEqual(messages('three'));
      const refused = other.read(3, never).catch((error: unknown) => error);
      await place.empty();
      expect(await refused).toBeInstanceOf(NotInLog);
      expect(await log.append(messages('new')[0]!)).toBe(1);
      expect(await other.read(0, never)).toEqual(messages('new'));
    });
  });
};

import { Metadata, status } from '@grpc/grpc-js';
import { describe, it } from 'vitest';
import { PhoneOTPService } from '#kit/access/echo-services.ts';
import { expectStatus, unary } from '#kit/access/outcome.ts';
import { same } from '#kit/check-failure.ts';
import { integer, someOf } from '#kit/random-inputs.ts';
import { key, openedStore } from '#kit/otp/phone-service.ts';
import { calling } from '#kit/peers.ts';
import { signal } from '#kit/awaited-events.ts';

describe('On your own · An SMS that is tried again', () => {
  const { OK, UNAVAILABLE } = status;
  type Row = [attempts: string | undefined, failures: number, calls: number, code: status];

  /** Sends codes to as many numbers, all at once, over a sender that fails so often for each. Nobody is told before all have asked. */
  const expectSends = async (rows: Row[], advice: string): Promise<void> => {
    const { phoneOtp, fingerprint } = await import('#answers/08-phone-otp/server.ts');
    const [store, now] = [openedStore(), Date.UTC(2030, 0, 1, 12)];
    const phones = new Map(
      someOf(rows, rows.length).map((row, index) => [
        `+141555501${index + 10}`,
        { row, sms: [] as string[] },
      ]),
    );
    const send = async (number: string, text: string): Promise<void> => {
      const { row, sms } = phones.get(number)!;
      const isFailing = sms.push(text) <= row[1];
      if ([...phones.values()].every((phone) => phone.sms.length > 0)) allHere.send();
      await allHere.sent;
      if (isFailing) throw new Error(`no credit for "${text}"`);
    };
    const allHere = signal();
    const generate = () => String(integer(100_000, 999_999));
    const handlers = phoneOtp({ store, key, sender: { send }, generate, now: () => now });
    const stub = await calling(PhoneOTPService, handlers);
    const expectSend = async ([number, { row, sms }]: [string, { row: Row; sms: string[] }]) => {
      const [attempts, failures, calls, code] = row;
      const metadata = new Metadata();
      if (attempts !== undefined) metadata.set('attempts', attempts);
      const outcome = await unary(stub, 'SendOTP', { phone_number: number }, metadata);
      const when = `for attempts: ${attempts ?? '(none)'}, when the sender fails ${failures} times`;
      expectStatus(outcome, code, advice, `${status[code]} ${when}`);
      same({ when, calls: sms.length }, { when, calls }, advice);
      same(sms, Array(calls).fill(sms[0]), 'Each attempt is for the same SMS, with the same code.');
      const kept = fingerprint(key, number, /\d{6}/.exec(sms[0]!)?.[0] ?? '');
      const isGood = store.spendTry(number, now).kept.equals(kept);
      same({ isGood }, { isGood: code === OK }, 'A code is good when it was delivered, and only then.');
    };
    await Promise.all([...phones].map(expectSend));
  };

  it('tries again for as long as the client asks for, and the sender fails', async () => {
    const asked = [2, 3].flatMap((most): Row[] => [
      [`${most}`, 0, 1, OK],
      [`${most}`, 1, 2, OK],
      [`${most}`, most - 1, most, OK],
      [`${most}`, most, most, UNAVAILABLE],
    ]);
    await expectSends(
      asked,
      'The value of `attempts` says how often the sender is called at most, each time.',
    );
  });

  it('tries once for everybody else, at the same time', async () => {
    const values = [undefined, '0', '1', '4', '-2', '2.5', '1000', 'many', 'Infinity'];
    const others = values.map((value): Row => [value, 1, 1, UNAVAILABLE]);
    const advice = 'Only 2 and 3 ask for more attempts, and only for their own call.';
    await expectSends([...others, [undefined, 0, 1, OK], ['3', 2, 3, OK]], advice);
  });
});

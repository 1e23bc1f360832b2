import { status } from '@grpc/grpc-js';
import { describe, it } from 'vitest';
import { must, same } from '#kit/check-failure.ts';
import { aPayment, cashier, paid, type Cashier } from '#kit/payments/service.ts';
import { trackedStub } from '#kit/peers.ts';

describe('On your own · Fewer calls while the server is down', () => {
  it('stops calling again while too many calls fail, and begins again once enough are answered', async () => {
    const { connect, retrying } = await import('#answers/12-call-again-safely/client.ts');
    let isDown = true;
    const { address, pays }: Cashier = await cashier({ pay: () => (isDown ? status.UNAVAILABLE : true) });
    const stub = trackedStub(connect(address, retrying()));
    const payments = async (count: number): Promise<number> => {
      const before = pays.length;
      for (let made = 0; made < count; made += 1) {
        await paid(stub, { ...aPayment(), idempotency_key: `key ${before} ${made}` });
      }
      return pays.length - before;
    };
    const advice = 'retryThrottling stands beside methodConfig: 10 maxTokens, and a tokenRatio of 0.5.';
    same(await payments(1), 4, 'A single payment that fails is made four times, as in step 3.');
    const calls = await payments(5);
    must(calls === 5, {
      expected: '5 calls for the next 5 payments, while nothing is answered',
      came: `${calls}`,
      advice,
    });
    isDown = false;
    same(await payments(20), 20, 'What is answered is not called again.');
    isDown = true;
    const again = await payments(1);
    must(again === 4, {
      expected: '4 calls for a payment that fails, when 20 were answered before',
      came: `${again}`,
      advice,
    });
  });
});

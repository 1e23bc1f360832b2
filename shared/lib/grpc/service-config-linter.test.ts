import { Metadata, status, type ServerUnaryCall } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { again, cashier, configured, PaymentService } from '#kit/payments/service.ts';
import { gone, serving } from '#kit/peers.ts';
import { silencesIn } from './service-config-linter.ts';

const Pay = { service: 'payment.PaymentService', method: 'Pay' };
const { retryPolicy } = again(2);
const placesIn = (config: unknown): string[] =>
  silencesIn(config, [PaymentService.service]).map(({ place }) => place);
const whyOf = (config: unknown): string => silencesIn(config, [PaymentService.service])[0]!.why;

describe('silencesIn', () => {
  it('finds nothing where nothing is ignored', () => {
    expect(
      placesIn({
        loadBalancingConfig: [{ round_robin: {} }],
        retryThrottling: { maxTokens: 10, tokenRatio: 0.1 },
        methodConfig: [
          { name: [Pay], timeout: '1.500000000s', retryPolicy },
          { name: [{ service: Pay.service }], timeout: '2s', hedgingPolicy: { maxAttempts: 5 } },
          { name: [{}], timeout: { seconds: 1, nanos: 0 }, maxResponseBytes: 5 },
          { name: [{ ...Pay, method: '' }], timeout: '2.0s' },
        ],
      }),
    ).toEqual([]);
    for (const config of [{}, undefined, null, 'text', { methodConfig: [null] }])
      expect(placesIn(config)).toEqual([]);
  });

  it.each([
    [[{ ...Pay, method: 'pay' }], 'names no method of payment.PaymentService: did you mean Pay?'],
    [[{ ...Pay, method: 'Refund' }], 'names no method of payment.PaymentService'],
    [
      [{ ...Pay, service: 'PaymentService' }],
      'names no service that there is: did you mean payment.PaymentService?',
    ],
    [[{ service: 'user.UserService' }], 'names no service that there is'],
  ])('tells what a name misses: %j', (name, why) => {
    const config = { methodConfig: [{ name: [Pay] }, { name: [{}, ...name] }] };
    expect(placesIn(config)).toEqual(['methodConfig[1].name[1]']);
    expect(whyOf(config)).toBe(why);
  });

  it.each([
    ['0.5s', 'is taken for 0 ms: write "0.500000000s"'],
    ['1.25s', 'is taken for 1000 ms: write "1.250000000s"'],
    ['0.05000000s', 'is taken for 5 ms: write "0.050000000s"'],
  ])('tells what a timeout of %s is taken for', (timeout, why) => {
    const config = { methodConfig: [{ name: [], timeout }] };
    expect(placesIn(config)).toEqual(['methodConfig[0].timeout']);
    expect(whyOf(config)).toBe(why);
  });

  it('names what is not read, wherever it stands', () => {
    expect(
      placesIn({
        loadBalancingPolicy: 'round_robin',
        healthCheckConfig: {},
        loadBalancingConfig: [{ roundRobin: {} }, { pick_first: {} }],
        retryThrottling: { maxTokens: 10, tokenRatio: 1, minTokens: 5 },
        methodConfig: [
          {
            name: [{ ...Pay, package: 'payment' }],
            waitForReady: false,
            maxRequestBytes: 5,
            retryPolicy: { ...retryPolicy, maxAttempts: 6, jitter: 1 },
          },
          { name: [], hedgingPolicy: { maxAttempts: 9, delay: '1s' } },
        ],
      }),
    ).toEqual([
      'loadBalancingPolicy',
      'healthCheckConfig',
      'loadBalancingConfig[0].roundRobin',
      'methodConfig[0].name[0].package',
      'methodConfig[0].waitForReady',
      'methodConfig[0].maxRequestBytes',
      'methodConfig[0].retryPolicy.maxAttempts',
      'methodConfig[0].retryPolicy.jitter',
      'methodConfig[1].hedgingPolicy.maxAttempts',
      'methodConfig[1].hedgingPolicy.delay',
      'retryThrottling.minTokens',
    ]);
    expect(placesIn({ methodConfig: { name: [] } })).toEqual(['methodConfig']);
  });
});

describe('silencesIn, of policies', () => {
  const right = {
    outlier_detection: {
      interval: { seconds: 1, nanos: 0 },
      failure_percentage_ejection: { threshold: 50, minimum_hosts: 2 },
      child_policy: [{ weighted_round_robin: { blackout_period: '0s' } }],
    },
  };

  it('finds nothing in those that are read as they stand', () => {
    const loadBalancingConfig = [right, { pick_first: { shuffleAddressList: true } }];
    expect(placesIn({ loadBalancingConfig })).toEqual([]);
  });

  it('names a policy that is passed over, and says what grpc-js finds wrong with it', () => {
    const loadBalancingConfig = [{ outlier_detection: { ...right.outlier_detection, interval: '1s' } }];
    expect(placesIn({ loadBalancingConfig })).toEqual(['loadBalancingConfig[0].outlier_detection']);
    expect(whyOf({ loadBalancingConfig })).toBe(
      'is passed over, without another one, pick_first takes its place: outlier_detection: outlier detection config interval parse error: expected Duration, got string',
    );
  });

  it('names each setting that is not read, also in what stands inside', () => {
    const loadBalancingConfig = [
      {
        outlier_detection: {
          baseEjectionTime: { seconds: 1, nanos: 0 },
          failure_percentage_ejection: { minimumHosts: 2 },
          child_policy: [
            { round_robin: {} },
            { roundRobin: {} },
            { weighted_round_robin: { blackoutPeriod: '0s' } },
          ],
        },
      },
    ];
    expect(placesIn({ loadBalancingConfig })).toEqual([
      'loadBalancingConfig[0].outlier_detection.baseEjectionTime',
      'loadBalancingConfig[0].outlier_detection.failure_percentage_ejection.minimumHosts',
      'loadBalancingConfig[0].outlier_detection.child_policy[1].roundRobin',
      'loadBalancingConfig[0].outlier_detection.child_policy[2].weighted_round_robin.blackoutPeriod',
    ]);
  });
});

// What lesson 12 says of grpc-js, and what the linter is for: when one of these fails, both have to be looked at.
describe('grpc-js', () => {
  const payment = { payee: 'Ada', amount: 5 };
  const paidWith = async (methodConfig: object[], pay = status.UNAVAILABLE as status | boolean) => {
    const { address, pays } = await cashier({ pay: () => pay });
    const stub = configured(address, { methodConfig } as never);
    const code = await new Promise<number>((resolve) => {
      stub.Pay(payment, { deadline: Date.now() + 5_000 }, (error) => resolve(error?.code ?? 0));
    });
    return { calls: pays.length, code: status[code], left: pays[0]?.left };
  };

  it('makes five calls at most, and none again for a name that does not match', async () => {
    expect(await paidWith([again(10)])).toMatchObject({ calls: 5, code: 'UNAVAILABLE' });
    for (const name of [
      { ...Pay, method: 'pay' },
      { ...Pay, service: 'PaymentService' },
    ]) {
      expect(await paidWith([{ ...again(4), name: [name] }])).toMatchObject({ calls: 1 });
    }
  });

  it('takes half a second for none, unless it has nine digits', async () => {
    const name = [Pay];
    expect(await paidWith([{ name, timeout: '0.5s' }], true)).toMatchObject({
      calls: 0,
      code: 'DEADLINE_EXCEEDED',
    });
    const { left, code } = await paidWith([{ name, timeout: '1.5s' }], true);
    expect(left).toBeLessThanOrEqual(1_000);
    expect(code).toBe('OK');
    expect(await paidWith([{ name, timeout: '0.500000000s' }], false)).toMatchObject({
      calls: 1,
      code: 'DEADLINE_EXCEEDED',
    });
  });

  it('reads the times of a policy as they are written, and no others than seconds', async () => {
    const began = performance.now();
    expect(await paidWith([again(2, '0.2s')])).toMatchObject({ calls: 2 });
    expect(performance.now() - began).toBeGreaterThan(150);
    await expect(paidWith([again(2, '200ms')])).rejects.toThrow('initialBackoff must be a string');
    await expect(paidWith([{ ...again(2), hedgingPolicy: { maxAttempts: 2 } }])).rejects.toThrow(
      'cannot both be specified',
    );
  });

  it('ignores waitForReady in a config, and heeds it in metadata', async () => {
    const stub = configured(await gone(), { methodConfig: [{ name: [{}], waitForReady: true }] });
    const codeOf = (metadata: Metadata): Promise<string> =>
      new Promise((resolve) => {
        stub.Pay(payment, metadata, { deadline: Date.now() + 300 }, (error) => resolve(status[error!.code]!));
      });
    expect(await codeOf(new Metadata())).toBe('UNAVAILABLE');
    expect(await codeOf(new Metadata({ waitForReady: true }))).toBe('DEADLINE_EXCEEDED');
  });

  it('makes no call again once the headers of an answer have come', async () => {
    const before: string[] = [];
    const Fail = (withHeaders: boolean) => (call: ServerUnaryCall<object, object>, callback: Function) => {
      before.push(String(call.metadata.get('grpc-previous-rpc-attempts')[0] ?? 'none'));
      if (withHeaders) call.sendMetadata(new Metadata());
      callback({ code: status.UNAVAILABLE, details: 'the check says so' });
    };
    for (const [withHeaders, calls] of [
      [true, ['none']],
      [false, ['none', '1', '2']],
    ] as const) {
      before.length = 0;
      const address = await serving(PaymentService.service, { Pay: Fail(withHeaders) as never });
      const stub = configured(address, { methodConfig: [again(3)] });
      await new Promise((resolve) => void stub.Pay(payment, resolve));
      expect(before).toEqual(calls);
    }
  });

  it('does not merge the config of a method with that of its service', async () => {
    const ofService = { name: [{ service: Pay.service }], timeout: '2s' };
    const { left } = await paidWith([{ name: [Pay], retryPolicy }, ofService], true);
    expect(left).toBeGreaterThan(4_000);
  });
});

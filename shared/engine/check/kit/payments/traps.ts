/** Service configs for a linter, with the places where grpc-js would ignore something in silence. */
import type { MethodConfig } from '#shared/grpc/service-config.ts';
import { integer, someNames } from '../random-inputs.ts';
import { again } from './service.ts';

/** What a config can have that grpc-js ignores, or takes for something else. */
export const trapsHave = [
  'a method in other capitals',
  'a service without its package',
  'a method of another service',
  'the beginning of a method',
  'a service in other capitals',
  'the beginning of a service',
  'two wrong names in one entry',
  'half a second, written 0.5s',
  'one and a quarter, written 1.25s',
  'eight digits',
  'waitForReady',
  'waitForReady, set to false',
  'a sixth call again',
  'more than five calls at once',
  'all four in one',
] as const;

type Trap = [config: MethodConfig, ...places: string[]];

/** @returns configs in which nothing is ignored, configs with traps, each with its places, and the methods that there are */
export const drawnConfigs = () => {
  const [one = '', other = ''] = someNames(2);
  const [service, otherService] = [`shop.${one}`, `shop.${other}`];
  const methods = [`${service}/Pay`, `${service}/Cancel`, `${otherService}/GetTotal`];
  const retryPolicy = (maxAttempts: number) => ({ ...again(2).retryPolicy!, maxAttempts });
  const right: MethodConfig[] = [
    { name: [{ service, method: 'Pay' }], timeout: '0.500000000s', retryPolicy: retryPolicy(5) },
    { name: [{ service }, { service: otherService }], timeout: '2s', hedgingPolicy: { maxAttempts: 5 } },
    { name: [{}], timeout: '10.050000000s' },
    { name: [] },
  ];
  const named = (...name: MethodConfig['name']): Trap => [{ name }, `name[${name.length - 1}]`];
  const timed = (timeout: string): Trap => [{ name: [{ service }], timeout }, 'timeout'];
  const name = [{ service }];
  const traps: Record<(typeof trapsHave)[number], Trap> = {
    'a method in other capitals': named({ service, method: 'pay' }),
    'a service without its package': named({ service, method: 'Pay' }, { service: one, method: 'Pay' }),
    'a method of another service': named({ service, method: 'GetTotal' }),
    'the beginning of a method': named({ service, method: 'Canc' }),
    'a service in other capitals': named({}, { service: service.toUpperCase() }),
    'the beginning of a service': named({ service: service.slice(0, -1) }),
    'two wrong names in one entry': [
      { name: [{ service: one }, { service, method: 'Pay' }, { service, method: 'pay' }] },
      'name[0]',
      'name[2]',
    ],
    'half a second, written 0.5s': timed('0.5s'),
    'one and a quarter, written 1.25s': timed('1.25s'),
    'eight digits': timed('3.00000005s'),
    waitForReady: [{ name, waitForReady: true }, 'waitForReady'],
    'waitForReady, set to false': [{ name, waitForReady: false }, 'waitForReady'],
    'a sixth call again': [{ name, retryPolicy: retryPolicy(6) }, 'retryPolicy.maxAttempts'],
    'more than five calls at once': [
      { name, hedgingPolicy: { maxAttempts: integer(6, 60) } },
      'hedgingPolicy.maxAttempts',
    ],
    'all four in one': [
      { name: [{ service, method: 'x' }], timeout: '0.1s', waitForReady: true, retryPolicy: retryPolicy(9) },
      'name[0]',
      'timeout',
      'waitForReady',
      'retryPolicy.maxAttempts',
    ],
  };
  return { methods, right, traps };
};

import { experimental, type ServiceDefinition } from '@grpc/grpc-js';

/** A place of a service config where grpc-js does something else than what is written, and says nothing of it. */
export interface Silence {
  /** The place, for example `methodConfig[0].timeout`. */
  place: string;
  /** What happens there, and what to write. */
  why: string;
}

type Fields = Record<string, unknown>;

const fieldsOf = (value: unknown): Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Fields) : {};
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** What is read, and what for; everything else is passed over. */
const known = {
  config: ['loadBalancingConfig', 'methodConfig', 'retryThrottling'],
  method: ['name', 'timeout', 'maxResponseBytes', 'retryPolicy', 'hedgingPolicy'],
  name: ['service', 'method'],
  retryPolicy: ['maxAttempts', 'initialBackoff', 'maxBackoff', 'backoffMultiplier', 'retryableStatusCodes'],
  hedgingPolicy: ['maxAttempts', 'hedgingDelay', 'nonFatalStatusCodes'],
  retryThrottling: ['maxTokens', 'tokenRatio'],
};

/** What is read and then not used, or has a better name. */
const instead: Readonly<Record<string, string>> = {
  waitForReady: 'is ignored: new Metadata({ waitForReady: true }) does it, for one call',
  maxRequestBytes: 'is ignored: the channel option grpc.max_send_message_length does it',
  loadBalancingPolicy: 'is ignored: write loadBalancingConfig, a list',
  healthCheckConfig: 'is ignored by this client',
};

const unread = (fields: Fields, names: readonly string[], place: string): Silence[] =>
  Object.keys(fields)
    .filter((key) => !names.includes(key))
    .map((key) => ({ place: place + key, why: instead[key] ?? 'is no field of a service config: ignored' }));

/** The most attempts without the channel option `grpc-node.retry_max_attempts_limit`. */
const mostAttempts = 5;

/** @returns what grpc-js makes of a timeout, in milliseconds */
const takenFor = (timeout: string): number => {
  const [seconds = '', fraction = '0'] = timeout.slice(0, -1).split('.');
  return Number(seconds) * 1_000 + Math.floor(Number(fraction) / 1e6);
};

const inTimeout = (timeout: unknown, place: string): Silence[] => {
  if (typeof timeout !== 'string' || !/^\d+\.\d{1,8}s$/.test(timeout)) return [];
  const [seconds = '', fraction = ''] = timeout.slice(0, -1).split('.');
  if (Number(fraction) === 0) return [];
  const right = `${seconds}.${fraction.padEnd(9, '0')}s`;
  return [{ place: `${place}timeout`, why: `is taken for ${takenFor(timeout)} ms: write "${right}"` }];
};

const inName = (value: unknown, services: readonly Methods[], place: string): Silence[] => {
  const { service = '', method = '', ...rest } = fieldsOf(value);
  const others = unread(rest, known.name, `${place}.`);
  if (service === '') return others;
  const found = services.find(({ name }) => name === service);
  const like = (name: string, wanted: unknown): boolean =>
    name.toLowerCase() === String(wanted).toLowerCase();
  if (!found) {
    const near = services.find(({ name }) =>
      like(name.split('.').at(-1)!, String(service).split('.').at(-1)),
    );
    const why = `names no service that there is${near ? `: did you mean ${near.name}?` : ''}`;
    return [...others, { place, why }];
  }
  if (method === '' || found.methods.includes(method as string)) return others;
  const near = found.methods.find((name) => like(name, method));
  return [
    ...others,
    { place, why: `names no method of ${found.name}${near ? `: did you mean ${near}?` : ''}` },
  ];
};

const inPolicy = (policy: unknown, kind: 'retryPolicy' | 'hedgingPolicy', place: string): Silence[] => {
  const fields = fieldsOf(policy);
  const { maxAttempts } = fields;
  const others = unread(fields, known[kind], `${place}${kind}.`);
  if (typeof maxAttempts !== 'number' || maxAttempts <= mostAttempts) return others;
  const why = `counts as ${mostAttempts}: only grpc-node.retry_max_attempts_limit allows more`;
  return [{ place: `${place}${kind}.maxAttempts`, why }, ...others];
};

/** The settings of policies; and those of an ejection, which is a part of one. */
const settings: Readonly<Record<string, readonly string[]>> = {
  pick_first: ['shuffleAddressList'],
  round_robin: [],
  weighted_round_robin: [
    'enable_oob_load_report',
    'oob_load_reporting_period',
    'blackout_period',
    'weight_expiration_period',
    'weight_update_period',
    'error_utilization_penalty',
  ],
  outlier_detection: [
    'interval',
    'base_ejection_time',
    'max_ejection_time',
    'max_ejection_percent',
    'success_rate_ejection',
    'failure_percentage_ejection',
    'child_policy',
  ],
  success_rate_ejection: ['stdev_factor', 'enforcement_percentage', 'minimum_hosts', 'request_volume'],
  failure_percentage_ejection: ['threshold', 'enforcement_percentage', 'minimum_hosts', 'request_volume'],
};

const inSettings = (value: unknown, name: string, place: string): Silence[] => {
  const own = settings[name];
  // A policy that somebody has registered has settings of its own.
  if (!own) return [];
  const fields = fieldsOf(value);
  return Object.entries(fields).flatMap(([key, inner]) => {
    if (!own.includes(key)) {
      return [{ place: `${place}.${key}`, why: `is no setting of ${name}: its default takes its place` }];
    }
    return key === 'child_policy'
      ? inPolicies(inner, `${place}.${key}`)
      : inSettings(inner, key, `${place}.${key}`);
  });
};

const inPolicies = (list: unknown, at: string): Silence[] =>
  listOf(list).flatMap((each, index) => {
    const [[name, value] = ['', undefined]] = Object.entries(fieldsOf(each));
    const place = `${at}[${index}].${name}`;
    const without = 'without another one, pick_first takes its place';
    if (!experimental.isLoadBalancerNameRegistered(name)) {
      return [{ place, why: `is no policy that grpc-js knows: ${without}` }];
    }
    try {
      experimental.parseLoadBalancingConfig({ [name]: fieldsOf(value) });
    } catch (error) {
      return [{ place, why: `is passed over, ${without}: ${(error as Error).message}` }];
    }
    return inSettings(value, name, place);
  });

interface Methods {
  name: string;
  methods: string[];
}

/** @returns the services that definitions describe, each with its methods, as their paths have them */
const methodsOf = (definitions: readonly ServiceDefinition[]): Methods[] => {
  const found = new Map<string, string[]>();
  for (const definition of definitions) {
    for (const { path } of Object.values(definition)) {
      const [, service = '', method = ''] = path.split('/');
      found.set(service, [...(found.get(service) ?? []), method]);
    }
  }
  return [...found].map(([name, methods]) => ({ name, methods }));
};

/**
 * Looks for what grpc-js (1.14) passes over in a service config, or takes for something else. What it refuses, it refuses
 * by itself, when the channel is made.
 *
 * @param config - a service config, as JSON has it
 * @param definitions - the services that are called with it, for example `PaymentService.service`
 * @returns each place, in the order in which they stand there
 */
export const silencesIn = (config: unknown, definitions: readonly ServiceDefinition[]): Silence[] => {
  const services = methodsOf(definitions);
  const fields = fieldsOf(config);
  const ofMethods = listOf(fields.methodConfig).flatMap((each, index) => {
    const place = `methodConfig[${index}]`;
    const method = fieldsOf(each);
    return [
      ...listOf(method.name).flatMap((name, at) => inName(name, services, `${place}.name[${at}]`)),
      ...inTimeout(method.timeout, `${place}.`),
      ...unread(method, known.method, `${place}.`),
      ...inPolicy(method.retryPolicy, 'retryPolicy', `${place}.`),
      ...inPolicy(method.hedgingPolicy, 'hedgingPolicy', `${place}.`),
    ];
  });
  const ofPolicies = inPolicies(fields.loadBalancingConfig, 'loadBalancingConfig');
  const isList = fields.methodConfig === undefined || Array.isArray(fields.methodConfig);
  return [
    ...unread(fields, known.config, ''),
    ...ofPolicies,
    ...(isList ? [] : [{ place: 'methodConfig', why: 'is ignored: it has to be a list' }]),
    ...ofMethods,
    ...unread(fieldsOf(fields.retryThrottling), known.retryThrottling, 'retryThrottling.'),
  ];
};

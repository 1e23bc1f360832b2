import type { MessageTypeDefinition } from '@grpc/proto-loader';
import * as fc from 'fast-check';
import { definitions, type Method } from '../services/contracts.ts';

/** A field as its contract describes it. */
interface Field {
  name: string;
  number: number;
  /** For example `TYPE_STRING`. */
  type: string;
  label: string;
  /** The message's or enum's name, as the contract writes it. */
  typeName: string;
}

interface Message {
  name: string;
  field: Field[];
}

/** Finds a message by the name that stands in a contract: it may leave out what is around the one that names it. */
const fullName = (name: string, around: string): string => {
  const bare = name.replace(/^\./, '');
  for (let scope = around; scope !== ''; scope = scope.slice(0, Math.max(0, scope.lastIndexOf('.')))) {
    if (`${scope}.${bare}` in definitions) return `${scope}.${bare}`;
  }
  if (bare in definitions) return bare;
  throw new Error(`No contract has a message ${name}, which ${around} names`);
};

/** What these services know how to read: without it, nothing at random would ever get past the first check. */
const meant = fc.constantFrom(
  ...'+14155550123|+1 (415) 555-0124|+49 30 901820|ada@example.com|ADA@EXAMPLE.COM|ü@example.com|Ada|ada'.split(
    '|',
  ),
  ...'000000|123456|٠٠٠٠٠٠|*|name|email|phone_number|id|create_time.nanos|user.name|__proto__|constructor'.split(
    '|',
  ),
  ..."7d1f0f5e-6a8e-4f43-9d8e-000000000000|' OR 1=1 --|\0|a\0b|\u001B[2J|%00|%|\r\n|e\u0301".split('|'),
  '🙂'.repeat(60),
  'ﷺ'.repeat(200),
);

/** Any unit of UTF-16 by itself: halves of surrogate pairs, too. protobuf.js writes such a half as U+FFFD. */
const anyUnit = fc.nat({ max: 0xff_ff }).map((unit) => String.fromCharCode(unit));

const text: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: meant, weight: 3 },
  fc.string({ unit: 'binary' }),
  fc.string({ unit: anyUnit }),
  // As long as the limits are, or about so, and far beyond.
  fc
    .tuple(
      fc.constantFrom('a', 'ü', '\u{1F600}', '\0'),
      fc.constantFrom(199, 200, 201, 254, 255, 4_000, 4_001, 20_000),
    )
    .map(([character, length]) => character.repeat(length)),
);

const int64 = (min: bigint, max: bigint): fc.Arbitrary<string> => fc.bigInt({ min, max }).map(String);

const scalars: Record<string, fc.Arbitrary<unknown>> = {
  TYPE_STRING: text,
  TYPE_BYTES: fc.uint8Array({ maxLength: 1_000 }).map((bytes) => Buffer.from(bytes)),
  TYPE_BOOL: fc.boolean(),
  TYPE_INT32: fc.oneof(fc.integer(), fc.constantFrom(0, 1, -1, 2 ** 31 - 1, -(2 ** 31))),
  TYPE_INT64: int64(-(2n ** 63n), 2n ** 63n - 1n),
};

/** Every shape of a message: each field set or not, and repeated ones any number of times. */
const shapesOf = (message: Message, around: string): fc.Arbitrary<object> => {
  const valueOf = ({ type, typeName }: Field): fc.Arbitrary<unknown> => {
    if (type === 'TYPE_MESSAGE') {
      const name = fullName(typeName, around);
      const inner = definitions[name] as MessageTypeDefinition<object, object>;
      return shapesOf(inner.type as Message, name);
    }
    const scalar = scalars[type];
    if (!scalar)
      throw new Error(`How is a field of ${type} made? Say it in shared/authors/hostile/odd-messages.ts`);
    return scalar;
  };
  const fields = message.field.map((field): [string, fc.Arbitrary<unknown>] => {
    const value = valueOf(field);
    return [field.name, field.label === 'LABEL_REPEATED' ? fc.array(value, { maxLength: 5 }) : value];
  });
  return fc.record(Object.fromEntries(fields), { requiredKeys: [] });
};

/**
 * @param method - a method of a contract
 * @returns requests of every shape that the contract allows
 * @throws Error for a type of field that no contract had when this was written
 */
export const requestsFor = ({ path, requestType }: Method): fc.Arbitrary<object> =>
  shapesOf(requestType.type as unknown as Message, path.slice(1, path.indexOf('/', 1)));

const varint = (value: bigint): Buffer => {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
};

const anyVarint = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(varint);
const anyBytes = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));

/** What may stand behind a tag, by its wire type. 6 and 7 do not exist. */
const contents: fc.Arbitrary<Buffer>[] = [
  anyVarint,
  fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
  // Mostly with its true length.
  fc
    .tuple(
      anyBytes,
      fc.oneof({ arbitrary: fc.constant(0n), weight: 5 }, fc.bigInt({ min: 1n, max: 2n ** 32n })),
    )
    .map(([bytes, more]) => Buffer.concat([varint(BigInt(bytes.length) + more), bytes])),
  anyBytes,
  fc.constant(Buffer.alloc(0)),
  fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
  anyBytes,
  anyBytes,
];

const anyField = fc
  .tuple(
    fc.oneof({ arbitrary: fc.integer({ min: 1, max: 7 }), weight: 6 }, fc.nat({ max: 2 ** 29 - 1 })),
    fc.integer({ min: 0, max: 7 }),
  )
  .chain(([number, type]) =>
    contents[type]!.map((content) => Buffer.concat([varint(BigInt(number * 8 + type)), content])),
  );

/** Bytes that are mostly no message: at random, or fields of any number and wire type, UTF-8 or not, whole or not. */
export const almostMessages: fc.Arbitrary<Buffer> = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc.array(anyField, { maxLength: 8 }).map((fields) => Buffer.concat(fields)),
);

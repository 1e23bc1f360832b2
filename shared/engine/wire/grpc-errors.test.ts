import { Client, credentials, makeClientConstructor, Server } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { thrownBy } from '#testkit/thrown-by.ts';
import { meaningOf } from './grpc-errors.ts';

const Stub = makeClientConstructor(
  {
    say: {
      path: '/test.Test/say',
      requestStream: false,
      responseStream: false,
      requestSerialize: () => Buffer.alloc(0),
      requestDeserialize: () => ({}),
      responseSerialize: () => Buffer.alloc(0),
      responseDeserialize: () => ({}),
    },
  },
  'Test',
);

it.each<[string, () => unknown, string]>([
  [
    'a call without a callback',
    () => {
      const stub = new Stub('127.0.0.1:1', credentials.createInsecure());
      try {
        stub.say!({});
      } finally {
        stub.close();
      }
    },
    'and a callback in the end',
  ],
  [
    'a call on a closed stub',
    () => {
      const stub = new Stub('127.0.0.1:1', credentials.createInsecure());
      stub.close();
      stub.say!({}, () => {});
    },
    'its stub was closed before this call',
  ],
  ['a stub without credentials', () => new Client('127.0.0.1:1', undefined as never), 'createInsecure()'],
  [
    'addService without handlers',
    () => new Server().addService(undefined as never, {}),
    'a handler for each method',
  ],
  [
    'bindAsync without credentials',
    () => new Server().bindAsync('127.0.0.1:0', undefined as never, () => {}),
    'ServerCredentials.createInsecure()',
  ],
  [
    'bindAsync with a port alone',
    () => new Server().bindAsync(50_051 as never, undefined as never, () => {}),
    'the whole address as a text',
  ],
])('says what %s means', (_what, use, words) => {
  expect(meaningOf(thrownBy(use).message)).toContain(words);
});

it('says nothing of other errors', () => {
  expect(meaningOf('boom')).toBeUndefined();
});

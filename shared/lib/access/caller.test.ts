import { Metadata } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { callerOf, noteCaller, type Caller } from './caller.ts';

it('is known for the very metadata that was passed on, and for no other', () => {
  const metadata = new Metadata();
  const ada: Caller = { id: 'ada', role: 'user' };
  noteCaller(metadata, ada);
  expect(callerOf({ metadata })).toBe(ada);
  expect(() => callerOf({ metadata: metadata.clone() })).toThrow('is the interceptor there?');
});

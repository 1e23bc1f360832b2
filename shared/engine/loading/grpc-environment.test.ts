import { Client, credentials } from '@grpc/grpc-js';
import { afterEach, expect, it, vi } from 'vitest';
import { settleGrpcEnvironment } from './grpc-environment.js';

afterEach(() => vi.unstubAllEnvs());

it('calls within the machine go past a proxy, and those to others through it', () => {
  vi.stubEnv('grpc_proxy', 'http://127.0.0.1:9');
  vi.stubEnv('no_grpc_proxy', 'intern.example');
  settleGrpcEnvironment();
  const targetOf = (address: string): string => {
    const client = new Client(address, credentials.createInsecure());
    client.close();
    return client.getChannel().getTarget().replace('dns:', '');
  };
  for (const address of ['127.0.0.1:1', '127.0.0.2:1', '[::1]:1', 'localhost:1', 'a.intern.example:1']) {
    expect(targetOf(address)).toBe(address);
  }
  expect(targetOf('example.org:1')).toBe('127.0.0.1:9');
});

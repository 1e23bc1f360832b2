import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { lookAtLoopback, lookAtPort } from './network.ts';

afterEach(() => vi.unstubAllEnvs());

const withoutProxy = (): void => {
  for (const name of ['grpc_proxy', 'https_proxy', 'http_proxy', 'no_grpc_proxy', 'no_proxy'])
    vi.stubEnv(name, '');
};

it('finds a port taken while somebody listens there, and free afterwards', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { state, found, remedy } = await lookAtPort(port);
  expect(state).toBe('problem');
  expect(found).toBe(`Port ${port} is taken. Most likely a server from another terminal still runs.`);
  expect(remedy).toContain(`npm run lesson:1 server -- --port ${port + 1}`);
  server.close();
  await once(server, 'close');
  expect((await lookAtPort(port)).state).toBe('ok');
});

it('finds that a call within this machine is answered', async () => {
  withoutProxy();
  expect(await lookAtLoopback()).toEqual({ state: 'ok', found: 'A gRPC call to 127.0.0.1 is answered.' });
});

it('finds the proxy that calls are sent to, and says how they pass it by', async () => {
  withoutProxy();
  const proxy = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  vi.stubEnv('http_proxy', address);
  vi.stubEnv('no_proxy', 'example.org');
  const { state, found, remedy } = await lookAtLoopback();
  expect(state).toBe('problem');
  expect(found).toContain(`the environment variable http_proxy sends it to a proxy: ${address}`);
  const value = /no_proxy ?= ?'([^']+)'/.exec(remedy!)![1]!;
  expect(value).toBe('example.org,127.0.0.1,localhost');

  vi.stubEnv('no_proxy', value);
  expect((await lookAtLoopback()).state).toBe('ok');
  proxy.close();
});

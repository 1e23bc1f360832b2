import { once } from 'node:events';
import { createServer, Server, type AddressInfo } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { serve } from '#shared/grpc/serve.ts';
import { lookAtLoopback, lookAtPort } from './network.ts';

vi.mock('#shared/grpc/serve.ts', async (original) => {
  const { serve: real, ...others } = await original<typeof import('#shared/grpc/serve.ts')>();
  return { ...others, serve: vi.fn(real) };
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

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
  expect(await lookAtPort(port)).toEqual({
    state: 'ok',
    found: expect.stringContaining(`Port ${port} is free`),
  });
});

it('says of a port that the system keeps for itself that it is not taken, and how to do without', async () => {
  vi.spyOn(Server.prototype, 'listen').mockImplementationOnce(function (this: Server) {
    process.nextTick(() => this.emit('error', Object.assign(new Error('no'), { code: 'EACCES' })));
    return this;
  });
  expect(await lookAtPort(50_051)).toEqual({
    state: 'problem',
    found: expect.stringContaining('Port 50051 cannot be listened on (EACCES).'),
    remedy: expect.stringContaining('npm run lesson:1 server -- --port 50052'),
  });
});

it('finds that a call within this machine is answered', async () => {
  withoutProxy();
  expect(await lookAtLoopback()).toEqual({ state: 'ok', found: 'A gRPC call to 127.0.0.1 is answered.' });
});

it('leaves no server behind', async () => {
  withoutProxy();
  vi.mocked(serve).mockClear();
  await lookAtLoopback();
  const { server } = (await vi.mocked(serve).mock.results[0]!.value) as { server: object };
  // Its port may belong to somebody else by now. grpc-js sets this when a server is shut down.
  expect(server).toHaveProperty('shutdown', true);
});

it.each([[''], ['http://127.0.0.1:1']])(
  'says why a call is not answered, when it is not the fault of a proxy: %j',
  async (proxy) => {
    withoutProxy();
    vi.stubEnv('http_proxy', proxy);
    const deaf = vi.mocked(serve).getMockImplementation()!;
    const withoutServer: typeof serve = async (...args) => {
      const listening = await deaf(...args);
      listening.server.forceShutdown();
      return listening;
    };
    vi.mocked(serve).mockImplementationOnce(withoutServer).mockImplementationOnce(withoutServer);
    const { state, found, remedy } = await lookAtLoopback();
    vi.mocked(serve).mockReset().mockImplementation(deaf);
    expect(state).toBe('problem');
    expect(found).toMatch(/^A gRPC call to 127\.0\.0\.1 is not answered: \S+/);
    expect(remedy).toContain('firewall');
  },
);

it.each([
  ['no_proxy', undefined, '127.0.0.1,localhost'],
  ['no_proxy', 'example.org, 127.0.0.1 ,other.org', 'example.org,127.0.0.1,other.org,localhost'],
  ['no_grpc_proxy', 'example.org', 'example.org,127.0.0.1,localhost'],
])('keeps what %s has: %j', async (name, present, expected) => {
  withoutProxy();
  const proxy = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  vi.stubEnv('grpc_proxy', `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
  vi.stubEnv('no_proxy', undefined);
  // Such spaces keep grpc-js from finding this machine in the list.
  vi.stubEnv(name, present);
  const { remedy } = await lookAtLoopback();
  expect(remedy).toMatch(new RegExp(`\\b${name} ?= ?'${expected}'$`));
  proxy.close();
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

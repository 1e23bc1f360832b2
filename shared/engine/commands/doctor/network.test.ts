import { once } from 'node:events';
import { createServer, Server, type AddressInfo } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { serve } from '#shared/grpc/serve.ts';
import { lookAtLoopback, lookAtPort } from './network.ts';

vi.mock('#shared/grpc/serve.ts', async (original) => {
  const { serve: real, ...others } = await original<typeof import('#shared/grpc/serve.ts')>();
  return { ...others, serve: vi.fn(real) };
});

afterEach(() => vi.restoreAllMocks());

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

it.each([
  ['EACCES', 'Port 50051 cannot be listened on (EACCES).', 'npm run lesson:1 server -- --port 50052'],
  ['EADDRNOTAVAIL', 'This machine has no address 127.0.0.1', 'ip addr add 127.0.0.1/8 dev lo'],
])(
  'says of a port that it is not taken, and what to do, when the system says %s',
  async (code, found, remedy) => {
    vi.spyOn(Server.prototype, 'listen').mockImplementationOnce(function (this: Server) {
      process.nextTick(() => this.emit('error', Object.assign(new Error('no'), { code })));
      return this;
    });
    expect(await lookAtPort(50_051)).toEqual({
      state: 'problem',
      found: expect.stringContaining(found),
      remedy: expect.stringContaining(remedy),
    });
  },
);

it('finds that a call within this machine is answered', async () => {
  expect(await lookAtLoopback()).toEqual({ state: 'ok', found: 'A gRPC call to 127.0.0.1 is answered.' });
});

it('leaves no server behind', async () => {
  vi.mocked(serve).mockClear();
  await lookAtLoopback();
  const { server } = (await vi.mocked(serve).mock.results[0]!.value) as { server: object };
  // Its port may belong to somebody else by now. grpc-js sets this when a server is shut down.
  expect(server).toHaveProperty('shutdown', true);
});

it('says why a call is not answered', async () => {
  const deaf = vi.mocked(serve).getMockImplementation()!;
  const withoutServer: typeof serve = async (...args) => {
    const listening = await deaf(...args);
    listening.server.forceShutdown();
    return listening;
  };
  vi.mocked(serve).mockImplementationOnce(withoutServer);
  const { state, found, remedy } = await lookAtLoopback();
  vi.mocked(serve).mockReset().mockImplementation(deaf);
  expect(state).toBe('problem');
  expect(found).toMatch(/^A gRPC call to 127\.0\.0\.1 is not answered: \S+/);
  expect(remedy).toContain('firewall');
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ok } from './calls.ts';
import { Stage, type PythonServer, type Served } from './stage.ts';

const stage = new Stage();
afterAll(() => stage.close());

const users = 'user.UserService';
const watch = 'grpc.health.v1.Health/Watch';
const served = (status: string) => ({ status });

describe.each(stage.callers)("lesson 11's server, called by $name", ({ call }) => {
  let server: Served;
  beforeAll(async () => {
    server = await stage.serve(11, '--db', ':memory:');
  });
  const check = (service: string) =>
    call(server.address, 'grpc.health.v1.Health/Check', { send: [{ service }] });

  it('is alive and ready, and knows no other name', async () => {
    expect(await check('')).toEqual(ok(served('SERVING')));
    expect(await check(users)).toEqual(ok(served('SERVING')));
    expect(await check('user.Users')).toMatchObject({ code: 'NOT_FOUND', replies: [] });
  });

  it('has users beside its health', async () => {
    const { code, replies } = await call(server.address, `${users}/ListUsers`, { send: [{ pageSize: 2 }] });
    expect([code, replies]).toEqual(['OK', [{}]]);
  });
});

describe("lesson 11's server, watched by Python", () => {
  it('is SERVING, then NOT_SERVING, and then sends its watchers elsewhere, but is alive to the end', async () => {
    const server = await stage.serve(11, '--db', ':memory:');
    const how = { send: [{ service: users }] };
    const watching = await stage.python(server.address, watch, how);
    const lasting = await stage.python(server.address, watch, { send: [{ service: '' }] });
    const left = await stage.python(server.address, watch, { ...how, enough: 1 });
    expect(await left.ended).toMatchObject({ code: 'CANCELLED', replies: [served('SERVING')] });
    const stopped = server.stop();
    expect(await watching.ended).toMatchObject({
      replies: [served('SERVING'), served('NOT_SERVING')],
      code: 'UNAVAILABLE',
      message: 'This server is leaving.',
    });
    expect(await lasting.ended).toMatchObject({ replies: [served('SERVING')], code: 'UNAVAILABLE' });
    const { code, stdout } = await stopped;
    expect(stdout).toContain('closed in time');
    expect(code).toBe(130);
  });
});

describe("lesson 11's client, and a server in Python", () => {
  let server: PythonServer;
  beforeAll(async () => {
    server = await stage.pythonServer('health_server.py');
  });

  it('says how the server is', async () => {
    const { stdout, code } = await stage.client(11, server, '--show', 'probe');
    expect(stdout).toBe('server 1: alive SERVING, ready SERVING\n');
    expect(code).toBe(0);
  });

  it('calls it while it is ready, and makes no call while it is not', async () => {
    const { stdout } = await stage.client(11, server, '--show', 'rolling');
    expect(stdout).toMatch(/^(\d+) calls made, \1 answered, 0 lost$/m);
    // Its readiness comes and goes meanwhile.
    const { calls: before } = await server.saw({ what: 'SERVING' });
    expect(before).toBeGreaterThan(0);
    await server.saw({ what: 'idle', calls: 0 });
    const { calls: after } = await server.saw({ what: 'SERVING again' });
    expect(after).toBeGreaterThan(before as number);
  });
});

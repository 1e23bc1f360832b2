import { connect as connectInClear } from 'node:net';
import { connect } from 'node:tls';
import { once } from 'node:events';
import { credentials, status, type ServiceError } from '@grpc/grpc-js';
import { afterEach, expect, it, onTestFinished } from 'vitest';
import { soon } from '#kit/calls.ts';
import { closePeers, stubAt } from '#kit/peers.ts';
import { Hello } from '#testkit/hello-service.ts';
import { misfit } from './misfits.ts';

afterEach(closePeers);

const brought = async (what: 'expired' | 'plaintext') => {
  const server = await misfit(Hello.service, what);
  onTestFinished(server.stop);
  return server;
};

it('one has a certificate that expired yesterday, and is right in all else', async () => {
  const { address, authority } = await brought('expired');
  const [host, port] = address.split(':') as [string, string];
  const options = { host, port: Number(port), servername: 'localhost', rejectUnauthorized: false };
  const socket = connect({ ...options, ca: authority });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'secureConnect');
  expect(socket.authorizationError).toBe('CERT_HAS_EXPIRED');
  const { valid_to, subjectaltname } = socket.getPeerCertificate();
  const hoursAgo = (Date.now() - new Date(valid_to).getTime()) / 3_600_000;
  expect(Math.round(hoursAgo)).toBe(24);
  expect(subjectaltname).toBe('DNS:localhost, IP Address:127.0.0.1');
});

it('the other speaks without TLS', async () => {
  const { address } = await brought('plaintext');
  const stub = stubAt(Hello, address, { channel: credentials.createInsecure() });
  const error = await new Promise<ServiceError>((resolve) => {
    stub.hello({}, soon(), (failed) => resolve(failed!));
  });
  expect(error.code).toBe(status.UNIMPLEMENTED);
});

it('neither answers once it is stopped', async () => {
  for (const what of ['expired', 'plaintext'] as const) {
    const { address, stop } = await brought(what);
    stop();
    const [host, port] = address.split(':') as [string, string];
    // Not by a stub: grpc-js may keep what it knows of an address from a server that had the same port before.
    const socket = connectInClear({ host, port: Number(port) });
    onTestFinished(() => void socket.destroy());
    await expect(once(socket, 'connect')).rejects.toThrow('ECONNREFUSED');
  }
});

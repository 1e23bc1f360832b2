import { networkInterfaces } from 'node:os';
import { connect as connectTls } from 'node:tls';
import { once } from 'node:events';
import path from 'node:path';
import { writeFileSync } from 'node:fs';
import { credentials, ServerCredentials, status, type ClientDuplexStream } from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { HelloReply__Output } from '#protos/generated/hello/HelloReply.ts';
import type { HelloRequest } from '#protos/generated/hello/HelloRequest.ts';
import { handlersOf, Hello } from '#testkit/hello-service.ts';
import { soon } from '#kit/calls.ts';
import { closePeers, stubAt, tracked } from '#kit/peers.ts';
import { signal } from '#kit/awaited-events.ts';
import { tempFolder } from '#kit/test-folder.ts';
import { CannotUseCertificates } from './cannot-use-certificates.ts';
import { readCertificates, writeCertificates, type Certificates } from './folder.ts';
import { makeAuthority } from './issue.ts';
import { lifeFrom } from './faulty-server.ts';
import { serveRenewing, type Renewal } from './renewal.ts';

// To load what makes certificates takes a while, which is no part of the time that a test has.
await makeAuthority(lifeFrom(0, 1));

const hasIPv6 = Object.values(networkInterfaces()).some((all) =>
  all!.some(({ address }) => address === '::1'),
);

const handlers = handlersOf({
  hello: ({ request }, callback) => callback(null, { message: `${request.greeting} ${request.name}` }),
  biHello: (call) => {
    call.on('data', ({ name }: { name: string }) => call.write({ message: name }));
    call.on('end', () => call.end());
  },
});

/** A server that reads its certificates and looks for new ones like this. */
const serving = async (how: Partial<Renewal> & Pick<Renewal, 'read'>, at = '127.0.0.1:0') => {
  onTestFinished(closePeers);
  const listening = await serveRenewing(Hello.service, handlers, at, {
    make: () => ServerCredentials.createInsecure(),
    onRenewed: () => {},
    onRefused: () => {},
    ...how,
  });
  onTestFinished(() => void listening.stop());
  tracked(listening.server);
  return { ...listening, address: `127.0.0.1:${listening.port}` };
};

/** A server whose certificates are in a folder, and what it tells of them. */
const served = async () => {
  const folder = tempFolder();
  await writeCertificates(folder);
  const renewed = signal();
  const refused = signal<string>();
  const listening = await serving({
    read: () => readCertificates(folder, 'server'),
    make: ({ identity: { certificate, key }, authority }) =>
      ServerCredentials.createSsl(authority, [{ cert_chain: certificate, private_key: key }], true),
    onRenewed: renewed.send,
    onRefused: refused.send,
    every: 5,
  });
  return { folder, renewed, refused, ...listening };
};

const channelOf = (folder: string) => {
  const { identity, authority } = readCertificates(folder, 'guest');
  return credentials.createSsl(authority, identity.key, identity.certificate);
};

const stubOf = (folder: string, address: string, channel = channelOf(folder)) =>
  stubAt(Hello, address, { channel, expected: 'localhost' });

const hello = (stub: ReturnType<typeof stubOf>): Promise<string> =>
  new Promise((resolve) => {
    stub.hello({ greeting: 'Hello', name: 'guest' }, soon(), (error, reply) =>
      resolve(error ? `${status[error.code]}: ${error.details}` : reply!.message),
    );
  });

/** The serial number of the certificate that a connection made now is shown. */
const shownAt = async (port: number, folder: string): Promise<string> => {
  const { authority } = readCertificates(folder, 'guest');
  const socket = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca: authority });
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
};

const reply = async (call: ClientDuplexStream<HelloRequest, HelloReply__Output>, name: string) => {
  call.write({ greeting: 'Hello', name });
  const [{ message }] = (await once(call, 'data')) as [HelloReply__Output];
  return message;
};

describe('renewed certificates', () => {
  it('are shown to new connections, while open calls go on', async () => {
    const { folder, renewed, address, port } = await served();
    const open = stubOf(folder, address).biHello(soon(2));
    expect(await reply(open, 'before')).toBe('before');
    const first = await shownAt(port, folder);

    await writeCertificates(folder);
    await renewed.sent;

    expect(await shownAt(port, folder)).not.toBe(first);
    expect(await reply(open, 'after')).toBe('after');
    expect(await hello(stubOf(folder, address))).toBe('Hello guest');
    open.end();
    const [ended] = (await once(open, 'status')) as [{ code: number }];
    expect(ended.code).toBe(status.OK);
  });

  it('may come from another authority: its clients are known, those of the old one no longer', async () => {
    const { folder, renewed, address } = await served();
    const old = channelOf(folder);
    // The authority ends before what it would have to vouch for: it is made anew.
    writeFileSync(path.join(folder, 'ca.key'), '');
    await writeCertificates(folder);
    await renewed.sent;
    expect(await hello(stubOf(folder, address))).toBe('Hello guest');
    expect(await hello(stubOf(folder, address, old))).toMatch(/^UNAVAILABLE/);
  });
});

describe('looking for renewed certificates', () => {
  const certificates = (certificate = 'a', key = 'a', authority = 'a'): Certificates => ({
    identity: { certificate: Buffer.from(certificate), key: Buffer.from(key) },
    authority: Buffer.from(authority),
  });

  /** A server that finds these, one after the other; the last one again and again. Waits until it has seen them all. */
  const looked = async (found: (Certificates | string)[], address = '127.0.0.1:0') => {
    const told: string[] = [];
    const seen = signal();
    let looks = 0;
    const listening = await serving(
      {
        read: () => {
          const now = found[Math.min(looks, found.length - 1)]!;
          looks += 1;
          if (looks > found.length + 1) seen.send();
          if (typeof now === 'string') throw new CannotUseCertificates(now);
          return now;
        },
        make: ({ identity, authority }) => {
          told.push(`made ${String(Buffer.concat([identity.certificate, identity.key, authority]))}`);
          return ServerCredentials.createInsecure();
        },
        onRenewed: () => told.push('renewed'),
        onRefused: (why) => told.push(why),
        every: 1,
      },
      address,
    );
    await seen.sent;
    return { told, ...listening };
  };

  it.each([
    ['certificate', certificates('b'), 'made baa'],
    ['key', certificates('a', 'b'), 'made aba'],
    ['authority', certificates('a', 'a', 'b'), 'made aab'],
  ])('finds a new %s', async (_what, next, made) => {
    const { told } = await looked([certificates(), certificates(), next, next]);
    expect(told).toEqual(['made aaa', made, 'renewed']);
  });

  it('tells of each reason once, until all is well again', async () => {
    const good = certificates();
    const { told } = await looked([good, 'one', 'one', 'two', 'two', good, 'two']);
    expect(told).toEqual(['made aaa', 'one', 'two', 'two']);
  });

  it.skipIf(!hasIPv6)('listens at an IPv6 address, which is written in brackets', async () => {
    const { port } = await looked([certificates()], '[::1]:0');
    expect(await hello(stubAt(Hello, `[::1]:${port}`))).toBe('Hello guest');
  });
});

describe('a server that renews', () => {
  it('says when its port is taken', async () => {
    const { folder, address } = await served();
    const second = serving({ read: () => readCertificates(folder, 'server') }, address);
    await expect(second).rejects.toThrow('EADDRINUSE');
  });

  it('ends cleanly: no new connections, and open calls come to their end', async () => {
    const { folder, server, stop, address } = await served();
    const open = stubOf(folder, address).biHello(soon(2));
    await reply(open, 'before');
    await stop();
    const ended = signal<Error | undefined>();
    server.tryShutdown(ended.send);
    expect(await hello(stubOf(folder, address))).toContain('ECONNREFUSED');
    expect(await reply(open, 'after')).toBe('after');
    const seen = once(open, 'status') as Promise<[{ code: number }]>;
    open.end();
    expect((await seen)[0].code).toBe(status.OK);
    expect(await ended.sent).toBeUndefined();
  });
});

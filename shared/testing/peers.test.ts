import { connect } from 'node:net';
import { once } from 'node:events';
import { Server } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import { loadProto } from '../grpc/load-proto.ts';
import { closePeers, serving, started } from './peers.ts';

const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;

afterEach(closePeers);

/** @returns how a connection to this address ends */
const answerAt = async (address: string): Promise<string> => {
  const socket = connect(Number(address.split(':').at(-1)), '127.0.0.1');
  try {
    await once(socket, 'connect');
    return 'somebody listens';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code!;
  } finally {
    socket.destroy();
  }
};

describe('closing what a check has opened', () => {
  it('throws what the first service throws on stopping, and closes every server all the same', async () => {
    const stopping = (what: string) => () => {
      throw new Error(what);
    };
    const begun = async (what: string): Promise<string> => {
      const address = await serving(Hello.service, {});
      await started(async () => ({ server: new Server(), port: 1, stop: stopping(what) }));
      return address;
    };
    const addresses = [await begun('first'), await begun('second'), await serving(Hello.service, {})];
    for (const address of addresses) expect(await answerAt(address)).toBe('somebody listens');
    await expect(closePeers()).rejects.toThrow('first');
    for (const address of addresses) expect(await answerAt(address)).toBe('ECONNREFUSED');
  });

  it('has nothing to throw a second time', async () => {
    await started(async () => ({
      server: new Server(),
      port: 1,
      stop: () => {
        throw new Error('once');
      },
    }));
    await expect(closePeers()).rejects.toThrow('once');
    await closePeers();
  });

  it('does not wait for ever for a service that never says that it has stopped', async () => {
    const address = await serving(Hello.service, {});
    await started(async () => ({ server: new Server(), port: 1, stop: () => new Promise<void>(() => {}) }));
    await expect(closePeers()).rejects.toThrow('the promise of stop() is still open');
    expect(await answerAt(address)).toBe('ECONNREFUSED');
  });
});

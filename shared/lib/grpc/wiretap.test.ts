import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { wiretapTo } from './wiretap.ts';

/** A wiretap before a server that answers whatever comes with "yes". */
const tapped = async () => {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => socket.write('yes'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const wiretap = await wiretapTo(`127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => {
    wiretap.close();
    server.close();
  });
  return { wiretap, server };
};

const connected = async (address: string): Promise<Socket> => {
  const [host, port] = address.split(':') as [string, string];
  const socket = connect(Number(port), host);
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
};

it('passes everything on, and has seen it in both directions', async () => {
  const { wiretap } = await tapped();
  expect(wiretap.bytes()).toHaveLength(0);
  const client = await connected(wiretap.address);
  client.write('well?');
  expect(String((await once(client, 'data'))[0])).toBe('yes');
  expect(wiretap.bytes().toString()).toBe('well?yes');
});

it('ends the one side when the other one ends', async () => {
  const { wiretap, server } = await tapped();
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = await connected(wiretap.address);
  const [atServer] = await accepted;
  const ended = once(client, 'close');
  atServer.destroy();
  await ended;

  const acceptedNext = once(server, 'connection') as Promise<[Socket]>;
  const next = await connected(wiretap.address);
  const [nextAtServer] = await acceptedNext;
  nextAtServer.resume();
  const endedNext = once(nextAtServer, 'close');
  next.resetAndDestroy();
  await endedNext;
});

it('breaks what goes through it when it leaves, and takes nobody any more', async () => {
  const { wiretap } = await tapped();
  const client = await connected(wiretap.address);
  client.write('well?');
  await once(client, 'data');
  const broken = once(client, 'close');
  wiretap.close();
  await broken;
  await expect(connected(wiretap.address)).rejects.toThrow('ECONNREFUSED');
});

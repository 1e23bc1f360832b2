/**
 * Lesson 1's client with no engine around it. Its command line: the server's address. It is started with the server,
 * so it calls as soon as a connection is taken there: grpc-js itself would wait a second after one that was refused.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { main } from '#answers/01-unary-hello/client.ts';

const address = process.argv[2]!;

/** How long to wait before looking again whether the server is up, in milliseconds. */
const pause = 2;

const isUp = async (): Promise<boolean> => {
  const { hostname: host, port } = new URL(`http://${address}`);
  const socket = connect({ host, port: Number(port) });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};

while (!(await isUp())) await delay(pause);

const answers = { greeting: 'Hello', name: 'World' };
await main({
  address,
  ask: {
    one: async (key) => answers[key],
    each: async function* (key) {
      yield answers[key];
    },
  },
});

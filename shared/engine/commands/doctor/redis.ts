import { once } from 'node:events';
import { connect } from 'node:net';
import { loopback } from '../../run/run.ts';
import { note, ok, type Finding } from './finding.ts';

/** Where a Redis listens when nobody says otherwise. */
const usualPort = 6379;

/** How long it may take to answer, in milliseconds. */
const patience = 500;

/** @returns whether something at this port speaks as Redis does */
const answers = async (port: number): Promise<boolean> => {
  const socket = connect(port, loopback);
  try {
    const signal = AbortSignal.timeout(patience);
    await once(socket, 'connect', { signal });
    socket.write('PING\r\n');
    const [bytes] = (await once(socket, 'data', { signal })) as [Buffer];
    // It may ask for a password first.
    return /^(?:\+PONG|-NOAUTH|-DENIED)/.test(bytes.toString());
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};

/** Looks whether a Redis answers. No lesson needs one: lesson 15 may take it. */
export const lookAtRedis = async (port = usualPort): Promise<Finding> =>
  (await answers(port))
    ? ok(`A Redis answers at ${loopback}:${port}, for lesson 15.`)
    : note(`No Redis answers at ${loopback}:${port}. Lesson 15 takes a file without one.`);

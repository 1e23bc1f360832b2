/** The stubs that checks hand to lesson code. Apart from what watches them, so that a test can lend one and watch nothing. */
import type { Channel, Client } from '@grpc/grpc-js';

const lent = new WeakSet<Channel>();

/** Lends a stub to lesson code, which is to leave it open: other calls may need it. */
export const lend = (stub: Client): void => void lent.add(stub.getChannel() as Channel);

/** @returns whether the channel is that of a stub which was lent */
export const isLent = (channel: Channel): boolean => lent.has(channel);

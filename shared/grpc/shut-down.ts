import type { Server } from '@grpc/grpc-js';

/**
 * Stops a server in good order: it takes no new calls, and those that are open may end by themselves. One whose client
 * does not read would never do so; what is open after the grace period is cut off, and its client gets UNAVAILABLE.
 *
 * @param server - the server
 * @param grace - how long open calls have to end, in milliseconds
 * @returns once no connection is left
 */
export const shutDown = async (server: Server, grace: number): Promise<void> => {
  const cutOff = setTimeout(() => server.forceShutdown(), grace);
  await new Promise((resolve) => server.tryShutdown(resolve));
  clearTimeout(cutOff);
};

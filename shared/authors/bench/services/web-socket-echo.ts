import { once as event } from 'node:events';
import { WebSocket } from 'ws';
import { echoOf, type Echo } from './load.ts';

/** @returns a WebSocket that is open */
export const webSocket = async (address: string, path: string): Promise<WebSocket> => {
  const socket = new WebSocket(`ws://${address}${path}`, { perMessageDeflate: false });
  await event(socket, 'open');
  return socket;
};

/** @returns an echo over a WebSocket of its own, with JSON */
export const webSocketEcho = async (address: string): Promise<Echo> => {
  const socket = await webSocket(address, '/');
  const echo = echoOf(
    (message) => socket.send(JSON.stringify(message)),
    () => socket.terminate(),
  );
  socket.on('message', (data: Buffer) => {
    JSON.parse(data.toString());
    echo.came();
  });
  return echo;
};

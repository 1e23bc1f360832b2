import { createServer } from 'node:net';
import { once } from 'node:events';
import { credentials, type ServiceError } from '@grpc/grpc-js';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { serve } from '#shared/grpc/serve.ts';
import { loopback } from '../../run/run.ts';
import { ok, problem, type Finding } from './finding.ts';

/** How long a call over the loopback may take, in milliseconds; it takes some ten. */
const callTimeoutMs = 3_000;

/** Looks whether a port can be listened on. */
export const lookAtPort = async (port: number): Promise<Finding> => {
  const server = createServer().listen(port, loopback);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const another = `give the server and its client another port, for example:\nnpm run lesson:1 server -- --port ${port + 1}`;
    return code === 'EADDRINUSE'
      ? problem(
          `Port ${port} is taken. Most likely a server from another terminal still runs.`,
          `Stop it there with Ctrl-C, unless you are at work with it. Or ${another}`,
        )
      : problem(
          `Port ${port} cannot be listened on (${code}). The system may keep it for something else.`,
          `You can ${another}`,
        );
  }
  server.close();
  return ok(`Port ${port} is free, for a server that runs alone.`);
};

/** @returns how a call to a server in this process failed; undefined when it was answered */
const callOverLoopback = async (): Promise<ServiceError | undefined> => {
  const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;
  const { server, port } = await serve(
    Hello.service,
    { hello: (_call: unknown, callback: (error: null, reply: object) => void) => callback(null, {}) },
    `${loopback}:0`,
  );
  const client = new Hello(`${loopback}:${port}`, credentials.createInsecure());
  try {
    return await new Promise((resolve) => {
      client.hello({}, { deadline: Date.now() + callTimeoutMs }, (error) => resolve(error ?? undefined));
    });
  } finally {
    client.close();
    server.forceShutdown();
  }
};

/** Looks whether gRPC calls arrive within this machine, by making one. */
export const lookAtLoopback = async (): Promise<Finding> => {
  const failure = await callOverLoopback();
  return failure
    ? problem(
        `A gRPC call to ${loopback} is not answered: ${failure.details}`,
        'A firewall, a VPN or a sandbox may stand in its way. Allow Node.js to connect to this machine itself, and look again.',
      )
    : ok(`A gRPC call to ${loopback} is answered.`);
};

import { createServer } from 'node:net';
import { once } from 'node:events';
import { logVerbosity, credentials, setLogVerbosity, type ServiceError } from '@grpc/grpc-js';
import type { ProtoGrpcType } from '#protos/generated/hello.ts';
import { loadProto } from '#shared/grpc/load-proto.ts';
import { serve } from '#shared/grpc/serve.ts';
import { loopback } from '../../run/run.ts';
import { ok, problem, type Finding } from './finding.ts';

/** How long a call over the loopback may take, in milliseconds; it takes some ten. */
const callTimeoutMs = 3_000;

/**
 * Looks whether a port can be listened on.
 *
 * @param port - which
 */
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
const callOverLoopback = async (options: object): Promise<ServiceError | undefined> => {
  const { Hello } = loadProto<ProtoGrpcType>('hello.proto').hello;
  const { server, port } = await serve(
    Hello.service,
    { hello: (_call: unknown, callback: (error: null, reply: object) => void) => callback(null, {}) },
    `${loopback}:0`,
  );
  const client = new Hello(`${loopback}:${port}`, credentials.createInsecure(), options);
  try {
    return await new Promise((resolve) => {
      client.hello({}, { deadline: Date.now() + callTimeoutMs }, (error) => resolve(error ?? undefined));
    });
  } finally {
    client.close();
    server.forceShutdown();
  }
};

/** The variables from which grpc-js takes a proxy, in its order (`http_proxy.ts` in @grpc/grpc-js). */
const proxyVariables = ['grpc_proxy', 'https_proxy', 'http_proxy'] as const;

/** What to set so that calls to this machine pass a proxy by. grpc-js takes the list as it is: no spaces, no `*`. */
const passBy = (): string => {
  const name = process.env.no_grpc_proxy ? 'no_grpc_proxy' : 'no_proxy';
  const present = (process.env[name] ?? '').split(',').map((host) => host.trim());
  const value = [...new Set([...present, loopback, 'localhost'])].filter((host) => host !== '').join(',');
  return process.platform === 'win32' ? `$env:${name} = '${value}'` : `export ${name}='${value}'`;
};

/** Looks whether gRPC calls arrive within this machine, by making one; and whether a proxy is in their way. */
export const lookAtLoopback = async (): Promise<Finding> => {
  // grpc-js would print of itself that a proxy has failed.
  setLogVerbosity(logVerbosity.NONE);
  const failure = await callOverLoopback({});
  if (!failure) return ok(`A gRPC call to ${loopback} is answered.`);
  const variable = proxyVariables.find((name) => process.env[name]);
  if (variable && !(await callOverLoopback({ 'grpc.enable_http_proxy': 0 }))) {
    return problem(
      `A gRPC call to ${loopback} is not answered, because the environment variable ${variable} sends it to a proxy: ${process.env[variable]}`,
      `Tell gRPC to call this machine without the proxy, in every terminal in which you work:\n${passBy()}`,
    );
  }
  return problem(
    `A gRPC call to ${loopback} is not answered: ${failure.details}`,
    'A firewall, a VPN or a sandbox may stand in its way. Allow Node.js to connect to this machine itself, and look again.',
  );
};

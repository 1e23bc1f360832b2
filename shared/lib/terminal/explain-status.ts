import { status, type ServiceError } from '@grpc/grpc-js';

/** @returns where the call went, as grpc-js tells it: a client may call others than the server it was started with */
const calledAddress = ({ details }: ServiceError, address: string): string => {
  const unknown = /resolution failed for target (?:dns:)?(\S+)/.exec(details)?.[1];
  if (unknown !== undefined) return unknown;
  // It tells the host as a number. Where the port is the same, the name is better.
  const [refused, port] = /(?<=ECONNREFUSED )\S+:(\d+)/.exec(details) ?? [];
  return refused === undefined || address.endsWith(`:${port}`) ? address : refused;
};

/**
 * Says in plain words what a call's status means, where grpc-js's own details puzzle people.
 *
 * @param error - the status that the call ended with
 * @param address - where the client was told that its server is
 * @returns one or two sentences, the status's name among them
 */
export const explainStatus = (error: ServiceError, address: string): string => {
  const name = status[error.code] ?? String(error.code);
  if (error.code === status.UNAVAILABLE) {
    const called = calledAddress(error, address);
    if (/resolution failed|ENOTFOUND|EAI_AGAIN/.test(error.details)) {
      return `${name}: the host in ${called} is not known. Check --host.`;
    }
    if (error.details.includes('No connection established') && !error.details.includes('ECONNREFUSED')) {
      return `${name}: something is there at ${address}, but it does not answer as a gRPC server does. Check --host and --port.`;
    }
    if (error.details.includes('ECONNREFUSED')) {
      return `${name}: nobody is listening at ${called}. Start the server in another terminal first, or check --host and --port.`;
    }
    // What grpc-js says when the connection breaks; other words are the server's own.
    if (/Connection dropped|RST_STREAM|GOAWAY|ECONNRESET|closed/i.test(error.details)) {
      return `${name}: the connection to ${address} was lost in the middle of the call. Has the server been stopped?`;
    }
  }
  if (error.code === status.DEADLINE_EXCEEDED) {
    return `${name}: the deadline passed before ${address} had answered in full.`;
  }
  return `${name}: ${error.details}`;
};

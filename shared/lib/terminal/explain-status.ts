import { status, type ServiceError } from '@grpc/grpc-js';

/**
 * Says in plain words what a call's status means, where grpc-js's own details puzzle people.
 *
 * @param error - the status that the call ended with
 * @param address - where the server was looked for
 * @returns one or two sentences, the status's name among them
 */
export const explainStatus = (error: ServiceError, address: string): string => {
  const name = status[error.code] ?? String(error.code);
  if (error.code === status.UNAVAILABLE) {
    if (/resolution failed|ENOTFOUND|EAI_AGAIN/.test(error.details)) {
      return `${name}: the host in ${address} is not known. Check --host.`;
    }
    if (error.details.includes('No connection established') && !error.details.includes('ECONNREFUSED')) {
      return `${name}: something is there at ${address}, but it does not answer as a gRPC server does. Check --host and --port.`;
    }
    if (error.details.includes('ECONNREFUSED')) {
      return `${name}: nobody is listening at ${address}. Start the server in another terminal first, or check --host and --port.`;
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

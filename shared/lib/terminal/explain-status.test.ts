import { status, type ServiceError } from '@grpc/grpc-js';
import { expect, it } from 'vitest';
import { explainStatus } from './explain-status.ts';

const { UNAVAILABLE, DEADLINE_EXCEEDED, NOT_FOUND } = status;

it.each([
  [
    UNAVAILABLE,
    'Name resolution failed for target dns:nowhere:50051',
    /^UNAVAILABLE: the host in nowhere:50051 is not known/,
  ],
  [UNAVAILABLE, 'getaddrinfo ENOTFOUND nowhere', /is not known/],
  [UNAVAILABLE, 'getaddrinfo EAI_AGAIN nowhere', /is not known/],
  [
    UNAVAILABLE,
    'No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:1',
    /^UNAVAILABLE: nobody is listening at here:1\./,
  ],
  [UNAVAILABLE, 'connect ECONNREFUSED 127.0.0.1:1', /nobody is listening at here:1/],
  // Another server than the one that the client was started with.
  [UNAVAILABLE, 'connect ECONNREFUSED 127.0.0.1:11', /nobody is listening at 127.0.0.1:11\./],
  [UNAVAILABLE, 'connect ECONNREFUSED ::1:2', /nobody is listening at ::1:2\./],
  [
    UNAVAILABLE,
    'No connection established. Last error: Error: read ECONNRESET',
    /^UNAVAILABLE: something is there at here:1, but it does not answer as a gRPC server does/,
  ],
  [
    UNAVAILABLE,
    'Connection dropped',
    /^UNAVAILABLE: the connection to here:1 was lost in the middle of the call/,
  ],
  [UNAVAILABLE, 'Stream closed by server (RST_STREAM)', /was lost/],
  [UNAVAILABLE, 'received GOAWAY', /was lost/],
  [UNAVAILABLE, 'read ECONNRESET', /was lost/],
  [UNAVAILABLE, 'Socket closed', /was lost/],
  [UNAVAILABLE, 'the database is away', /^UNAVAILABLE: the database is away$/],
  [
    DEADLINE_EXCEEDED,
    'Deadline exceeded',
    /^DEADLINE_EXCEEDED: the deadline passed before here:1 had answered in full/,
  ],
  [NOT_FOUND, 'ECONNREFUSED has no user', /^NOT_FOUND: ECONNREFUSED has no user$/],
  [99, 'who knows', /^99: who knows$/],
])('says what %i with "%s" means', (code, details, expected) => {
  expect(explainStatus({ code, details } as ServiceError, 'here:1')).toMatch(expected);
});

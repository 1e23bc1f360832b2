import { Metadata, status, type ServiceError, type StatusObject } from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';
import type { Status } from '#protos/generated/google/rpc/Status.ts';
import type { ProtoGrpcType } from '#protos/generated/rpc_status.ts';
import { loadProto } from './load-proto.ts';

const rpc = loadProto<ProtoGrpcType>('rpc_status.proto').google.rpc;

/** The trailer in which gRPC libraries look for a status with details (AIP-193). */
const trailer = 'grpc-status-details-bin';

/** A status for a callback's first argument, or for `call.emit('error', …)`. */
export type StatusWithDetails = Pick<StatusObject, 'code' | 'details' | 'metadata'>;

/** Packs a message as google.protobuf.Any does: its full name, and its bytes. */
const packed = <T, Read>(name: string, type: MessageTypeDefinition<T, Read>, message: T) => ({
  type_url: `type.googleapis.com/google.rpc.${name}`,
  value: type.serialize(message),
});

const withDetail = (
  code: status,
  details: string,
  detail: { type_url: string; value: Buffer },
): StatusWithDetails => {
  const metadata = new Metadata();
  const message: Status = { code, message: details, details: [detail] };
  metadata.set(trailer, rpc.Status.serialize(message));
  return { code, details, metadata };
};

/** A wrong field of a request. */
export interface FieldViolation {
  /** The path of the field in the request, for example `user.email`. */
  field: string;
  /** What is wrong with it, for example `must not be empty`. */
  description: string;
}

/**
 * The status for a request with wrong fields: INVALID_ARGUMENT, in words for people, with the fields for programs
 * (google.rpc.BadRequest).
 *
 * @param violations - what is wrong, one entry for each field
 * @returns the status; its text names each field: `user.name must not be empty; user.email must not be empty`
 */
export const invalidFields = (violations: FieldViolation[]): StatusWithDetails =>
  withDetail(
    status.INVALID_ARGUMENT,
    violations.map(({ field, description }) => `${field} ${description}`).join('; '),
    packed('BadRequest', rpc.BadRequest, { field_violations: violations }),
  );

/**
 * The status for a request with one wrong field, as {@link invalidFields}.
 *
 * @param field - the path of the field in the request, for example `user.email`
 * @param description - what is wrong with it, for example `must not be empty`
 * @returns the status; its text is `user.email must not be empty`
 */
export const invalidArgument = (field: string, description: string): StatusWithDetails =>
  invalidFields([{ field, description }]);

/**
 * A status with a reason for programs (google.rpc.ErrorInfo) beside the words for people.
 *
 * @param code - the status code
 * @param details - what happened, in words for people
 * @param reason - the same in capitals for programs, for example `EMAIL_TAKEN`
 * @param metadata - what a program may want to know beyond the reason
 * @returns the status
 */
export const withReason = (
  code: status,
  details: string,
  reason: string,
  metadata: Record<string, string> = {},
): StatusWithDetails =>
  withDetail(
    code,
    details,
    packed('ErrorInfo', rpc.ErrorInfo, { reason, domain: 'grpc-workbook', metadata }),
  );

/**
 * The status for a client that has to wait: RESOURCE_EXHAUSTED, with the time to wait for programs (google.rpc.RetryInfo).
 *
 * @param details - what there was too much of, and when to try again, in words for people
 * @param seconds - how long to wait
 * @returns the status
 */
export const tryAgainIn = (details: string, seconds: number): StatusWithDetails =>
  withDetail(
    status.RESOURCE_EXHAUSTED,
    details,
    packed('RetryInfo', rpc.RetryInfo, { retry_delay: { seconds: Math.ceil(seconds), nanos: 0 } }),
  );

/** What a status says for programs. */
export interface ErrorDetails {
  /** The wrong fields of the request, each with what is wrong with it. */
  violations: FieldViolation[];
  /** The reason in capitals; undefined when none was given. */
  reason: string | undefined;
  /** What came with the reason. */
  metadata: Record<string, string>;
  /** How long to wait before trying again, in seconds; undefined when the server does not say. */
  retryAfter: number | undefined;
}

/**
 * Reads what the server has put beside a status for programs.
 *
 * @param error - the status of a call that failed
 * @returns its details; empty ones when it has none
 */
export const detailsOf = (error: Pick<ServiceError, 'metadata'>): ErrorDetails => {
  const found: ErrorDetails = { violations: [], reason: undefined, metadata: {}, retryAfter: undefined };
  const [bytes] = error.metadata.get(trailer);
  if (!Buffer.isBuffer(bytes)) return found;
  const { details } = rpc.Status.deserialize(bytes);
  for (const { type_url, value } of details as unknown as { type_url: string; value: Buffer }[]) {
    const name = type_url.slice(type_url.lastIndexOf('/') + 1);
    if (name === 'google.rpc.BadRequest') {
      found.violations.push(...rpc.BadRequest.deserialize(value).field_violations);
    } else if (name === 'google.rpc.ErrorInfo') {
      const { reason, metadata } = rpc.ErrorInfo.deserialize(value);
      found.reason = reason;
      found.metadata = metadata;
    } else if (name === 'google.rpc.RetryInfo') {
      const { retry_delay } = rpc.RetryInfo.deserialize(value);
      if (retry_delay) found.retryAfter = Number(retry_delay.seconds);
    }
  }
  return found;
};

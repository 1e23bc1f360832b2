import type { ServiceError } from '@grpc/grpc-js';

/**
 * @param error - whatever was thrown, or a promise was rejected with
 * @returns whether it is the status of a gRPC call, with its `code` and `details`
 */
export const isServiceError = (error: unknown): error is ServiceError =>
  error instanceof Error && typeof (error as Partial<ServiceError>).code === 'number' && 'details' in error;

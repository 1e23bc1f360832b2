import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import type { ProtoGrpcType as RpcStatus } from '#protos/generated/rpc_status.ts';
import { closePeers } from '#kit/peers.ts';
import { callingHello } from '#testkit/hello-service.ts';
import { detailsOf, invalidArgument, invalidFields, tryAgainIn, withReason } from './error-details.ts';
import { loadProto } from './load-proto.ts';

const none = { violations: [], reason: undefined, metadata: {}, retryAfter: undefined };
const rpc = loadProto<RpcStatus>('rpc_status.proto').google.rpc;

/** The metadata of a status from a server that is not the workbook's, with one detail. */
const from = (type: string, value: Buffer): Metadata => {
  const metadata = new Metadata();
  const details = [{ type_url: `type.googleapis.com/${type}`, value }];
  metadata.set('grpc-status-details-bin', rpc.Status.serialize({ code: 8, message: '', details }));
  return metadata;
};

describe('the details of a status', () => {
  it('reach the caller beside the words', async () => {
    const refusals = [
      invalidArgument('user.email', 'must not be empty'),
      withReason(status.ALREADY_EXISTS, 'taken', 'EMAIL_TAKEN', { email: 'ada@example.com' }),
      tryAgainIn('too many: try again in 30 seconds', 29.2),
    ];
    const stub = await callingHello({ hello: (_call, callback) => callback(refusals.shift()!) });
    const refused = () =>
      new Promise<ServiceError>((resolve) => void stub.hello({}, (error) => resolve(error!)));
    for (const [expected, details] of [
      [
        { code: status.INVALID_ARGUMENT, details: 'user.email must not be empty' },
        { violations: [{ field: 'user.email', description: 'must not be empty' }] },
      ],
      [
        { code: status.ALREADY_EXISTS, details: 'taken' },
        { reason: 'EMAIL_TAKEN', metadata: { email: 'ada@example.com' } },
      ],
      [{ code: status.RESOURCE_EXHAUSTED, details: 'too many: try again in 30 seconds' }, { retryAfter: 30 }],
    ]) {
      const error = await refused();
      expect(error).toMatchObject(expected!);
      expect(detailsOf(error)).toEqual({ ...none, ...details });
    }
    await closePeers();
  });

  it('name every wrong field', () => {
    const violations = [
      { field: 'user.name', description: 'must not be empty' },
      { field: 'user.email', description: 'must have one @' },
    ];
    const refusal = invalidFields(violations);
    expect(refusal.details).toBe('user.name must not be empty; user.email must have one @');
    expect(detailsOf(refusal).violations).toEqual(violations);
  });

  it('say whose reasons these are', () => {
    const { metadata } = withReason(status.NOT_FOUND, 'gone', 'GONE');
    const [bytes] = metadata.get('grpc-status-details-bin') as [Buffer];
    const [detail] = rpc.Status.deserialize(bytes).details as unknown as { value: Buffer }[];
    expect(rpc.ErrorInfo.deserialize(detail!.value)).toMatchObject({ domain: 'grpc-workbook', metadata: {} });
  });

  it.each([
    ['where the server gave none', new Metadata()],
    [
      'of a kind that is not known',
      from('google.rpc.Help', rpc.RetryInfo.serialize({ retry_delay: { seconds: 3 } })),
    ],
    ['that ask to wait, and do not say how long', from('google.rpc.RetryInfo', rpc.RetryInfo.serialize({}))],
  ])('are empty: %s', (_what, metadata) => {
    expect(detailsOf({ metadata })).toEqual(none);
  });
});

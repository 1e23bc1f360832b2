// Original file: protos/payment.proto

import type { Long } from '@grpc/proto-loader';

export interface Total {
  'payments'?: (number);
  'amount'?: (number | string | Long);
}

export interface Total__Output {
  'payments': (number);
  'amount': (string);
}

// Original file: protos/payment.proto


export interface PayRequest {
  'payee'?: (string);
  'amount'?: (number);
  'idempotency_key'?: (string);
}

export interface PayRequest__Output {
  'payee': (string);
  'amount': (number);
  'idempotency_key': (string);
}

// Original file: protos/payment.proto


export interface GetTotalRequest {
  'payee'?: (string);
}

export interface GetTotalRequest__Output {
  'payee': (string);
}

// Original file: protos/payment.proto


export interface Payment {
  'id'?: (string);
  'payee'?: (string);
  'amount'?: (number);
}

export interface Payment__Output {
  'id': (string);
  'payee': (string);
  'amount': (number);
}

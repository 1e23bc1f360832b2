import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { GetTotalRequest as _payment_GetTotalRequest, GetTotalRequest__Output as _payment_GetTotalRequest__Output } from './payment/GetTotalRequest.ts';
import type { PayRequest as _payment_PayRequest, PayRequest__Output as _payment_PayRequest__Output } from './payment/PayRequest.ts';
import type { Payment as _payment_Payment, Payment__Output as _payment_Payment__Output } from './payment/Payment.ts';
import type { PaymentServiceClient as _payment_PaymentServiceClient, PaymentServiceDefinition as _payment_PaymentServiceDefinition } from './payment/PaymentService.ts';
import type { Total as _payment_Total, Total__Output as _payment_Total__Output } from './payment/Total.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  payment: {
    GetTotalRequest: MessageTypeDefinition<_payment_GetTotalRequest, _payment_GetTotalRequest__Output>
    PayRequest: MessageTypeDefinition<_payment_PayRequest, _payment_PayRequest__Output>
    Payment: MessageTypeDefinition<_payment_Payment, _payment_Payment__Output>
    PaymentService: SubtypeConstructor<typeof grpc.Client, _payment_PaymentServiceClient> & { service: _payment_PaymentServiceDefinition }
    Total: MessageTypeDefinition<_payment_Total, _payment_Total__Output>
  }
}


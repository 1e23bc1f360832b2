// Original file: protos/payment.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { GetTotalRequest as _payment_GetTotalRequest, GetTotalRequest__Output as _payment_GetTotalRequest__Output } from '../payment/GetTotalRequest.ts';
import type { PayRequest as _payment_PayRequest, PayRequest__Output as _payment_PayRequest__Output } from '../payment/PayRequest.ts';
import type { Payment as _payment_Payment, Payment__Output as _payment_Payment__Output } from '../payment/Payment.ts';
import type { Total as _payment_Total, Total__Output as _payment_Total__Output } from '../payment/Total.ts';

export interface PaymentServiceClient extends grpc.Client {
  GetTotal(argument: _payment_GetTotalRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_payment_Total__Output>): grpc.ClientUnaryCall;
  GetTotal(argument: _payment_GetTotalRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_payment_Total__Output>): grpc.ClientUnaryCall;
  GetTotal(argument: _payment_GetTotalRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_payment_Total__Output>): grpc.ClientUnaryCall;
  GetTotal(argument: _payment_GetTotalRequest, callback: grpc.requestCallback<_payment_Total__Output>): grpc.ClientUnaryCall;
  getTotal(argument: _payment_GetTotalRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_payment_Total__Output>): grpc.ClientUnaryCall;
  getTotal(argument: _payment_GetTotalRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_payment_Total__Output>): grpc.ClientUnaryCall;
  getTotal(argument: _payment_GetTotalRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_payment_Total__Output>): grpc.ClientUnaryCall;
  getTotal(argument: _payment_GetTotalRequest, callback: grpc.requestCallback<_payment_Total__Output>): grpc.ClientUnaryCall;
  
  Pay(argument: _payment_PayRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_payment_Payment__Output>): grpc.ClientUnaryCall;
  Pay(argument: _payment_PayRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_payment_Payment__Output>): grpc.ClientUnaryCall;
  Pay(argument: _payment_PayRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_payment_Payment__Output>): grpc.ClientUnaryCall;
  Pay(argument: _payment_PayRequest, callback: grpc.requestCallback<_payment_Payment__Output>): grpc.ClientUnaryCall;
  pay(argument: _payment_PayRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_payment_Payment__Output>): grpc.ClientUnaryCall;
  pay(argument: _payment_PayRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_payment_Payment__Output>): grpc.ClientUnaryCall;
  pay(argument: _payment_PayRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_payment_Payment__Output>): grpc.ClientUnaryCall;
  pay(argument: _payment_PayRequest, callback: grpc.requestCallback<_payment_Payment__Output>): grpc.ClientUnaryCall;
  
}

export interface PaymentServiceHandlers extends grpc.UntypedServiceImplementation {
  GetTotal: grpc.handleUnaryCall<_payment_GetTotalRequest__Output, _payment_Total>;
  
  Pay: grpc.handleUnaryCall<_payment_PayRequest__Output, _payment_Payment>;
  
}

export interface PaymentServiceDefinition extends grpc.ServiceDefinition {
  GetTotal: MethodDefinition<_payment_GetTotalRequest, _payment_Total, _payment_GetTotalRequest__Output, _payment_Total__Output>
  Pay: MethodDefinition<_payment_PayRequest, _payment_Payment, _payment_PayRequest__Output, _payment_Payment__Output>
}

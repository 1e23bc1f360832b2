// Original file: protos/phoneotp.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { SendOTPRequest as _phoneotp_SendOTPRequest, SendOTPRequest__Output as _phoneotp_SendOTPRequest__Output } from '../phoneotp/SendOTPRequest.ts';
import type { SendOTPResponse as _phoneotp_SendOTPResponse, SendOTPResponse__Output as _phoneotp_SendOTPResponse__Output } from '../phoneotp/SendOTPResponse.ts';
import type { VerifyOTPRequest as _phoneotp_VerifyOTPRequest, VerifyOTPRequest__Output as _phoneotp_VerifyOTPRequest__Output } from '../phoneotp/VerifyOTPRequest.ts';
import type { VerifyOTPResponse as _phoneotp_VerifyOTPResponse, VerifyOTPResponse__Output as _phoneotp_VerifyOTPResponse__Output } from '../phoneotp/VerifyOTPResponse.ts';

export interface PhoneOTPServiceClient extends grpc.Client {
  SendOTP(argument: _phoneotp_SendOTPRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_phoneotp_SendOTPResponse__Output>): grpc.ClientUnaryCall;
  SendOTP(argument: _phoneotp_SendOTPRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_phoneotp_SendOTPResponse__Output>): grpc.ClientUnaryCall;
  SendOTP(argument: _phoneotp_SendOTPRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_phoneotp_SendOTPResponse__Output>): grpc.ClientUnaryCall;
  SendOTP(argument: _phoneotp_SendOTPRequest, callback: grpc.requestCallback<_phoneotp_SendOTPResponse__Output>): grpc.ClientUnaryCall;
  sendOtp(argument: _phoneotp_SendOTPRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_phoneotp_SendOTPResponse__Output>): grpc.ClientUnaryCall;
  sendOtp(argument: _phoneotp_SendOTPRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_phoneotp_SendOTPResponse__Output>): grpc.ClientUnaryCall;
  sendOtp(argument: _phoneotp_SendOTPRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_phoneotp_SendOTPResponse__Output>): grpc.ClientUnaryCall;
  sendOtp(argument: _phoneotp_SendOTPRequest, callback: grpc.requestCallback<_phoneotp_SendOTPResponse__Output>): grpc.ClientUnaryCall;
  
  VerifyOTP(argument: _phoneotp_VerifyOTPRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_phoneotp_VerifyOTPResponse__Output>): grpc.ClientUnaryCall;
  VerifyOTP(argument: _phoneotp_VerifyOTPRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_phoneotp_VerifyOTPResponse__Output>): grpc.ClientUnaryCall;
  VerifyOTP(argument: _phoneotp_VerifyOTPRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_phoneotp_VerifyOTPResponse__Output>): grpc.ClientUnaryCall;
  VerifyOTP(argument: _phoneotp_VerifyOTPRequest, callback: grpc.requestCallback<_phoneotp_VerifyOTPResponse__Output>): grpc.ClientUnaryCall;
  verifyOtp(argument: _phoneotp_VerifyOTPRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_phoneotp_VerifyOTPResponse__Output>): grpc.ClientUnaryCall;
  verifyOtp(argument: _phoneotp_VerifyOTPRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_phoneotp_VerifyOTPResponse__Output>): grpc.ClientUnaryCall;
  verifyOtp(argument: _phoneotp_VerifyOTPRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_phoneotp_VerifyOTPResponse__Output>): grpc.ClientUnaryCall;
  verifyOtp(argument: _phoneotp_VerifyOTPRequest, callback: grpc.requestCallback<_phoneotp_VerifyOTPResponse__Output>): grpc.ClientUnaryCall;
  
}

export interface PhoneOTPServiceHandlers extends grpc.UntypedServiceImplementation {
  SendOTP: grpc.handleUnaryCall<_phoneotp_SendOTPRequest__Output, _phoneotp_SendOTPResponse>;
  
  VerifyOTP: grpc.handleUnaryCall<_phoneotp_VerifyOTPRequest__Output, _phoneotp_VerifyOTPResponse>;
  
}

export interface PhoneOTPServiceDefinition extends grpc.ServiceDefinition {
  SendOTP: MethodDefinition<_phoneotp_SendOTPRequest, _phoneotp_SendOTPResponse, _phoneotp_SendOTPRequest__Output, _phoneotp_SendOTPResponse__Output>
  VerifyOTP: MethodDefinition<_phoneotp_VerifyOTPRequest, _phoneotp_VerifyOTPResponse, _phoneotp_VerifyOTPRequest__Output, _phoneotp_VerifyOTPResponse__Output>
}

// Original file: protos/account.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { SignInResponse as _account_SignInResponse, SignInResponse__Output as _account_SignInResponse__Output } from '../account/SignInResponse.ts';
import type { VerifyOTPRequest as _phoneotp_VerifyOTPRequest, VerifyOTPRequest__Output as _phoneotp_VerifyOTPRequest__Output } from '../phoneotp/VerifyOTPRequest.ts';

export interface AccountServiceClient extends grpc.Client {
  SignIn(argument: _phoneotp_VerifyOTPRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_account_SignInResponse__Output>): grpc.ClientUnaryCall;
  SignIn(argument: _phoneotp_VerifyOTPRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_account_SignInResponse__Output>): grpc.ClientUnaryCall;
  SignIn(argument: _phoneotp_VerifyOTPRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_account_SignInResponse__Output>): grpc.ClientUnaryCall;
  SignIn(argument: _phoneotp_VerifyOTPRequest, callback: grpc.requestCallback<_account_SignInResponse__Output>): grpc.ClientUnaryCall;
  signIn(argument: _phoneotp_VerifyOTPRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_account_SignInResponse__Output>): grpc.ClientUnaryCall;
  signIn(argument: _phoneotp_VerifyOTPRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_account_SignInResponse__Output>): grpc.ClientUnaryCall;
  signIn(argument: _phoneotp_VerifyOTPRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_account_SignInResponse__Output>): grpc.ClientUnaryCall;
  signIn(argument: _phoneotp_VerifyOTPRequest, callback: grpc.requestCallback<_account_SignInResponse__Output>): grpc.ClientUnaryCall;
  
}

export interface AccountServiceHandlers extends grpc.UntypedServiceImplementation {
  SignIn: grpc.handleUnaryCall<_phoneotp_VerifyOTPRequest__Output, _account_SignInResponse>;
  
}

export interface AccountServiceDefinition extends grpc.ServiceDefinition {
  SignIn: MethodDefinition<_phoneotp_VerifyOTPRequest, _account_SignInResponse, _phoneotp_VerifyOTPRequest__Output, _account_SignInResponse__Output>
}

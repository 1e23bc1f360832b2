import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { PhoneOTPServiceClient as _phoneotp_PhoneOTPServiceClient, PhoneOTPServiceDefinition as _phoneotp_PhoneOTPServiceDefinition } from './phoneotp/PhoneOTPService.ts';
import type { SendOTPRequest as _phoneotp_SendOTPRequest, SendOTPRequest__Output as _phoneotp_SendOTPRequest__Output } from './phoneotp/SendOTPRequest.ts';
import type { SendOTPResponse as _phoneotp_SendOTPResponse, SendOTPResponse__Output as _phoneotp_SendOTPResponse__Output } from './phoneotp/SendOTPResponse.ts';
import type { VerifyOTPRequest as _phoneotp_VerifyOTPRequest, VerifyOTPRequest__Output as _phoneotp_VerifyOTPRequest__Output } from './phoneotp/VerifyOTPRequest.ts';
import type { VerifyOTPResponse as _phoneotp_VerifyOTPResponse, VerifyOTPResponse__Output as _phoneotp_VerifyOTPResponse__Output } from './phoneotp/VerifyOTPResponse.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  phoneotp: {
    PhoneOTPService: SubtypeConstructor<typeof grpc.Client, _phoneotp_PhoneOTPServiceClient> & { service: _phoneotp_PhoneOTPServiceDefinition }
    SendOTPRequest: MessageTypeDefinition<_phoneotp_SendOTPRequest, _phoneotp_SendOTPRequest__Output>
    SendOTPResponse: MessageTypeDefinition<_phoneotp_SendOTPResponse, _phoneotp_SendOTPResponse__Output>
    VerifyOTPRequest: MessageTypeDefinition<_phoneotp_VerifyOTPRequest, _phoneotp_VerifyOTPRequest__Output>
    VerifyOTPResponse: MessageTypeDefinition<_phoneotp_VerifyOTPResponse, _phoneotp_VerifyOTPResponse__Output>
  }
}


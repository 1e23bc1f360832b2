// Original file: protos/phoneotp.proto


export interface SendOTPRequest {
  'phone_number'?: (string);
}

export interface SendOTPRequest__Output {
  'phone_number': (string);
}

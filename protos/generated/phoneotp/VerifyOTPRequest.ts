// Original file: protos/phoneotp.proto


export interface VerifyOTPRequest {
  'phone_number'?: (string);
  'otp'?: (string);
}

export interface VerifyOTPRequest__Output {
  'phone_number': (string);
  'otp': (string);
}

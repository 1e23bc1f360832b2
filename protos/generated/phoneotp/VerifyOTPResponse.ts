// Original file: protos/phoneotp.proto


export interface VerifyOTPResponse {
  'success'?: (boolean);
}

export interface VerifyOTPResponse__Output {
  'success': (boolean);
}

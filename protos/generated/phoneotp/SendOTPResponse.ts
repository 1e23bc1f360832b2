// Original file: protos/phoneotp.proto


export interface SendOTPResponse {
  'success'?: (boolean);
}

export interface SendOTPResponse__Output {
  'success': (boolean);
}

"""Serves phone OTP. The code is 123456 for every phone, but for one that has had enough of them."""

import grpc
import phoneotp_pb2 as pb
import phoneotp_pb2_grpc
import rpc_status_pb2
from google.protobuf.duration_pb2 import Duration
from peer import abort, as_dict, say, serve


class PhoneOTP(phoneotp_pb2_grpc.PhoneOTPServiceServicer):
    def SendOTP(self, request, context):
        say("SendOTP", **as_dict(request))
        if request.phone_number == "+14155550199":
            retry = rpc_status_pb2.RetryInfo(retry_delay=Duration(seconds=90))
            abort(context, grpc.StatusCode.RESOURCE_EXHAUSTED, "too many codes", retry)
        return pb.SendOTPResponse(success=True)

    def VerifyOTP(self, request, context):
        say("VerifyOTP", **as_dict(request))
        return pb.VerifyOTPResponse(success=request.otp == "123456")


serve(lambda server: phoneotp_pb2_grpc.add_PhoneOTPServiceServicer_to_server(PhoneOTP(), server))

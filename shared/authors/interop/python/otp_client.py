"""Has a code sent by the server at the address that it is given, reads it from its input, and makes good use of it, and bad."""

import sys

import grpc
import phoneotp_pb2 as pb
import phoneotp_pb2_grpc
from peer import BOUND, as_dict, say, say_outcome


def main(address):
    with grpc.insecure_channel(address) as channel:
        stub = phoneotp_pb2_grpc.PhoneOTPServiceStub(channel)
        phone = "+14155550123"

        def send(number):
            return stub.SendOTP(pb.SendOTPRequest(phone_number=number), timeout=BOUND)

        def verify(code):
            return stub.VerifyOTP(pb.VerifyOTPRequest(phone_number=phone, otp=code), timeout=BOUND)

        say("sent", **as_dict(send("+1 (415) 555-0123")))
        code = sys.stdin.readline().strip()
        say_outcome("sent too soon", lambda: send(phone))
        say_outcome("sent nowhere", lambda: send("555"))
        say_outcome("verified wrongly", lambda: verify("12345"))
        wrong = "000000" if code != "000000" else "111111"
        say("verified", wrong=verify(wrong).success, right=verify(code).success, again=verify(code).success)


main(sys.argv[1])

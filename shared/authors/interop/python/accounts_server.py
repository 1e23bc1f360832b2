"""Lets everybody in with the code 123456. The first token that it gives is good for nothing but asking for another."""

import account_pb2
import account_pb2_grpc
import grpc
import live_chat_pb2
import live_chat_pb2_grpc
import phoneotp_pb2
import phoneotp_pb2_grpc
import user_service_pb2
import user_service_pb2_grpc
from google.protobuf.duration_pb2 import Duration
from peer import metadata_of, say, serve

ADA = user_service_pb2.User(id="7", name="Ada", email="ada@example.com", phone_number="+14155550123")


class Accounts:
    """All four services: no two of their methods have the same name."""

    def __init__(self):
        self.tokens = 0

    def admit(self, what, context):
        """Says what came as a token, and takes no other than the newest, from the second on."""
        authorization = metadata_of(context).get("authorization")
        say(what, authorization=authorization)
        if self.tokens < 2 or authorization != f"Bearer token-{self.tokens}":
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "This token is no longer good.")

    def SendOTP(self, request, context):
        say("SendOTP", authorization=metadata_of(context).get("authorization"))
        return phoneotp_pb2.SendOTPResponse(success=True)

    def SignIn(self, request, context):
        say("SignIn", authorization=metadata_of(context).get("authorization"))
        if request.otp != "123456":
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "This is no good code.")
        self.tokens += 1
        token = f"token-{self.tokens}"
        return account_pb2.SignInResponse(access_token=token, expires_in=Duration(seconds=60), user=ADA)

    def GetUser(self, request, context):
        self.admit("GetUser", context)
        return ADA

    def ListUsers(self, request, context):
        self.admit("ListUsers", context)
        context.abort(grpc.StatusCode.PERMISSION_DENIED, "This is not for you.")

    CreateUser = UpdateUser = DeleteUser = VerifyOTP = ListUsers

    def SendMessage(self, request, context):
        self.admit("SendMessage", context)
        return request

    def ReceiveMessage(self, request, context):
        self.admit("ReceiveMessage", context)
        yield live_chat_pb2.Message(user_name="Grace", text="Hello Ada")
        yield live_chat_pb2.Message(user_name="Grace", text="Goodbye")


def register(server):
    accounts = Accounts()
    account_pb2_grpc.add_AccountServiceServicer_to_server(accounts, server)
    phoneotp_pb2_grpc.add_PhoneOTPServiceServicer_to_server(accounts, server)
    user_service_pb2_grpc.add_UserServiceServicer_to_server(accounts, server)
    live_chat_pb2_grpc.add_ChatServiceServicer_to_server(accounts, server)


serve(register)

"""Signs in two people, the second an admin, at the address that it is given; reads from its input the code that each gets."""

import sys

import account_pb2_grpc
import grpc
import live_chat_pb2
import live_chat_pb2_grpc
import phoneotp_pb2
import phoneotp_pb2_grpc
import user_service_pb2
import user_service_pb2_grpc
from google.protobuf.field_mask_pb2 import FieldMask
from peer import BOUND, as_dict, say, say_outcome


def main(address):
    with grpc.insecure_channel(address) as channel:
        users = user_service_pb2_grpc.UserServiceStub(channel)

        def get(user_id, metadata=()):
            request = user_service_pb2.GetUserRequest(id=user_id)
            return users.GetUser(request, timeout=BOUND, metadata=metadata)

        def list_users(metadata):
            return users.ListUsers(user_service_pb2.ListUsersRequest(), timeout=BOUND, metadata=metadata)

        say_outcome("no token", lambda: get("1"))
        say_outcome("no good token", lambda: get("1", bearer("a.b.c")))
        say_outcome("no scheme", lambda: get("1", (("authorization", "let me in"),)))

        ada = sign_in(channel, "ada", "+14155550123")
        token = bearer(ada.access_token)
        say_outcome("own profile", lambda: get(ada.user.id, token))
        # A scheme is the same in capitals and in small letters.
        say_outcome("small letters", lambda: get(ada.user.id, (("authorization", f"bearer {ada.access_token}"),)))
        say_outcome("somebody else's", lambda: get("1", token))
        say_outcome("list", lambda: list_users(token))
        say_outcome(
            "for nobody",
            lambda: users.CreateUser(user_service_pb2.CreateUserRequest(), timeout=BOUND, metadata=token),
        )
        renamed = user_service_pb2.UpdateUserRequest(
            user=user_service_pb2.User(id=ada.user.id, name="Zoë"), update_mask=FieldMask(paths=["name"])
        )
        say("renamed", user=as_dict(users.UpdateUser(renamed, timeout=BOUND, metadata=token)))
        talk(channel, token)

        admin = sign_in(channel, "admin", "+14155550100")
        say_outcome("list as an admin", lambda: list_users(bearer(admin.access_token)))


def bearer(token):
    return (("authorization", f"Bearer {token}"),)


def sign_in(channel, who, phone):
    phones = phoneotp_pb2_grpc.PhoneOTPServiceStub(channel)
    account = account_pb2_grpc.AccountServiceStub(channel)
    phones.SendOTP(phoneotp_pb2.SendOTPRequest(phone_number=phone), timeout=BOUND)
    say(f"{who} has a code")
    code = sys.stdin.readline().strip()

    def bring(otp):
        return account.SignIn(phoneotp_pb2.VerifyOTPRequest(phone_number=phone, otp=otp), timeout=BOUND)

    wrong = "000000" if code != "000000" else "111111"
    say_outcome(f"{who} with a wrong code", lambda: bring(wrong))
    signed_in = bring(code)
    say(who, life=signed_in.expires_in.seconds, user=as_dict(signed_in.user))
    return signed_in


def talk(channel, token):
    chat = live_chat_pb2_grpc.ChatServiceStub(channel)
    nothing = live_chat_pb2.Empty()
    say_outcome("listen without a token", lambda: next(chat.ReceiveMessage(nothing, timeout=BOUND)))
    listening = chat.ReceiveMessage(nothing, timeout=BOUND, metadata=token)
    listening.initial_metadata()
    chat.SendMessage(live_chat_pb2.Message(user_name="Grace", text="Hello"), timeout=BOUND, metadata=token)
    say("heard", **as_dict(next(listening)))
    listening.cancel()


main(sys.argv[1])

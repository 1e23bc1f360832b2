"""Two listen in the live chat at the address that it is given, and one of them leaves before the other."""

import sys

import grpc
import live_chat_pb2
import live_chat_pb2_grpc
from peer import BOUND, as_dict, say, say_outcome, status_of


def main(address):
    nothing = live_chat_pb2.Empty()
    with grpc.insecure_channel(address) as channel, grpc.insecure_channel(address) as other_channel:
        stub = live_chat_pb2_grpc.ChatServiceStub(channel)
        ada = stub.ReceiveMessage(nothing, timeout=BOUND)
        grace = live_chat_pb2_grpc.ChatServiceStub(other_channel).ReceiveMessage(nothing, timeout=BOUND)
        # Comes once the server has taken them in.
        ada.initial_metadata()
        grace.initial_metadata()

        replies = [as_dict(stub.SendMessage(message(text), timeout=BOUND)) for text in ("Hello", "Grüß Gott 🎈")]
        say("sent", replies=replies)
        say("ada", heard=[next(ada).text, next(ada).text])
        say("grace", heard=[next(grace).text, next(grace).text])

        say_outcome("empty", lambda: stub.SendMessage(message(""), timeout=BOUND))
        # The listing as it stands names no package: this is what a client made from it calls.
        say_outcome(
            "no package",
            lambda: channel.unary_unary("/ChatService/SendMessage")(
                message("").SerializeToString(), timeout=BOUND
            ),
        )

        grace.cancel()
        say("left", **status_of(grace))
        stub.SendMessage(message("Where is Grace?"), timeout=BOUND)
        say("alone", heard=next(ada).text)
        # From here on, the server may stop.
        say_outcome("stopped", lambda: next(ada))


def message(text):
    return live_chat_pb2.Message(user_name="Ada", text=text)


main(sys.argv[1])

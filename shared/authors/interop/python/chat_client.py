"""Talks in the chat, and asks for its stats and its history, at the address that it is given."""

import queue
import sys

import chat_pb2
import chat_pb2_grpc
import grpc
from peer import BOUND, as_dict, say, status_of


def message(text, user="Ada"):
    return chat_pb2.MessageRequest(user_from=user, chat_room="lobby", message=text)


def main(address):
    with grpc.insecure_channel(address) as channel:
        stub = chat_pb2_grpc.ChatServiceStub(channel)
        talk(stub)
        # A character beyond the first 65,536 is one character, not two.
        longest = stub.SendAndReceiveMessage(iter([message("🎈" * 4000)]), timeout=BOUND)
        say("longest", length=len(next(longest).message))
        refused(stub, "empty", message(""))
        refused(stub, "too long", message("🎈" * 4001))
        cancelled(stub)
        say("stats", **as_dict(stub.GetStats(chat_pb2.EmptyRequest(), timeout=BOUND)))
        # The listing as it stands names no package: this is what a client made from it calls.
        bare = channel.unary_unary("/ChatService/GetStats")(b"", timeout=BOUND)
        say("no package", **as_dict(chat_pb2.StatsReply.FromString(bare)))
        history = stub.GetMessages(chat_pb2.EmptyRequest(), timeout=BOUND)
        say("history", lengths=[len(reply.message) for reply in history], **status_of(history))


def talk(stub):
    """Waits for the acknowledgement of each message, and then closes its half."""
    requests = queue.Queue()
    call = stub.SendAndReceiveMessage(iter(requests.get, None), timeout=BOUND)
    acknowledged = []
    for text in ("Hello", "Grüß Gott 🎈"):
        requests.put(message(text))
        acknowledged.append(as_dict(next(call)))
    requests.put(None)
    acknowledged.extend(as_dict(reply) for reply in call)
    say("talk", acknowledged=acknowledged, **status_of(call))


def refused(stub, what, wrong):
    """Sends a message that is wrong behind one that is right."""
    call = stub.SendAndReceiveMessage(iter([message("right", user=what), wrong]), timeout=BOUND)
    acknowledged = 0
    try:
        for _ in call:
            acknowledged += 1
    except grpc.RpcError:
        say(what, acknowledged=acknowledged, **status_of(call))


def cancelled(stub):
    """Leaves while its own half is still open."""
    requests = queue.Queue()
    call = stub.SendAndReceiveMessage(iter(requests.get, None), timeout=BOUND)
    requests.put(message("And away"))
    next(call)
    call.cancel()
    requests.put(None)
    say("cancelled", **status_of(call))


main(sys.argv[1])

"""Talks and listens at several servers of one chat, and counts what becomes of each message that was acknowledged.

Its arguments are the servers' addresses. It talks until its input has a line, and says then what it has counted.
"""

import itertools
import sys
import threading
import time

import grpc
import live_chat_pb2
import live_chat_pb2_grpc
from peer import BOUND, say

ADDRESSES = sys.argv[1:]
OPTIONS = (("grpc.initial_reconnect_backoff_ms", 50), ("grpc.max_reconnect_backoff_ms", 200))
STUBS = [
    live_chat_pb2_grpc.ChatServiceStub(grpc.insecure_channel(address, options=OPTIONS)) for address in ADDRESSES
]
WRITERS, LISTENERS = 4, 3
# After so many messages each, it says how many were acknowledged.
EVERY = 10
over = threading.Event()
counting = threading.Lock()
counts = {"acknowledged": 0, "unknown": 0}


def count(what):
    with counting:
        counts[what] += 1
        if what == "unknown" or counts[what] % EVERY == 0:
            say(what, count=counts[what])


class Listener:
    """Follows the chat from server to server, from the position on that the first one has named."""

    def __init__(self, first):
        self.first, self.heard, self.position, self.failed = first, [], None, None
        self.begun = threading.Event()
        self.thread = threading.Thread(target=self.follow, daemon=True)
        self.thread.start()

    def follow(self):
        turn = self.first
        while True:
            metadata = () if self.position is None else (("after", str(self.position)),)
            call = STUBS[turn % len(STUBS)].ReceiveMessage(live_chat_pb2.Empty(), metadata=metadata)
            try:
                self.position = int(dict(call.initial_metadata())["position"])
                self.begun.set()
                for message in call:
                    self.heard.append(message.text)
                    self.position += 1
            except (grpc.RpcError, KeyError):
                if call.code() != grpc.StatusCode.UNAVAILABLE:
                    self.failed = f"{call.code()}: {call.details()}"
                    return
            turn += 1
            time.sleep(0.02)


class Writer:
    """Says one thing after the other, each once, and goes to the next server when one has not acknowledged."""

    def __init__(self, number):
        self.number, self.acknowledged, self.unknown = number, [], []
        self.thread = threading.Thread(target=self.talk, daemon=True)

    def talk(self):
        turn = self.number
        while not over.is_set():
            text = f"{self.number}: {len(self.acknowledged) + len(self.unknown)}"
            message = live_chat_pb2.Message(user_name=f"writer {self.number}", text=text)
            try:
                STUBS[turn % len(STUBS)].SendMessage(message, timeout=BOUND)
                self.acknowledged.append(text)
                count("acknowledged")
            except grpc.RpcError:
                self.unknown.append(text)
                count("unknown")
                turn += 1
                time.sleep(0.02)


def say_the_last():
    """Says something until it is acknowledged, each time in other words. Returns those."""
    until = time.monotonic() + BOUND
    for turn in itertools.count():
        text = f"the last: {turn}"
        try:
            STUBS[turn % len(STUBS)].SendMessage(live_chat_pb2.Message(user_name="the last", text=text), timeout=BOUND)
            return text
        except grpc.RpcError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


def in_order(texts, heard):
    places = {text: place for place, text in enumerate(heard)}
    found = [places[text] for text in texts if text in places]
    return found == sorted(found)


listeners = [Listener(first) for first in range(LISTENERS)]
for listener in listeners:
    listener.begun.wait(BOUND)
writers = [Writer(number) for number in range(WRITERS)]
for writer in writers:
    writer.thread.start()
say("talking")
sys.stdin.readline()
over.set()
for writer in writers:
    writer.thread.join(2 * BOUND)
acknowledged = [text for writer in writers for text in writer.acknowledged]
# All have one order: whoever has heard this one has heard all that was said before it.
last = say_the_last()
until = time.monotonic() + BOUND
while time.monotonic() < until and any(last not in each.heard for each in listeners):
    time.sleep(0.05)
first = listeners[0].heard
say(
    "counted",
    acknowledged=len(acknowledged),
    unknown=sum(len(writer.unknown) for writer in writers),
    lost=sum(len(set(acknowledged) - set(each.heard)) for each in listeners),
    doubled=sum(len(each.heard) - len(set(each.heard)) for each in listeners),
    disordered=sum(not in_order(writer.acknowledged, each.heard) for each in listeners for writer in writers),
    # Nobody hears them in another order than the first one does.
    differing=sum(each.heard != first for each in listeners),
    failed=[each.failed for each in listeners if each.failed],
)

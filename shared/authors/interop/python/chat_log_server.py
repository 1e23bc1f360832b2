"""Serves the live chat from a list, as one of several servers: it leaves whoever says goodbye to the others."""

import threading

import grpc
import live_chat_pb2_grpc
from peer import BOUND, abort, metadata_of, say, serve


class LiveChat(live_chat_pb2_grpc.ChatServiceServicer):
    def __init__(self):
        self.log, self.grown = [], threading.Condition()

    def SendMessage(self, request, context):
        with self.grown:
            self.log.append(request)
            self.grown.notify_all()
        return request

    def ReceiveMessage(self, request, context):
        after = metadata_of(context).get("after")
        say("subscribed", after=after)
        position = len(self.log) if after is None else int(after)
        context.send_initial_metadata((("position", str(position)),))
        context.add_callback(self.wake)
        while context.is_active():
            with self.grown:
                self.grown.wait_for(lambda: len(self.log) > position or not context.is_active(), BOUND)
            for message in self.log[position:]:
                position += 1
                yield message
                if message.text == "Goodbye" and after is None:
                    abort(context, grpc.StatusCode.UNAVAILABLE, "Try another server.")

    def wake(self):
        with self.grown:
            self.grown.notify_all()


serve(lambda server: live_chat_pb2_grpc.add_ChatServiceServicer_to_server(LiveChat(), server))

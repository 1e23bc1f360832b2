"""Serves the live chat. Grace is in it, and greets whoever speaks; it ends the stream of whoever says goodbye."""

import queue

import grpc
import live_chat_pb2
import live_chat_pb2_grpc
from peer import BOUND, abort, as_dict, say, serve


class LiveChat(live_chat_pb2_grpc.ChatServiceServicer):
    def __init__(self):
        self.listening = []

    def SendMessage(self, request, context):
        say("message", seconds_left=context.time_remaining(), **as_dict(request))
        for waiting in self.listening:
            waiting.put(live_chat_pb2.Message(user_name="Grace", text=f"Hello {request.user_name}"))
            waiting.put(request)
        return request

    def ReceiveMessage(self, request, context):
        waiting = queue.Queue()
        self.listening.append(waiting)
        context.add_callback(lambda: waiting.put(None))
        # The client cannot know that it is in before this comes.
        context.send_initial_metadata(())
        try:
            for message in iter(lambda: waiting.get(timeout=BOUND), None):
                yield message
                if message.text == "Goodbye":
                    abort(context, grpc.StatusCode.RESOURCE_EXHAUSTED, "That is enough.")
            say("left")
        finally:
            self.listening.remove(waiting)


serve(lambda server: live_chat_pb2_grpc.add_ChatServiceServicer_to_server(LiveChat(), server))

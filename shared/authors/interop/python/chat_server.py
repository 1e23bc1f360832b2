"""Serves the chat. It ends the stream of whoever says that they are a stranger."""

import chat_pb2
import chat_pb2_grpc
import grpc
from peer import abort, as_dict, say, serve


class Chat(chat_pb2_grpc.ChatServiceServicer):
    def __init__(self):
        self.received = []

    def GetStats(self, request, context):
        return chat_pb2.StatsReply(num_messages=len(self.received))

    def GetMessages(self, request, context):
        yield from self.received

    def SendAndReceiveMessage(self, request_iterator, context):
        user = None
        for request in request_iterator:
            user = request.user_from
            if user == "stranger":
                abort(context, grpc.StatusCode.PERMISSION_DENIED, "Strangers may not talk here.")
            say("message", **as_dict(request))
            reply = chat_pb2.MessageReply(
                user_from=user, chat_room=request.chat_room, message=request.message
            )
            self.received.append(reply)
            yield reply
        say("finished", user=user)


serve(lambda server: chat_pb2_grpc.add_ChatServiceServicer_to_server(Chat(), server))

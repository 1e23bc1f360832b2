"""Serves users, two a page however many are asked for. An id that nobody has ends a call with all kinds of details."""

import grpc
import rpc_status_pb2
import user_service_pb2 as pb
import user_service_pb2_grpc
from google.protobuf.empty_pb2 import Empty
from peer import abort, as_dict, say, serve


class Users(user_service_pb2_grpc.UserServiceServicer):
    def __init__(self):
        self.users = {}

    def CreateUser(self, request, context):
        say("CreateUser", **as_dict(request))
        user = pb.User()
        user.CopyFrom(request.user)
        user.id = str(len(self.users) + 1)
        user.create_time.FromJsonString("2024-02-29T12:34:56.789Z")
        user.update_time.FromJsonString("2024-02-29T12:34:56.789Z")
        self.users[user.id] = user
        return user

    def GetUser(self, request, context):
        return self.find(request.id, context)

    def UpdateUser(self, request, context):
        say("UpdateUser", **as_dict(request))
        user = self.find(request.user.id, context)
        request.update_mask.MergeMessage(request.user, user)
        return user

    def DeleteUser(self, request, context):
        say("DeleteUser", **as_dict(request))
        self.find(request.id, context)
        return Empty()

    def ListUsers(self, request, context):
        say("ListUsers", **as_dict(request))
        if request.page_token == "":
            ada, grace = pb.User(id="1", name="Ada"), pb.User(id="2", name="Grace")
            return pb.ListUsersResponse(users=[ada, grace], next_page_token="ö?/+=")
        return pb.ListUsersResponse(users=[pb.User(id="3", name="Zoë")])

    def find(self, user_id, context):
        if user_id in self.users:
            return self.users[user_id]
        violation = rpc_status_pb2.BadRequest.FieldViolation(field="id", description="is nobody's")
        reason = rpc_status_pb2.ErrorInfo(reason="USER_UNHEARD_OF", domain="python")
        details = (rpc_status_pb2.BadRequest(field_violations=[violation]), reason)
        abort(context, grpc.StatusCode.NOT_FOUND, "Wer ist das? 🎈", *details)


serve(lambda server: user_service_pb2_grpc.add_UserServiceServicer_to_server(Users(), server))

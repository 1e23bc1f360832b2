"""Has users. It is ready for them, then not for a while, and then again, and says how often it was called by then."""

import threading
import time

import health_pb2 as pb
import health_pb2_grpc
import user_service_pb2 as users
import user_service_pb2_grpc
from peer import say, serve

SERVING, NOT_SERVING = pb.HealthCheckResponse.SERVING, pb.HealthCheckResponse.NOT_SERVING

calls = 0
lock = threading.Lock()


class Users(user_service_pb2_grpc.UserServiceServicer):
    def ListUsers(self, request, context):
        global calls
        with lock:
            calls += 1
        return users.ListUsersResponse(users=[users.User(id="1", name="Ada")])


class Health(health_pb2_grpc.HealthServicer):
    def Check(self, request, context):
        return pb.HealthCheckResponse(status=SERVING)

    def Watch(self, request, context):
        yield pb.HealthCheckResponse(status=SERVING)
        time.sleep(2)
        yield pb.HealthCheckResponse(status=NOT_SERVING)
        # What is under way has its time to come.
        time.sleep(1)
        say("SERVING", calls=calls)
        before = calls
        time.sleep(1)
        say("idle", calls=calls - before)
        yield pb.HealthCheckResponse(status=SERVING)
        time.sleep(1)
        say("SERVING again", calls=calls)
        while context.is_active():
            time.sleep(0.1)


def register(server):
    health_pb2_grpc.add_HealthServicer_to_server(Health(), server)
    user_service_pb2_grpc.add_UserServiceServicer_to_server(Users(), server)


serve(register)

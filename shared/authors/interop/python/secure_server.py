"""Serves Hello with TLS, from the folder of certificates that it is given, to clients that show one of theirs."""

import pathlib
import sys

import grpc
import hello_pb2
import hello_pb2_grpc
from peer import say, serve


class Hello(hello_pb2_grpc.HelloServicer):
    def hello(self, request, context):
        names = context.auth_context()["x509_subject_alternative_name"]
        say("hello", name=request.name, callers=[name.decode() for name in names])
        return hello_pb2.HelloReply(message=f"{request.greeting} {request.name}")


def pem(name):
    return pathlib.Path(sys.argv[1], name).read_bytes()


credentials = grpc.ssl_server_credentials(
    [(pem("server.key"), pem("server.crt"))], root_certificates=pem("ca.crt"), require_client_auth=True
)
serve(lambda server: hello_pb2_grpc.add_HelloServicer_to_server(Hello(), server), credentials)
